"""Compiling: where it fails, training goes on without, and says so once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.training import compiling
from hrm_probe.training.compiling import Compiled

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
