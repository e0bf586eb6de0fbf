"""What a model is given is checked before it runs."""

import warnings

import pytest

from hrm_probe.models import ModelConfig
from hrm_probe.models.checking import check_tokens
from hrm_probe.sudoku import generate

CONFIG = ModelConfig(vocab=6, cells=16)


def test_grids_with_zero_for_a_blank_are_told_from_tokens() -> None:
    puzzles = generate(3, "minimal", "4x4", 0)
    with pytest.warns(UserWarning, match=r"look like grids, with 0 for a blank.*give it puzzles\.tokens"):
        check_tokens(puzzles.grids, CONFIG)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check_tokens(puzzles.tokens, CONFIG).tolist() == puzzles.tokens.tolist()
        padded = puzzles.tokens.copy()
        padded[:, 0] = 0
        padded[0, 1] = 5  # the largest digit's token, which no grid holds
        check_tokens(padded, CONFIG)
        check_tokens(puzzles.grids, CONFIG.replace(vocab=12))  # no model of Sudoku
