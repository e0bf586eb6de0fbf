"""What cannot be recorded is refused in a sentence, and nothing is left of it."""

import numpy as np
import pytest
import torch

from hrm_probe import record
from hrm_probe.errors import InputError
from hrm_probe.models import Tasks


def test_bad_values_are_errors(model, puzzles):
    for changes, sentence in (
        ({"dtype": "int8"}, "dtype is 'int8'"),
        ({"dtype": torch.bfloat16}, "dtype is torch.bfloat16; it must be float16, float32 or float64"),
        ({"segments": 0}, "at least 1"),
        ({"batch_size": 0}, "at least 1"),
        ({"resume": True}, "in memory cannot be resumed"),
        ({"puzzle_ids": [0, 0]}, "puzzle_ids has shape"),
    ):
        with pytest.raises(InputError, match=sentence):
            record(model, puzzles, **changes)
    with pytest.raises(InputError, match="tokens have shape"):
        record(model, puzzles.tokens[:, :9])
    for text in ("6x6-test", ["." * 16]):
        with pytest.raises(InputError, match=r"not text; hrm_probe.load_puzzles\(\) makes puzzles"):
            record(model, text)
    with pytest.raises(InputError, match=r"needs a model, not a str; hrm_probe.load\(\) loads one"):
        record("hrm-6x6", puzzles)
    with pytest.raises(InputError, match="rows of several lengths"):
        record(model, [[1, 2], [3]])


def test_answers_that_the_model_does_not_know_are_refused_and_nothing_is_left(model, puzzles, tmp_path):
    answers = np.where(puzzles.answers == 2, 258, puzzles.answers)  # 2 again, in one byte
    with pytest.raises(InputError, match="These answers run up to token 258"):
        record(model, Tasks(puzzles.tokens, answers), tmp_path / "t", segments=1)
    with pytest.raises(InputError, match="puzzle_ids must name a puzzle embedding"):
        record(model, puzzles, tmp_path / "t", segments=1, puzzle_ids=[5] * len(puzzles.tokens))
    assert not (tmp_path / "t").exists()
