"""Cards of models: what one would lack is told before anything is measured, of every model named."""

import json
import shutil
from pathlib import Path

import model_cards
import pytest
from command_lines import BAD_INPUT

KNOWN = "trm-6x6"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Holds copies of a shipped model, and nothing may be measured."""
    for name in (KNOWN, "trm-6x6-seed1", "unheard-of"):
        shutil.copytree(model_cards.CHECKPOINTS / KNOWN, tmp_path / name)
    monkeypatch.setattr(model_cards, "CHECKPOINTS", tmp_path)
    monkeypatch.setattr(model_cards, "measure", lambda *_: pytest.fail("it was measured"))
    return tmp_path


def test_the_account_of_a_training_that_is_missing_is_missed_first(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "trm-6x6-seed1" / "training.json").unlink()
    assert model_cards.main([KNOWN, "trm-6x6-seed1"]) == BAD_INPUT
    assert "training.json; take the model's run over with --run" in capsys.readouterr().err


def test_so_are_the_recipe_the_words_and_the_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert model_cards.main([KNOWN, "unheard-of"]) == BAD_INPUT
    assert "Nothing is said of what unheard-of is good for" in capsys.readouterr().err
    assert model_cards.main([KNOWN, "nothing"]) == BAD_INPUT
    assert "There is no model 'nothing'" in capsys.readouterr().err
    account = folder / "trm-6x6-seed1" / "training.json"
    account.write_text(json.dumps({**json.loads(account.read_text()), "recipe": "no-such-recipe"}))
    assert model_cards.main([KNOWN, "trm-6x6-seed1"]) == BAD_INPUT
    assert 'There is no recipe "no-such-recipe"' in capsys.readouterr().err


def test_saved_numbers_make_the_shipped_cards(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = folder / KNOWN / "card.md"
    before = card.read_text()
    card.unlink()
    assert model_cards.main([KNOWN, "--saved"]) == 0
    assert card.read_text() == before
