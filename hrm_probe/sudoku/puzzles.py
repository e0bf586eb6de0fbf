"""A set of puzzles with their answers."""

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.given_numbers import whole_number
from hrm_probe.sudoku.board import Board
from hrm_probe.sudoku.notation import format_grids
from hrm_probe.sudoku.seeds import generator_of
from hrm_probe.wording import counted

BLANK = 1
"""The token of a blank cell; digit v is token v + 1, padding is token 0."""

NOT_RATED = -1


@dataclass(frozen=True, eq=False)
class Puzzles:
    """Puzzles of one board, as the models see them.

    >>> puzzles = load_puzzles("6x6-test")                                  # doctest: +SKIP
    >>> easy = puzzles[puzzles.source == "easy"]                            # doctest: +SKIP
    >>> (model.run(easy.tokens).predictions[-1] == easy.answers).all(-1)    # solved?  # doctest: +SKIP

    Attributes:
        tokens: int64 [puzzle, cell]; 1 for a blank, v + 1 for digit v.
        answers: int64 [puzzle, cell], in the same code.
        source: str [puzzle], where each comes from; the kind, for generated ones.
        rating: int64 [puzzle], the source's measure of hardness (``rate`` for generated ones); -1 if not known.

    Raises:
        InputError: shapes that differ, numbers that are not whole or not tokens of the board, or an answer that has
            blanks or contradicts its clues. Whether it keeps the rules is not tested: that is what ``check`` does.
    """

    tokens: np.ndarray
    answers: np.ndarray
    source: np.ndarray = None  # type: ignore[assignment]
    rating: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        tokens, answers = _codes(self.tokens, "Tokens"), _codes(self.answers, "Answers")
        n = len(tokens)
        source = np.full(n, "") if self.source is None else np.asarray(self.source, str)
        rating = np.full(n, NOT_RATED) if self.rating is None else _ratings(self.rating)
        if answers.shape != tokens.shape or source.shape != (n,) or rating.shape != (n,):
            raise InputError(
                f"Tokens, answers, source and rating must have a row for every puzzle; their shapes are "
                f"{list(tokens.shape)}, {list(answers.shape)}, {list(source.shape)} and {list(rating.shape)}."
            )
        vocab = Board.of(tokens.shape[1]).vocab
        for name, codes in (("tokens", tokens), ("answers", answers)):
            if codes.size and (codes.min() < BLANK or codes.max() >= vocab):
                raise InputError(
                    f"The {name} of a {Board.of(tokens.shape[1])} set run from 1 (blank) to {vocab - 1}; "
                    f"these run from {codes.min()} to {codes.max()}."
                )
        unsound = first_unsound(tokens, answers)
        if unsound:
            row, fault = unsound
            raise InputError(
                f"In puzzle {row + 1}: {fault}; give tokens, v + 1 for digit v, or digits to Puzzles.from_grids."
            )
        for name, value in (("tokens", tokens), ("answers", answers), ("source", source), ("rating", rating)):
            object.__setattr__(self, name, value)

    @classmethod
    def from_grids(
        cls,
        grids: np.ndarray,
        solutions: np.ndarray,
        source: str | Sequence[str] | np.ndarray = "",
        rating: np.ndarray | None = None,
    ) -> "Puzzles":
        """Puzzles from digits.

        >>> Puzzles.from_grids(parse_grids(questions), parse_grids(answers), "mine")       # doctest: +SKIP

        Args:
            grids: digits [puzzle, cell], 0 for a blank; one grid [cell] is taken too.
            solutions: digits [puzzle, cell], every one of them.
            source: of all puzzles, or of each.
            rating: of each; not known if None.

        Raises:
            InputError: as for ``Puzzles``.
        """
        tokens, answers = _codes(grids, "Grids") + 1, _codes(solutions, "Solutions") + 1
        sources = np.full(len(tokens), source) if isinstance(source, str) else np.asarray(source, str)
        return cls(tokens, answers, sources, rating)  # type: ignore[arg-type]

    @staticmethod
    def join(sets: Sequence["Puzzles"]) -> "Puzzles":
        """One set of several, one after another.

        >>> Puzzles.join([load_puzzles("6x6-train", 10), load_puzzles("6x6-test", 10)])     # doctest: +SKIP

        Args:
            sets: of one board.

        Raises:
            InputError: no set, or sets of several boards.
        """
        if len({s.board for s in sets}) != 1:
            raise InputError("Only sets of one board can be joined, and at least one set is needed.")
        parts = ([getattr(s, name) for s in sets] for name in ("tokens", "answers", "source", "rating"))
        return Puzzles(*(np.concatenate(part) for part in parts))

    @property
    def board(self) -> Board:
        return Board.of(self.tokens.shape[1])

    @property
    def grids(self) -> np.ndarray:
        """Digits [puzzle, cell], 0 for a blank."""
        return self.tokens - 1

    @property
    def solutions(self) -> np.ndarray:
        """Digits of the answers [puzzle, cell]."""
        return self.answers - 1

    @property
    def blanks(self) -> np.ndarray:
        """Where a cell is blank: bool [puzzle, cell]."""
        return self.tokens == BLANK

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, which: int | slice | Sequence[int] | np.ndarray) -> "Puzzles":
        """The puzzles at an index, a slice, a list of indices or a boolean mask; always a ``Puzzles``."""
        if isinstance(which, int | np.integer):
            if not -len(self) <= which < len(self):
                raise IndexError(f"There is no puzzle {which}; the set has {len(self)}.")
            which = [int(which)]
        rows = np.arange(len(self))[which]
        return Puzzles(self.tokens[rows], self.answers[rows], self.source[rows], self.rating[rows])

    def sample(self, n: int, seed: int = 0) -> "Puzzles":
        """``n`` puzzles drawn without replacement, kept in their order.

        Raises:
            InputError: the set has fewer, or the seed is negative.
        """
        return self[sample_rows(len(self), n, seed)]

    def __repr__(self) -> str:
        kinds, counts = np.unique(self.source, return_counts=True)
        told = [f"{count:,} {kind or 'without a source'}" for kind, count in zip(kinds, counts, strict=True)]
        sources = f": {', '.join(told)}" if any(kinds) else ""
        return f"Puzzles({len(self):,} of {self.board}{sources})"

    def to_csv(self, path: str | Path) -> None:
        """Write Sudoku-Extreme's columns, gzipped if ``path`` ends in ``.gz``; equal sets give equal files."""
        import pandas as pd

        table = pd.DataFrame(
            {
                "source": self.source,
                "question": format_grids(self.grids),
                "answer": format_grids(self.solutions),
                "rating": self.rating,
            }
        )
        content = table.to_csv(index=False, lineterminator="\n").encode()
        if str(path).lower().endswith(".gz"):
            packed = io.BytesIO()
            with gzip.GzipFile("", "wb", compresslevel=9, fileobj=packed, mtime=0) as file:
                file.write(content)
            content = packed.getvalue()
        with writing(path) as beside:
            beside.write_bytes(content)


def _codes(values: ArrayLike, name: str) -> np.ndarray:
    """Whole numbers of cells, int64 [puzzle, cell], as rows in memory that torch takes as they are."""
    codes = np.atleast_2d(values)
    if codes.ndim != 2 or codes.dtype.kind not in "iu":
        raise InputError(
            f"{name} must be whole numbers of shape [puzzle, cell]; "
            f"these are {codes.dtype} of shape {list(codes.shape)}."
        )
    return np.ascontiguousarray(codes, np.int64)


def _ratings(values: ArrayLike) -> np.ndarray:
    """Whole numbers, int64; pandas gives them as floats where others are missing."""
    ratings = np.asarray(values)
    if ratings.dtype.kind not in "iuf" or not np.all(np.isfinite(ratings) & (ratings == np.round(ratings))):
        raise InputError(f"Ratings must be whole numbers, {NOT_RATED} where a puzzle has none.")
    return ratings.astype(np.int64, copy=False)


def first_unsound(tokens: np.ndarray, answers: np.ndarray) -> tuple[int, str] | None:
    """Where an answer cannot be one, index of the first such row and what is wrong; None if all can.

    Args:
        tokens: [puzzle, cell], and ``answers`` of the same shape.
    """
    for faulty, fault in (
        (answers == BLANK, "the answer has blanks"),
        ((tokens > BLANK) & (tokens != answers), "the answer contradicts the question"),
    ):
        if faulty.any():
            return int(faulty.any(1).argmax()), fault
    return None


def sample_rows(size: int, n: int | None, seed: int) -> np.ndarray:
    """Indices of ``n`` of ``size`` rows, drawn without replacement, in ascending order; all for None."""
    if n is None:
        return np.arange(size)
    n = whole_number(n, "n")
    if n > size:
        raise InputError(
            f"n is {n:,}, but the set holds {counted(size, 'puzzle')}; ask for no more than that."
        )
    return np.sort(generator_of(seed).choice(size, n, replace=False))
