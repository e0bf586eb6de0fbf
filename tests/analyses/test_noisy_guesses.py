"""From a model to what its surest guess solves, by noise, other starts and copies, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

noisy_guesses = importlib.import_module("noisy_guesses")


def test_from_a_model_to_its_surest_guess(small_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = [str(small_model), "--n", "4", "--guesses", "3", "--noise", "0.3", "2", "--out", str(out)]
    assert noisy_guesses.main(arguments) == 0
    numbers = (out / "noisy_guesses.json").read_text()
    measured = json.loads(numbers)
    found = measured["models"]["small"]
    assert [way["way"] for way in found["ways"]] == ["copies", "other starts", "noise 0.3", "noise 2"]
    for way in found["ways"]:
        surest = [row for row in way["rows"] if row["vote"] == "surest"]
        assert [row["guesses"] for row in surest] == [1, 2, 3]
        assert surest[0]["accuracy"] == pytest.approx(found["single"]["estimate"])
    assert found["ways"][0]["beyond_copies"]["estimate"] == 0
    assert (measured["guesses"], measured["source"], found["puzzles"]) == (3, "minimal", 4)
    (out / "noisy_guesses.png").unlink()
    assert noisy_guesses.main(["--saved", "--out", str(out)]) == 0
    assert (out / "noisy_guesses.png").exists()
    assert (out / "noisy_guesses.json").read_text() == numbers


def test_puzzles_of_ones_own_may_be_asked(small_model: Path, tmp_path: Path) -> None:
    arguments = [str(small_model), "--puzzles", "6x6-test", "--n", "2", "--guesses", "2", "--noise", "1"]
    assert noisy_guesses.main([*arguments, "--out", str(tmp_path)]) == 0
    measured = json.loads((tmp_path / "noisy_guesses.json").read_text())
    assert (measured["puzzles"], measured["source"]) == ("6x6-test", None)


def test_a_panel_without_a_model_is_left_out() -> None:
    rows = [
        {"vote": vote, "guesses": n, "accuracy": 0.5}
        for vote in ("surest", "any, by the answer")
        for n in (1, 2)
    ]
    models = {f"model {i}": {"ways": [{"way": "copies", "rows": rows}]} for i in range(5)}
    axes = noisy_guesses.draw({"models": models}).axes
    assert [ax.get_title() for ax in axes if ax.get_visible()] == list(models)
