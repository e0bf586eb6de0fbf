"""What a number is accompanied by."""

from pathlib import Path

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


def test_the_environment_does_not_overrule_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    if provenance.commit() is None:
        pytest.skip("the source is no git checkout here")
    monkeypatch.setenv(provenance.COMMIT, "somebody's claim")
    assert provenance.commit() != "somebody's claim"
