"""Where results cannot be written is told before the work begins, and nothing is left behind."""

import sys
from pathlib import Path

import pytest

WRITES_A_FILE = {
    "evaluate": "evaluate hrm-6x6 --puzzles 6x6-test --json",
    "record": "record hrm-6x6 --puzzles 6x6-test --out trace --json",
    "bench": "bench toy-4x4 --out",
    "data generate": "data generate --out",
    "data split, train": "data split 6x6-test --test b.csv --train",
    "data split, test": "data split 6x6-test --train a.csv --test",
}
WRITES_A_FOLDER = {
    "record": "record hrm-6x6 --puzzles 6x6-test --out",
    "report": "report hrm-6x6 --out",
    "demo": "demo --out",
    "train": "train toy-4x4 --out",
    "import": "import nosuch.pt --out",
    "data fetch": "data fetch --out",
}


@pytest.fixture
def there(tmp_path):
    """A file and a folder that are there already."""
    (tmp_path / "file.csv").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    before = listing(tmp_path)
    yield
    assert listing(tmp_path) == before
    assert (tmp_path / "file.csv").read_text() == "mine"


def listing(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def each(commands):
    return pytest.mark.parametrize("command", commands.values(), ids=commands.keys())


@each(WRITES_A_FILE)
@pytest.mark.usefixtures("there")
def test_a_folder_is_no_file_to_write_to(typed, command):
    assert "folder.csv is a folder; give a file" in typed(*command.split(), "folder.csv").sentence


@each(WRITES_A_FOLDER)
@pytest.mark.usefixtures("there")
def test_a_file_is_no_folder_to_write_to(typed, command):
    assert "file.csv is a file; give a folder" in typed(*command.split(), "file.csv").sentence


@each(WRITES_A_FILE | WRITES_A_FOLDER)
@pytest.mark.usefixtures("there")
def test_nothing_can_be_made_below_a_file(typed, command):
    assert "cannot be made: " in typed(*command.split(), "file.csv/deep/x.csv").sentence


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is a folder of Linux")
@each(WRITES_A_FILE | WRITES_A_FOLDER)
@pytest.mark.usefixtures("there")
def test_nothing_can_be_made_where_the_system_forbids_it(typed, command):
    assert "nothing can be written to /proc" in typed(*command.split(), "/proc/x.csv").sentence


@pytest.mark.usefixtures("there")
def test_no_file_named_is_refused(typed):
    assert "is a folder" in typed(*WRITES_A_FILE["evaluate"].split(), "").sentence


@pytest.mark.usefixtures("there")
def test_a_config_is_a_file(typed):
    words = "import nosuch.pt --out model --config folder.csv"
    assert "is a directory" in typed(*words.split()).sentence
