"""The depths that a model is asked at, and what they cost it."""

import pytest
from asked_depths import Depth, asked_at, depth_in_words, depths_up_to

from hrm_probe.models import ModelConfig, build_model

SMALL = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=3, L_layers=1, H_cycles=3, L_cycles=6)


def test_both_modules_of_an_hrm_are_counted() -> None:
    # A segment passes each of L_cycles * H_cycles updates of the one module, and H_cycles of the other.
    assert depths_up_to(SMALL) == [Depth(2, 1, 2 + 3), Depth(4, 2, 8 + 6), Depth(6, 3, 18 + 9)]


def test_trms_one_module_is_both() -> None:
    assert [depth.layers for depth in depths_up_to(SMALL.replace(architecture="trm"))] == [3, 10, 21]


def test_a_shallow_model_is_asked_once_at_each_depth() -> None:
    assert depths_up_to(SMALL.replace(L_cycles=1, H_cycles=1)) == [Depth(1, 1, 4)]


def test_the_model_is_at_its_own_depth_again() -> None:
    model = build_model(SMALL)
    own, shallow = model.config, depths_up_to(SMALL)[0]
    with asked_at(model, shallow):
        assert (model.config.L_cycles, model.config.H_cycles) == (2, 1)
    assert model.config is own
    with pytest.raises(KeyError), asked_at(model, shallow):
        raise KeyError
    assert model.config is own


def test_a_card_says_where_training_ended_shallower_than_the_model_is_asked() -> None:
    shallow, full = {"L_cycles": 6, "H_cycles": 1}, {"L_cycles": 6, "H_cycles": 3}
    told = depth_in_words(SMALL.replace(max_segments=15), [full, shallow])
    assert "Trained at (L, H) = (6, 1) to the end, asked at (6, 3)" in told
    assert "one segment is 3 of training, where no run went beyond what is segment 5 here" in told
    assert depth_in_words(SMALL, [shallow, full]) == ""


def test_a_segment_of_a_trm_is_no_multiple_of_a_shallower_one() -> None:
    """Of an HRM neither, where the L-cycles differ."""
    shallow = {"L_cycles": 2, "H_cycles": 1}
    for config in (SMALL, SMALL.replace(architecture="trm")):
        assert depth_in_words(config, [shallow]).endswith("asked at (6, 3).\n\n")
