"""Compiling: where it fails, training goes on without, and says so once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.sudoku import load_puzzles
from hrm_probe.training import compiling
from hrm_probe.training.compiling import Compiled
from hrm_probe.training.curriculum import SupervisionWeighting
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.segment import run_segment
from hrm_probe.training.trainer import Trainer

CPU = torch.device("cpu")


def double(x: int) -> int:
    return 2 * x


@pytest.fixture
def broken_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_to_failure(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        def fail(*arguments: Any) -> Any:
            raise RuntimeError("cannot lower\nlong trace")

        return fail

    monkeypatch.setattr(torch, "compile", compile_to_failure)
    monkeypatch.setattr(compiling, "missing_compiler", lambda device: None)


@pytest.mark.usefixtures("broken_compiler")
def test_auto_falls_back_and_says_so_once() -> None:
    said: list[str] = []
    function = Compiled(double, "auto", CPU, said.append)
    assert [function.attempt(partial(function, x)) for x in (1, 2, 3)] == [2, 4, 6]
    assert not function.is_compiled
    assert said == ["torch.compile failed (RuntimeError: cannot lower): training runs uncompiled."]


def test_a_later_graph_may_be_the_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_small_ones(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        def compiled(x: int) -> int:
            if x > 2:
                raise RuntimeError("too deep")
            return int(function(x))

        return compiled

    monkeypatch.setattr(torch, "compile", compile_small_ones)
    monkeypatch.setattr(compiling, "missing_compiler", lambda device: None)
    said: list[str] = []
    function = Compiled(double, "auto", CPU, said.append)
    assert [function.attempt(partial(function, x)) for x in (1, 3, 4)] == [2, 6, 8]
    assert len(said) == 1


@pytest.mark.usefixtures("broken_compiler")
@pytest.mark.parametrize("kind", [torch.OutOfMemoryError, torch.AcceleratorError])
def test_a_lack_of_memory_or_a_fault_of_the_device_is_no_matter_of_compiling(kind: type[Exception]) -> None:
    def fail() -> None:
        raise kind("of the device")

    said: list[str] = []
    function = Compiled(double, "auto", CPU, said.append)
    with pytest.raises(kind):
        function.attempt(fail)
    assert not said


@pytest.fixture
def quick_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs are taken as ever, and then run as they are."""
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))


@pytest.mark.usefixtures("quick_compiler")
def test_a_limit_on_graphs_is_not_met_in_silence() -> None:
    def times(x: torch.Tensor, factor: int) -> torch.Tensor:
        return factor * x

    said: list[str] = []
    with torch._dynamo.config.patch(recompile_limit=1):
        function = Compiled(times, "auto", CPU, said.append)
        values = [
            int(function.attempt(partial(function, torch.ones(1, dtype=torch.long), n))) for n in (2, 3)
        ]
    assert values == [2, 3]
    assert len(said) == 1
    assert "training runs uncompiled" in said[0]
    assert not function.is_compiled


@pytest.mark.usefixtures("quick_compiler")
def test_on_insists_on_a_whole_graph() -> None:
    def broken(x: torch.Tensor) -> torch.Tensor:
        torch._dynamo.graph_break()
        return 2 * x

    whole = Compiled(broken, "on", CPU, print)
    with pytest.raises(torch._dynamo.exc.Unsupported):
        whole.attempt(partial(whole, torch.ones(1)))


@pytest.mark.usefixtures("broken_compiler")
def test_on_insists() -> None:
    function = Compiled(double, "on", CPU, print)
    with pytest.raises(RuntimeError, match="cannot lower"):
        function.attempt(lambda: function(1))


def test_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.shutil, "which", lambda name: None)
    said: list[str] = []
    function = Compiled(double, "auto", CPU, said.append)
    assert function.attempt(lambda: function(4)) == 8
    assert len(said) == 1
    assert "C++ compiler" in said[0]
    with pytest.raises(InputError, match="compile=off"):
        Compiled(double, "on", CPU, print)


def test_off_is_the_function_itself() -> None:
    function = Compiled(double, "off", CPU, print)
    assert not function.is_compiled
    assert function(5) == 10


@pytest.mark.usefixtures("broken_compiler")
def test_an_error_of_the_work_itself_is_not_hidden() -> None:
    function = Compiled(double, "auto", CPU, lambda line: None)

    def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        function.attempt(work)


@pytest.mark.parametrize(
    ("weighting", "settings"),
    [
        ("uniform", {"architecture": "hrm", "halting": "q_learning", "H_layers": 1}),
        ("cgar", {"architecture": "hrm", "halting": "sign", "H_layers": 1}),
        ("published", {"architecture": "trm", "mixer": "mlp", "positions": "none"}),
    ],
)
def test_a_step_is_one_graph_without_breaks(weighting: str, settings: dict[str, Any]) -> None:
    small = {"d_model": 16, "n_heads": 2, "L_layers": 1, "batch_size": 4, "device": "cpu", "compile": "off"}
    recipe = Recipe().replace({**small, **settings})
    trainer = Trainer(recipe, load_puzzles("6x6-test", 8))
    step = partial(run_segment, trainer.model, recipe, getattr(SupervisionWeighting, weighting)())
    arguments = (trainer.carry, trainer.stream.draw(), torch.zeros(4, dtype=torch.long))
    torch.compiler.reset()
    loss, _, _ = torch.compile(step, backend="eager", fullgraph=True, dynamic=False)(*arguments)
    torch.testing.assert_close(loss, step(*arguments)[0])
