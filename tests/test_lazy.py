"""Packages whose names load when they are first used."""

import subprocess
import sys
from importlib import import_module

import pytest

from hrm_probe.lazy import attached

LAZY = ("hrm_probe", "hrm_probe.demo", "hrm_probe.reasoning", "hrm_probe.report")


@pytest.mark.parametrize("package", LAZY)
def test_every_public_name_is_there_and_listed(package):
    module = import_module(package)
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)


@pytest.mark.parametrize("package", LAZY)
def test_every_home_is_of_a_public_name(package):
    module = import_module(package)
    assert set(module._HOMES) <= set(module.__all__)


@pytest.mark.parametrize("package", LAZY)
def test_unknown_names_are_attribute_errors_that_name_the_package(package):
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'no_such_name'"):
        _ = import_module(package).no_such_name


def test_a_home_is_imported_when_its_name_is_used_and_not_before():
    code = (
        "import sys, hrm_probe.report; before = 'hrm_probe.report.verdicts' in sys.modules;"
        "hrm_probe.report.decide; print(before, 'hrm_probe.report.verdicts' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]


def test_rooms_are_modules_below_the_package():
    load, names = attached("hrm_probe", {}, rooms=("sudoku",))
    assert load("sudoku") is import_module("hrm_probe.sudoku")
    assert "sudoku" in names()
