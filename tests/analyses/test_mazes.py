"""From models for mazes to what they show, and again from what was saved; and their cards."""

import importlib
import json
from pathlib import Path

import pytest

from hrm_probe import load, mazes
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning import evaluate, path_growth
from hrm_probe.training import train
from hrm_probe.training.data import DataSets
from tests.training.tiny_runs import tiny

study = importlib.import_module("mazes")
cards = importlib.import_module("maze_cards")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a model that has learned next to nothing."""
    out = tmp_path_factory.mktemp("trained") / "small"
    sets = {"train_set": "generate 5x5 maze 40", "test_set": "generate 5x5 maze 8", "hint_fraction": 0.0}
    return train(tiny(**sets, steps=4, max_segments=6, name="toy-4x4"), out).out


def test_from_a_model_to_a_picture_and_again_from_what_was_saved(run: Path, tmp_path: Path) -> None:
    asked = [str(run), "--n", "12", "--shape", "5x5", "--out", str(tmp_path)]
    assert study.main(asked) == 0
    numbers = (tmp_path / "mazes.json").read_text()
    found = json.loads(numbers)["models"]["small"]
    model: RecursiveReasoner = load(run)
    growth = path_growth(model, mazes.generate(12, "maze", "5x5", 1), seed=1)
    assert found["growth"]["by_read"] == growth.summary()["by_read"]
    assert [row["steps"] for row in found["by distance"]] == [2, 4, 6, 8, 10]
    near = mazes.generate(12, "maze", "5x5", 1, (2, 2))
    assert found["by distance"][0]["last"]["estimate"] == evaluate(model, near).exact.estimate
    assert found["stability"]["segments"] == study.LONGER * model.config.max_segments
    assert found["wall in the way"]["mazes"] == len(
        mazes.with_wall_in_the_way(mazes.generate(12, "maze", "5x5", 1))[1]
    )
    assert {f"jumps, {curve}" for curve in study.CURVES} <= set(found)
    assert study.main([str(run), "--again", "--out", str(tmp_path)]) == 0
    again = json.loads((tmp_path / "mazes.json").read_text())
    assert again.pop("growth measured again")
    assert again == json.loads(numbers)
    numbers = (tmp_path / "mazes.json").read_text()
    (tmp_path / "mazes.png").unlink()
    assert study.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "mazes.png").exists()
    assert (tmp_path / "mazes.json").read_text() == numbers


def test_a_card_tells_what_was_measured(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cards, importlib.import_module("model_cards")):
        monkeypatch.setattr(module, "CHECKPOINTS", tmp_path / "checkpoints")
        monkeypatch.setattr(module, "FIGURES", tmp_path)
    monkeypatch.setattr(
        cards, "load_data", lambda *_: DataSets(*[mazes.generate(8, "maze", "5x5")] * 2, None)
    )
    monkeypatch.setattr(cards.hrm_probe, "load", lambda *_, **__: load(run))
    monkeypatch.setattr(cards, "ASKED", 4)
    (tmp_path / "checkpoints").mkdir()
    assert cards.main(["hrm-maze", "--run", str(run)]) == 0
    text = (tmp_path / "checkpoints" / "hrm-maze" / "card.md").read_text()
    share = json.loads((run / "summary.json").read_text())["accuracy"]["all"]["accuracy"]
    assert f"intervals: {share:.1%} [" in text
    assert "for mazes of 5x5" in text
    assert "4 steps of 8" in text
    assert "nearer than any in training" in text
    assert cards.main(["hrm-maze", "--saved"]) == 0
    assert (tmp_path / "checkpoints" / "hrm-maze" / "card.md").read_text() == text
