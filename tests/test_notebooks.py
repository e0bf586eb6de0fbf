"""Notebooks are stored without output, use public names only, and run from top to bottom."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
TOY = "N_PUZZLES = 16"

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_stored_without_output(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


def test_only_public_names_are_used(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                name = getattr(node, "attr", None) or getattr(node, "id", None) or ""
                assert name == "_" or not name.startswith("_"), f"{name} is private"


def test_is_one_story_not_a_book(path):
    assert len(nbformat.read(path, as_version=4).cells) < 40


def test_runs_at_toy_size(path):
    notebook = nbformat.read(path, as_version=4)
    place = next(i for i, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", []))
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(TOY))
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
