"""What a mistyped name was meant to be."""

from hrm_probe.near_names import near_or_all, with_near

KNOWN = ["z_L", "z_H", "logits", "q_halt"]


def test_the_nearest_name_comes_first() -> None:
    assert near_or_all("logit", KNOWN) == "near names are logits"
    assert near_or_all("z_Ha", KNOWN) == "near names are z_H, z_L"


def test_where_no_name_is_near_all_are_told_in_their_order() -> None:
    assert near_or_all("attention", KNOWN) == "there are z_L, z_H, logits, q_halt"


def test_of_too_many_names_others_are_told() -> None:
    assert near_or_all("attention", KNOWN, all_told=["z_L and three more"]) == "there are z_L and three more"
    assert near_or_all("logit", KNOWN, all_told=["z_L and three more"]) == "near names are logits"


def test_a_name_is_told_with_the_one_that_comes_nearest_or_alone() -> None:
    assert with_near("logit", KNOWN) == "logit (near logits)"
    assert with_near("attention", KNOWN) == "attention"


def test_names_that_share_much_can_be_asked_to_be_nearer() -> None:
    weights = ["L.layers.0.mlp.down", "L.layers.1.mlp.down"]
    assert with_near("H.layers.0.attn.down", weights) == "H.layers.0.attn.down (near L.layers.0.mlp.down)"
    assert with_near("H.layers.0.attn.down", weights, cutoff=0.9) == "H.layers.0.attn.down"
