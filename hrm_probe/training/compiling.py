"""torch.compile where it works, eager where it does not, and one remark about it."""

import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch

from hrm_probe.errors import InputError
from hrm_probe.training.recipe import Compile


class Compiled:
    """A function that is compiled on first use, and runs as it is if that cannot be done.

    Compiling for real happens only when the function, and for its gradients the backward pass, runs: so the caller
    works within :meth:`attempt`, which repeats in eager mode what failed.

    Args:
        function: pure, so that it can be tried again.
        mode: "on" insists, on one whole graph; "off" never compiles, "auto" falls back to eager.
        device: on which it runs.
        say: told once if "auto" falls back.
    """

    def __init__(
        self, function: Callable[..., Any], mode: Compile, device: torch.device, say: Callable[[str], None]
    ) -> None:
        self._eager = function
        self._mode = mode
        self._say = say
        lack = None if mode == "off" else missing_compiler(device)
        if mode == "on" and lack:
            raise InputError(f"compile=on, but {lack}; install one or train with compile=off.")
        self._chosen = (
            function
            if mode == "off" or lack
            else torch.compile(function, dynamic=False, fullgraph=mode == "on")
        )
        if mode == "auto" and lack:
            say(f"{lack}: training runs uncompiled, some two to four times slower.")

    @property
    def is_compiled(self) -> bool:
        return self._chosen is not self._eager

    def __call__(self, *arguments: Any) -> Any:
        return self._chosen(*arguments)

    def attempt(self, work: Callable[[], Any]) -> Any:
        """Run ``work``, which calls this function; if it fails compiled, run it again eagerly.

        A graph is compiled whenever a new depth comes, so any call may be the one that fails. Memory that is too
        small for a compiled graph is too small for an eager one, and after a fault of the device nothing runs.
        """
        if not self.is_compiled:
            return work()
        try:
            with torch._dynamo.config.patch(
                fail_on_recompile_limit_hit=True
            ):  # else it goes on eagerly, unsaid
                return work()
        except (torch.OutOfMemoryError, torch.AcceleratorError):
            raise
        except Exception as error:
            if self._mode == "on":
                raise
            self._say(f"torch.compile failed ({_first_line(error)}): training runs uncompiled.")
            self._chosen = self._eager
            return work()


def missing_compiler(device: torch.device) -> str | None:
    """What torch.compile lacks on this machine, in a few words; None if it seems to have what it needs."""
    if device.type == "cuda":
        return None if find_spec("triton") else "Triton is not installed"
    if not any(shutil.which(name) for name in (os.environ.get("CXX", ""), "g++", "clang++", "cl") if name):
        return "there is no C++ compiler (g++ or clang++)"
    return None


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__
