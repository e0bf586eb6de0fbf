"""Packages whose names load when they are first used, so that importing them stays quick."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def attached(
    package: str, homes: Mapping[str, str], rooms: tuple[str, ...] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package that imports nothing until it is asked.

    >>> __getattr__, __dir__ = attached(__name__, {"record": "trace"}, rooms=("trace",))        # doctest: +SKIP

    Args:
        package: its full name.
        homes: by public name, the module below the package that holds it.
        rooms: modules below the package that are public themselves.
    """

    def load(name: str) -> Any:
        if name in homes:
            return getattr(import_module(f"{package}.{homes[name]}"), name)
        if name in rooms:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def names() -> list[str]:
        return sorted({*sys.modules[package].__all__, *rooms})

    return load, names
