"""Importing the package: quick, and every public name where the documentation says it is."""

import subprocess
import sys

import pytest

import hrm_probe

HEAVY = ("matplotlib", "plotly", "zarr", "xarray", "dask", "numba", "pandas")


@pytest.mark.parametrize("name", hrm_probe.__all__)
def test_public_names_exist(name):
    assert getattr(hrm_probe, name)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = hrm_probe.no_such_name


def test_importing_the_package_loads_nothing_heavy():
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import hrm_probe, sys; print([m for m in {HEAVY + ('torch',)} if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "[]"


def test_loading_a_model_needs_no_plotting_and_no_store():
    code = (
        "import hrm_probe, sys; hrm_probe.load; hrm_probe.models;"
        "print([m for m in ('matplotlib', 'plotly', 'zarr', 'xarray', 'dask', 'numba') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_training_path_needs_no_zarr_plotly_xarray_or_yaml():
    code = (
        "import hrm_probe.training, hrm_probe.sudoku, sys;"
        "print([m for m in ('matplotlib', 'plotly', 'zarr', 'xarray', 'yaml') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
