"""What a number is accompanied by."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import hrm_probe.provenance as provenance


def test_the_environment_tells_the_commit_of_a_source_tree_without_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "hrm_probe" / "provenance.py"
    monkeypatch.setattr(provenance, "__file__", str(copy))
    monkeypatch.delenv(provenance.COMMIT, raising=False)
    assert provenance.commit() is None
    monkeypatch.setenv(provenance.COMMIT, "0123456789ab")
    assert provenance.commit() == "0123456789ab"


def test_a_loaded_package_tells_its_version_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its build is not in what is installed: "2.13.0" of torch 2.13.0+cu130."""
    built = SimpleNamespace(__version__="9.9.9+cu130")
    monkeypatch.setitem(sys.modules, "torch", built)
    assert provenance.version_of("torch") == "9.9.9+cu130"
    assert provenance.version_of("no-such-package") is None
    assert provenance.version_of("numpy") == np.__version__


def test_the_environment_does_not_overrule_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    if provenance.commit() is None:
        pytest.skip("the source is no git checkout here")
    monkeypatch.setenv(provenance.COMMIT, "somebody's claim")
    assert provenance.commit() != "somebody's claim"


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["/usr/bin/hrm-probe", "ask", "jumps", "hrm-6x6"], "hrm-probe ask jumps hrm-6x6"),
        (["/x/hrm_probe/__main__.py", "train", "hrm-6x6", "--set", "lr=1e-3"], "hrm-probe train hrm-6x6 --set lr=1e-3"),
        (["analyses/closed_edges.py", "--arms", "H and L"], "python analyses/closed_edges.py --arms 'H and L'"),
        (["analyses/leaks.py", "/home/ada/run", "--out=/tmp/a"], "python analyses/leaks.py run --out=a"),
        (["hrm-probe", "train", "--set", "test_set=/home/ada/t.csv"], "hrm-probe train --set test_set=t.csv"),
        (["/x/ipykernel_launcher.py", "-f", "kernel.json"], None),
        ([""], None),
    ],
)  # fmt: skip
def test_a_command_is_told_without_the_machines_folders(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], told: str | None
) -> None:
    monkeypatch.setattr("sys.argv", argv)
    assert provenance.command() == told
    assert provenance.provenance()["command"] == told
