"""Examples in docstrings give what they say."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import hrm_probe

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(hrm_probe.__path__, "hrm_probe.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name: str) -> None:
    failed, _ = doctest.testmod(import_module(name))
    assert not failed
