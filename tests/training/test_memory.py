"""Models that cannot be trained on this machine are refused before anything is built; all others pass."""

from pathlib import Path

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.sudoku import generate
from hrm_probe.training import Recipe, memory, train, trainer
from hrm_probe.training.memory import GIB, memory_of, refuse_too_large
from hrm_probe.training.trainer import Trainer
from tests.training.tiny_runs import TINY

CPU = torch.device("cpu")


def with_memory(monkeypatch: pytest.MonkeyPatch, there_is: int | None) -> None:
    monkeypatch.setattr(memory, "memory_of", lambda device: there_is)


@pytest.mark.parametrize("optimizer", ["adamw", "adam_atan2"])
def test_what_is_counted_is_what_a_training_keeps(monkeypatch: pytest.MonkeyPatch, optimizer: str) -> None:
    training = Trainer(Recipe().replace({**TINY, "optimizer": optimizer}), generate(8, "easy", "4x4"))
    training.advance(0.5)
    state = training.state_dict()
    moments = [
        value
        for optimizer in state["optimizers"]
        for of_one in optimizer["state"].values()
        for value in of_one.values()
        if torch.is_tensor(value) and value.ndim
    ]
    parameters = list(training.model.parameters())  # with gradients of the same size
    kept = sum(4 * tensor.numel() for tensor in [*parameters, *parameters, *state["ema"].values(), *moments])
    table = 2 * 4 * training.model.puzzle_emb.numel()  # without moments
    with_memory(monkeypatch, kept + table)
    refuse_too_large(training.recipe, training.config, CPU)
    with_memory(monkeypatch, kept + table - 1)
    with pytest.raises(InputError, match="make d_model, expansion or the number of layers smaller"):
        refuse_too_large(training.recipe, training.config, CPU)


def test_muon_has_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    adam, muon = (Recipe().replace({**TINY, "optimizer": name}) for name in ("adamw", "muon"))
    config = adam.model_config(16, 6)
    with_memory(monkeypatch, memory.COPIES["muon"] * 4 * memory.parameter_count(config))
    refuse_too_large(muon, config, CPU)
    with pytest.raises(InputError):
        refuse_too_large(adam, config, CPU)


@pytest.mark.parametrize(
    "settings",
    [{"d_model": 10**9}, {"L_layers": 10**9}, {"expansion": 1e18}, {"mixer": "mlp", "prefix": 10**9}],
)
def test_it_is_told_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, object]
) -> None:
    monkeypatch.setattr(trainer, "build_model", lambda *_: pytest.fail("it was built"))
    sentence = (
        r"A model of [\d,]+ parameters takes [\d,.]+ GiB to train, .*, and there are [\d,.]+ GiB of memory"
    )
    with pytest.raises(InputError, match=sentence):
        train(Recipe().replace({**TINY, **settings}), tmp_path)


def test_where_nothing_tells_the_memory_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with_memory(monkeypatch, None)
    recipe = Recipe().replace({"d_model": 2**40})
    refuse_too_large(recipe, recipe.model_config(36, 8), CPU)


def test_a_container_has_what_it_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "LIMIT_OF_CONTAINER", limit)
    whole = memory_of(CPU)
    assert whole is not None
    assert GIB // 4 < whole < 2**50
    for told, expected in (("max\n", whole), (f"{2**28}\n", 2**28), (f"{2**60}\n", whole)):
        limit.write_text(told)
        assert memory_of(CPU) == expected
