"""Where a report's numbers come from."""

from importlib.metadata import PackageNotFoundError

import pytest

import hrm_probe.provenance as package
from hrm_probe.report.provenance import full_provenance


def test_a_drawing_library_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(package, "version", missing)
    told = full_provenance(0, {}, {}, {})
    assert told["plotly"] is None
    assert told["matplotlib"] is None
    assert told["seed"] == 0
