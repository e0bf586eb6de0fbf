"""Names that users give: known ones, and what a mistyped one was meant to be."""

from typing import Any

import pytest

from hrm_probe.errors import InputError
from hrm_probe.near_names import name_among, names_among, near_or_all, with_near

FEW = ["z_L", "z_H", "logits"]
MANY = ["z_L", "z_H", "logits", "embed", "pattern", "post", "pre", "q_halt", "q_continue"]


def test_of_many_names_those_near_are_told_the_nearest_first() -> None:
    assert near_or_all("logit", MANY) == "near names are logits"
    assert near_or_all("z_Ha", MANY) == "near names are z_H, z_L"


def test_of_few_all_are_told_in_their_order() -> None:
    assert near_or_all("logit", FEW) == "choose among z_L, z_H, logits"


def test_so_are_those_of_many_where_none_is_near_unless_others_stand_for_them() -> None:
    assert near_or_all("zebra", MANY) == f"choose among {', '.join(MANY)}"
    assert near_or_all("zebra", MANY, all_told=["z_L and more"]) == "choose among z_L and more"
    assert near_or_all("logit", MANY, all_told=["z_L and more"]) == "near names are logits"


def test_a_name_is_told_with_the_one_that_comes_nearest_or_alone() -> None:
    assert with_near("logit", FEW) == "logit (near logits)"
    assert with_near("attention", FEW) == "attention"


def test_names_that_share_much_can_be_asked_to_be_nearer() -> None:
    weights = ["L.layers.0.mlp.down", "L.layers.1.mlp.down"]
    assert with_near("H.layers.0.attn.down", weights) == "H.layers.0.attn.down (near L.layers.0.mlp.down)"
    assert with_near("H.layers.0.attn.down", weights, cutoff=0.9) == "H.layers.0.attn.down"


def test_one_name_or_several_are_given_back_each_once_and_in_their_order() -> None:
    assert name_among("z_H", FEW, "site") == "z_H"
    assert names_among("z_H", FEW, "site") == ["z_H"]
    assert names_among(("logits", "z_H", "logits"), FEW, "site") == ["logits", "z_H"]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("logit", "There is no site 'logit'; choose among z_L, z_H, logits."),
        (["z_H", "attention"], "There is no site 'attention'; choose among z_L, z_H, logits."),
        ([], "No site was named; choose among z_L, z_H, logits."),
        ([["z_H"]], "There is no site ['z_H']; choose among z_L, z_H, logits."),
    ],
)
def test_a_name_that_is_not_known_is_refused_by_what_it_should_name(names: Any, told: str) -> None:
    with pytest.raises(InputError) as refused:
        names_among(names, FEW, "site")
    assert str(refused.value) == told
