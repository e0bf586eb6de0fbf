"""What is wrong with a puzzle set, row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.sudoku.board import BOARDS, Board
from hrm_probe.sudoku.notation import format_grids, parse_grids, unknown_character, wrong_length
from hrm_probe.sudoku.readers import (
    NO_PUZZLES,
    is_csv,
    locate,
    read_lines,
    read_official_arrays,
    read_rating,
    read_table,
    wrong_rating,
)
from hrm_probe.sudoku.solver import solve_and_count

FAULTS = {
    "empty": "no puzzles at all",
    "length": "a wrong number of characters",
    "character": "a character that is neither digit nor blank",
    "clash": "a digit twice in one row, column or box",
    "no solution": "clues that no grid fits",
    "several solutions": "clues that several grids fit",
    "answer": "an answer that does not fit the clues or is not a complete grid",
    "rating": "a rating that is not a number",
}
WHOLE_SET = 0


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one puzzle.

    Attributes:
        row: the puzzle's number in the file, from 1; a header does not count. 0 if the whole set is at fault.
        fault: a key of ``FAULTS``.
        detail: a phrase for people.
    """

    row: int
    fault: str
    detail: str

    def __str__(self) -> str:
        return self.detail if self.row == WHOLE_SET else f"row {self.row}: {self.detail}"


@dataclass(frozen=True)
class CheckReport:
    """What ``check`` found.

    Attributes:
        path: the file.
        board: name of its board; of its first readable row, where rows differ.
        puzzles: number of rows.
        faults: everything that is wrong, by row.
    """

    path: str
    board: str | None
    puzzles: int
    faults: list[Fault]

    @property
    def sound(self) -> bool:
        return not self.faults

    @property
    def sound_puzzles(self) -> int:
        """Rows without a fault: a row is checked up to its first."""
        return self.puzzles - sum(fault.row != WHOLE_SET for fault in self.faults)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sound": self.sound}


def check(name_or_path: str | Path) -> CheckReport:
    """Check a puzzle set, in any form that ``load_puzzles`` reads from disk.

    Every puzzle must have one character per cell, known characters, clues that do not clash, and exactly one
    solution; an answer, where there is one, must be that solution, and a rating a number. A row is checked up to
    its first fault. A set without puzzles is faulty.

    >>> check("6x6-test").sound                             # doctest: +SKIP
    True

    Raises:
        InputError: there is no such set, or it cannot be read.
    """
    questions, answers, ratings = _read(locate(name_or_path))
    board = next((b for text in questions for b in BOARDS if len(text) == b.cells), None)
    if not questions:
        faults = [Fault(WHOLE_SET, "empty", f"it {NO_PUZZLES}")]
    elif board is None:
        faults = [
            Fault(row, "length", wrong_length(len(text))) for row, text in enumerate(questions, start=1)
        ]
    else:
        faults = list(_faults(questions, answers, board))
        faults += _wrong_ratings(ratings, {fault.row for fault in faults})
        faults.sort(key=lambda fault: fault.row)
    return CheckReport(str(name_or_path), board.name if board else None, len(questions), faults)


def _read(path: Path) -> tuple[Sequence[str], Sequence[str] | None, Sequence[str]]:
    """Questions, answers and ratings as they are written; None or none where the form of the set has none."""
    if path.is_dir():
        questions, answers = (_as_text(tokens) for tokens in read_official_arrays(path))
        return questions, answers, ()
    if is_csv(path):
        columns = read_table(path)
        return columns["question"], columns["answer"], columns.get("rating", ())
    return read_lines(path), None, ()


def _as_text(tokens: np.ndarray) -> list[str]:
    """Tokens as the text they stand for; padding and tokens beyond the board become strange characters."""
    letters = np.array(list("#.123456789") + ["?"])
    return ["".join(row) for row in letters[np.clip(tokens, -1, 10 + 1)]]


def _faults(questions: Sequence[str], answers: Sequence[str] | None, board: Board) -> Iterator[Fault]:
    readable: list[int] = []
    for at, text in enumerate(questions):
        fault = _misspelt(text, at + 1, board, "")
        if fault:
            yield fault
        else:
            readable.append(at)
    if not readable:
        return
    rows = np.array(readable)
    grids = parse_grids([questions[row] for row in rows])
    clashing = ~_consistent(grids, board)
    for row in np.flatnonzero(clashing):
        yield Fault(int(rows[row]) + 1, "clash", _clash(grids[row], board))
    rows, grids = rows[~clashing], grids[~clashing]
    solutions, counts = solve_and_count(grids)
    for row in rows[counts == 0]:
        yield Fault(int(row) + 1, "no solution", "the puzzle has no solution")
    for i in np.flatnonzero(counts > 1):
        wrong = None if answers is None else _wrong_answer(grids[i], answers[rows[i]], board)
        detail = "the puzzle has several solutions" + (f", and {wrong}" if wrong else "")
        yield Fault(int(rows[i]) + 1, "several solutions", detail)
    if answers is None:
        return
    expected = format_grids(solutions)
    for i in np.flatnonzero(counts == 1):
        wrong = answers[rows[i]] != expected[i] and _wrong_answer(grids[i], answers[rows[i]], board)
        if wrong:
            yield Fault(int(rows[i]) + 1, "answer", wrong)


def _wrong_ratings(ratings: Sequence[str], faulty: set[int]) -> list[Fault]:
    rows = (
        row for row, text in enumerate(ratings, start=1) if row not in faulty and read_rating(text) is None
    )
    return [Fault(row, "rating", f"rating {wrong_rating(ratings[row - 1])}") for row in rows]


def _misspelt(text: str, row: int, board: Board, of_what: str) -> Fault | None:
    if len(text) != board.cells:
        return Fault(row, "length", of_what + wrong_length(len(text), board.cells))
    known = ".0123456789"[: board.side + 2]
    if not text.strip(known):
        return None
    cell, character = next((i, c) for i, c in enumerate(text) if c not in known)
    return Fault(row, "character", of_what + unknown_character(character, cell, board))


def _consistent(grids: np.ndarray, board: Board) -> np.ndarray:
    """Whether no unit holds a digit twice: bool [n]."""
    in_units = np.sort(grids[:, board.units], axis=2)
    return ~((in_units[:, :, 1:] == in_units[:, :, :-1]) & (in_units[:, :, 1:] > 0)).any(axis=(1, 2))


def _clash(grid: np.ndarray, board: Board) -> str:
    for unit, cells in enumerate(board.units):
        digits, times = np.unique(grid[cells][grid[cells] > 0], return_counts=True)
        if (times > 1).any():
            return f"digit {digits[times > 1][0]} appears more than once in {board.unit_name(unit)}"
    raise AssertionError("called for a grid without a clash")


def _wrong_answer(grid: np.ndarray, text: str, board: Board) -> str | None:
    """Why an answer is not a solution of a puzzle; None if it is one."""
    misspelt = _misspelt(text, 0, board, "in the answer, ")
    if misspelt:
        return misspelt.detail
    answer = parse_grids([text])[0]
    if (answer == 0).any():
        return f"the answer is blank in {board.cell_name(int(np.argmin(answer)))}"
    differs = (grid > 0) & (answer != grid)
    if differs.any():
        cell = int(np.argmax(differs))
        return f"the answer has {answer[cell]} where the clue is {grid[cell]}, in {board.cell_name(cell)}"
    return (
        None
        if _consistent(answer[None], board)[0]
        else f"the answer is not a valid grid: {_clash(answer, board)}"
    )
