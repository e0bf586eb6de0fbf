"""Beginning with a finished model's weights: they are taken whole, or refused in a sentence."""

import shutil
from pathlib import Path

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.training import train
from tests.training.tiny_runs import assert_bit_identical, tiny, weights

HARDLY_MOVING = {"steps": 1, "lr": 1e-12, "puzzle_lr": 0.0, "weight_decay": 0.0, "puzzle_weight_decay": 0.0}


@pytest.fixture(scope="module")
def ancestor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tiny(steps=5, seed=7), tmp_path_factory.mktemp("ancestor")).out


@pytest.mark.parametrize("how_it_is_run", [{}, {"L_cycles": 3, "max_segments": 2, "halting": "sign"}])
def test_training_begins_where_the_other_ended(
    tmp_path: Path, ancestor: Path, how_it_is_run: dict[str, object]
) -> None:
    begun = train(tiny(init_from=str(ancestor), **HARDLY_MOVING, **how_it_is_run), tmp_path / "begun")
    random = train(tiny(**HARDLY_MOVING, **how_it_is_run), tmp_path / "random")
    first = weights(train(tiny(steps=5, seed=7), ancestor, resume=True))
    for name, weight in weights(begun).items():
        torch.testing.assert_close(weight, first[name], rtol=0, atol=1e-7)
    assert not torch.allclose(weights(random)["W_E"], first["W_E"], atol=1e-2)
    assert begun.summary["settings"]["init_from"] == str(ancestor)


def test_a_killed_run_does_not_need_its_first_weights_again(tmp_path: Path, ancestor: Path) -> None:
    source = shutil.copytree(ancestor / "model", tmp_path / "source")
    recipe = tiny(init_from=str(source), steps=9)
    whole = train(recipe, tmp_path / "whole")
    run = shutil.copytree(whole.out, tmp_path / "run")
    shutil.rmtree(source)
    assert_bit_identical(train(recipe, run, resume=True), whole)
    with pytest.raises(InputError, match="There is no model"):
        train(recipe, tmp_path / "another")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"d_model": 8}, r"there d_model is 16 instead of 8\. Change the recipe's settings"),
        ({"architecture": "trm"}, "there architecture is hrm instead of trm"),
        ({"n_heads": 1}, "there n_heads is 2 instead of 1"),
        (
            {"train_set": "6x6-train", "test_set": "6x6-test"},
            "there vocab is 6 instead of 8, cells is 16 instead",
        ),
    ],
)
def test_other_shapes_are_refused(
    tmp_path: Path, ancestor: Path, settings: dict[str, object], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        train(tiny(init_from=str(ancestor), **settings), tmp_path / "run")


def test_what_a_kind_of_model_ignores_may_differ(tmp_path: Path) -> None:
    shape = {"architecture": "trm", "mixer": "mlp", "positions": "none", "steps": 1}
    first = train(tiny(**shape), tmp_path / "first")
    train(tiny(**shape, H_layers=3, n_heads=1, init_from=str(first.out)), tmp_path / "second")


def test_a_model_that_mixes_otherwise_is_refused(tmp_path: Path, ancestor: Path) -> None:
    """What only one kind of model has is no difference to tell of."""
    mlp = train(tiny(mixer="mlp", steps=1), tmp_path / "mlp").out / "model"
    with pytest.raises(InputError, match="mixer is mlp instead of attention"):
        train(tiny(init_from=str(mlp), steps=1), tmp_path / "begun")
