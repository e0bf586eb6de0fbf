"""One question put to several models: each told as it comes, and how it was asked."""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

import pytest
from asking import asked_of_each

from hrm_probe.models import RecursiveReasoner


@dataclass
class Width:
    """The answer to how wide a model is."""

    width: int
    dtype: str

    def summary(self) -> dict[str, object]:
        return {"width": self.width + 1 / 3, "dtype": self.dtype}

    def __str__(self) -> str:
        return f"{self.width} wide"


def ask(name: str, model: RecursiveReasoner) -> Width:
    return Width(model.config.d_model, model.config.forward_dtype)


def command(models: list[str], **options: object) -> Namespace:
    return Namespace(models=models, source="minimal", seed=3, at=8, **options)


def test_every_model_is_told_as_it_comes_and_kept_by_its_own_name(
    small_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = asked_of_each(command([str(small_model), "trm-6x6"]), ask)
    assert capsys.readouterr().out.splitlines() == [f"{small_model}. 16 wide", "trm-6x6. 64 wide"]
    assert list(measured["models"]) == ["small", "trm-6x6"]


def test_numbers_are_kept_in_the_digits_that_figures_have(small_model: Path) -> None:
    measured = asked_of_each(command([str(small_model)]), ask)
    assert measured["models"]["small"]["width"] == 16.333


def test_it_is_said_how_was_asked(small_model: Path) -> None:
    measured = asked_of_each(command([str(small_model)]), ask, "at")
    assert (measured["source"], measured["at"], measured["seed"]) == ("minimal", 8, 3)
    assert "puzzles" not in measured
    assert "torch" in measured["provenance"]


def test_puzzles_of_ones_own_take_the_place_of_a_source(small_model: Path) -> None:
    measured = asked_of_each(command([str(small_model)], puzzles="folder/mine.csv"), ask)
    assert (measured["source"], measured["puzzles"]) == (None, "mine.csv")


def test_models_compute_as_they_are_told_to(small_model: Path) -> None:
    measured = asked_of_each(command([str(small_model)], dtype="bfloat16"), ask)
    assert measured["models"]["small"]["dtype"] == "bfloat16"
