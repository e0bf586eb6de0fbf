"""Puzzles whose answers are known, and where to find more."""

from pathlib import Path

import pytest

# The example of Wikipedia's article "Sudoku".
QUESTION = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ANSWER = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"

GRID_4X4 = "1234341221434321"
# Rows 1 and 3 hold 1 2 over 2 1 in one stack: without these four clues the two can change places.
TWO_SOLUTIONS_4X4 = "..343412..434321"

HARD_SUDOKU = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "hard_sudoku" / "test.csv.gz"
needs_hard_sudoku = pytest.mark.skipif(
    not HARD_SUDOKU.exists(),
    reason="the published lists of hard puzzles (shared/data/hard_sudoku) are not here",
)
