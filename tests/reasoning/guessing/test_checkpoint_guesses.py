"""Votes among the checkpoints of one training, from answers whose truth was planted."""

from pathlib import Path

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning import checkpoint_guesses, published_count
from hrm_probe.sudoku import generate

puzzles = generate(30, "easy", "4x4", seed=0)
WRONG = (puzzles.answers - 1) % 4 + 2


def write(path: Path, right: np.ndarray, q_halt: np.ndarray) -> Path:
    """Answers of checkpoints that are right where ``right`` [checkpoint, (way,) puzzle] says so, oldest first."""
    if right.ndim == 2:
        right, q_halt = right[:, None], q_halt[:, None]
    np.savez(
        path / "answers.npz",
        tokens=puzzles.tokens, answers=puzzles.answers, source=puzzles.source, rating=puzzles.rating,
        steps=np.arange(len(right)), segments=16, q_halt=q_halt.astype(np.float32),
        predictions=np.where(right[..., None], puzzles.answers, WRONG).astype(np.uint8),
    )  # fmt: skip
    return path


def accuracy(found, vote: str, k: int, source: str = "checkpoints") -> float:
    return found.table.set_index(["source", "vote", "guesses"]).loc[(source, vote, k), "accuracy"]


def test_checkpoints_that_fail_on_other_puzzles_help_each_other(tmp_path: Path) -> None:
    right = np.arange(30) % 5 != np.arange(5)[:, None]  # each checkpoint fails on a fifth, of its own
    found = checkpoint_guesses(write(tmp_path, right, np.zeros((5, 30))))
    assert found.single.estimate == pytest.approx(0.8)
    assert accuracy(found, "majority", 5) == 1.0
    assert accuracy(found, "any, by the answer", 2) == 1.0
    assert found.table.query("guesses == 5")["segments"].unique().tolist() == [80]


def test_the_latest_checkpoint_guesses_first(tmp_path: Path) -> None:
    right = np.array([False, False, True])[:, None] & np.ones(30, bool)
    found = checkpoint_guesses(write(tmp_path, right, np.zeros((3, 30))))
    assert found.single.estimate == 1.0
    assert accuracy(found, "majority", 1) == 1.0
    assert accuracy(found, "majority", 3) == 0.0
    sure = np.array([-5.0, -5.0, 5.0])[:, None] + np.zeros(30)
    assert accuracy(checkpoint_guesses(write(tmp_path, right, sure)), "halting", 3) == 1.0


def test_checkpoints_that_agree_gain_nothing(tmp_path: Path) -> None:
    right = np.broadcast_to(np.arange(30) % 2 == 0, (4, 30))
    found = checkpoint_guesses(write(tmp_path, right, np.zeros((4, 30))))
    assert (found.gains["gain"] == 0).all()


def test_checkpoints_and_copies_guess_apart_and_together(tmp_path: Path) -> None:
    # Of 3 checkpoints (the latest last) and 4 ways, one pair alone knows the answers of each twelfth of the puzzles.
    knows = np.arange(30) % 12
    right = knows == np.arange(12).reshape(3, 4)[..., None]
    found = checkpoint_guesses(write(tmp_path, right, np.zeros((3, 4, 30))))
    ceiling = "any, by the answer"
    assert accuracy(found, ceiling, 3) == pytest.approx(np.isin(knows, [0, 4, 8]).mean())
    assert accuracy(found, ceiling, 4, "relabelling") == pytest.approx((knows >= 8).mean())
    assert accuracy(found, ceiling, 1, "checkpoints+relabelling") == found.single.estimate == 2 / 30
    assert accuracy(found, ceiling, 12, "checkpoints+relabelling") == 1.0  # every pair has guessed, once
    assert found.predictions["checkpoints+relabelling"].shape == (12, 30, 16)
    # In the first three guesses every checkpoint and three ways have spoken.
    assert accuracy(found, ceiling, 2, "checkpoints+relabelling") == pytest.approx(
        np.isin(knows, [8, 5]).mean()
    )


def test_one_checkpoint_leaves_its_copies(tmp_path: Path) -> None:
    right = np.arange(30) % 3 != np.arange(3)[None, :, None]
    found = checkpoint_guesses(write(tmp_path, right, np.zeros((1, 3, 30))))
    assert accuracy(found, "majority", 3, "relabelling") == 1.0
    assert set(found.predictions) == {"checkpoints", "relabelling"}


def test_the_published_code_counts_majorities_of_the_halted_and_any_checkpoint(tmp_path: Path) -> None:
    half, most = np.arange(4) < 2, np.arange(4) < 3  # of 4 ways
    every = np.ones(30, bool)
    one_of_two = np.stack([np.zeros(4, bool), most])[..., None] & every
    asked = write(tmp_path, one_of_two, np.ones((2, 4, 30)))
    assert published_count(asked).estimate == 1.0  # the other checkpoint's ways do not count against it
    assert accuracy(checkpoint_guesses(asked), "majority", 8, "checkpoints+relabelling") == 0.0
    tied = np.stack([half, half])[..., None] & every
    assert published_count(write(tmp_path, tied, np.ones((2, 4, 30)))).estimate == 0.0
    halted = np.where(np.arange(4) < 3, 1.0, -1.0)[:, None] + np.zeros((2, 4, 30))
    assert published_count(write(tmp_path, tied, halted)).estimate == 1.0  # two of the three that halted
    assert published_count(write(tmp_path, tied, -np.ones((2, 4, 30)))).estimate == 0.0  # nobody votes


def test_a_run_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="keep_answers"):
        checkpoint_guesses(tmp_path)
