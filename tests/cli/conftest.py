"""The command line, typed in this process."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from hrm_probe.cli import main


class Said(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr of a command that refused its input, and said nothing else."""
        assert self.status == 2
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("hrm-probe: ")
        return line


@pytest.fixture
def typed(monkeypatch, capsys, tmp_path) -> Callable[..., Said]:
    """Types a command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def type_words(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["hrm-probe", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(ended.value.code, *capsys.readouterr())

    return type_words
