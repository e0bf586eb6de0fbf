"""Curricula of one's own in the place of a recipe's."""

import json
from pathlib import Path
from typing import Any

import pytest

from hrm_probe.errors import InputError
from hrm_probe.training import PlateauDepth, ProgressiveDepth, Stage, SupervisionWeighting, train
from tests.training.tiny_runs import assert_bit_identical, ctrl_c_at, rows, tiny

DEEP = tiny(L_cycles=3, H_cycles=2, steps=20, log_every=1, evaluate_every=10)
OWN = ProgressiveDepth((Stage(0.25, 1, 1), Stage(1.0, 3, 1)))


def test_its_stages_are_those_that_are_trained_and_the_model_keeps_the_recipes_depth(tmp_path: Path) -> None:
    result = train(DEEP, tmp_path, depth=OWN)
    depths = [(row["L_cycles"], row["H_cycles"]) for row in rows(tmp_path) if "loss" in row]
    assert depths == [(1, 1)] * 5 + [(3, 1)] * 15
    assert (result.model.config.L_cycles, result.model.config.H_cycles) == (3, 2)
    assert json.loads((tmp_path / "summary.json").read_text())["curricula"] == {"depth": repr(OWN)}


def test_the_recipes_own_ones_given_as_objects_train_the_same_model(tmp_path: Path) -> None:
    by_name = train(DEEP.replace(depth="cgar", supervision="cgar"), tmp_path / "named")
    by_hand = train(
        DEEP,
        tmp_path / "own",
        depth=ProgressiveDepth.cgar(3, 2),
        supervision=SupervisionWeighting.cgar(DEEP.max_segments),
    )
    assert_bit_identical(by_name, by_hand)
    assert by_name.summary["curricula"] == {}


def test_a_run_goes_on_with_the_same_ones_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ctrl_c_at(8, monkeypatch):
        assert not train(DEEP, tmp_path / "stopped", depth=OWN).finished
    with pytest.raises(
        InputError, match=r"began with depth=ProgressiveDepth\(.*, and now has the recipe's; go on"
    ):
        train(out=tmp_path / "stopped", resume=True)
    gone_on = train(out=tmp_path / "stopped", resume=True, depth=OWN)
    assert_bit_identical(gone_on, train(DEEP, tmp_path / "whole", depth=OWN))


def test_a_schedule_that_listens_to_the_loss_is_left_as_it_was_given(tmp_path: Path) -> None:
    plateau = PlateauDepth(OWN, window=0.1, fall=0.9)
    result = train(DEEP, tmp_path, depth=plateau)
    assert (plateau.index, plateau.switches) == (0, [])
    assert len(result.summary["depths"]) == 2


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"depth": "cgar"}, "give a ProgressiveDepth or a PlateauDepth"),
        ({"supervision": 0.7}, "give a SupervisionWeighting"),
        (
            {"supervision": SupervisionWeighting.cgar(16)},
            "weighs 16 segments, .* up to 4; make it with segments=4",
        ),
    ],
)
def test_what_is_no_curriculum_or_does_not_fit_is_refused(
    own: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=told):
        train(DEEP, tmp_path / "run", **own)
    assert not (tmp_path / "run").exists()
