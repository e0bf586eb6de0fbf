"""What is compared of two answers to one question: numbers that each row of their tables has by itself."""

from typing import NamedTuple


class Number(NamedTuple):
    """A share of rows, or a mean over them.

    Attributes:
        told: what it is, in words.
        of: expression in the columns of the table: flags for a share, numbers for a mean.
        among: expression of the rows that count; all if empty. Two answers may count different rows.
        percent: whether a mean is one of shares, and told in percent as shares are.
    """

    told: str
    of: str
    among: str = ""
    percent: bool = False


class Kind(NamedTuple):
    """How answers of one kind are compared.

    Attributes:
        questions: that they answer.
        numbers: by name.
        rows: columns by which rows of two tables belong together; none where rows stand in the puzzles' order.
        same: columns that say what the puzzle is, whoever is asked, under one ``condition``.
    """

    questions: tuple[str, ...]
    numbers: dict[str, Number]
    rows: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


_SOLVED = {"solved": Number("solved at the last segment", "solved")}
_OUTCOMES = {
    "solved": Number("solved at the last segment", "solved_last"),
    "at_halt": Number("solved where the model would halt", "solved_at_halt"),
    "ever": Number("solved at some segment", "solved_ever"),
    "gone": Number("solved at some segment, but not at the last", "~solved_last", "solved_ever"),
    "arrives": Number("segment at which it is first solved", "first_solved", "solved_ever"),
    "halts": Number("segment at which the model would halt", "halted_at"),
}
_MODES = ("trivial success", "non-trivial success", "trivial failure", "non-trivial failure")
_FAILURES_SETTLED = {"failures_settled": Number("failures that settle", "settled", "~solved")}
_FOLLOWED = {
    "difference": Number(
        "conclusions shown with their wrong guess alone, beyond others",
        "difference",
        percent=True,
    )
}

COMPARED: dict[str, Kind] = {
    "Accuracy": Kind(
        ("evaluate",),
        _OUTCOMES
        | _SOLVED
        | {
            "gone": Number("solved at some segment, but not at the last", "~solved", "solved_ever"),
            "wrong_cells": Number("wrong cells at the last segment", "wrong_cells"),
        },
        same=("source", "rating", "blanks"),
    ),
    "Keeping": Kind(
        ("stability", "row_masking", "solved_grids"), _OUTCOMES, ("puzzle",), ("rating", "blanks")
    ),
    "SingleBlank": Kind(
        ("single_blank",),
        _OUTCOMES
        | {
            "clues_kept": Number("every clue repeated at the last segment", "clues_kept"),
            "blank_right": Number("the blank itself right at the last segment", "blank_right"),
        },
        ("puzzle", "cell"),
        ("digit", "rating"),
    ),
    "Jumps": Kind(
        ("jumps",),
        _SOLVED
        | {
            "late": Number("solved at the last segment, not at the first", "late"),
            "jump": Number("late answers that jump", "kind == 'jump'", "late"),
            "steepest": Number(
                "largest part of a late answer's fall in one segment", "steepest", "late", percent=True
            ),
            "arrives": Number("segment at which a late answer is first solved", "first_solved", "late"),
            "before_halt": Number(
                "jumps that come no later than halting", "jump_minus_halt <= 0", "late and kind == 'jump'"
            ),
        },
    ),
    "Modes": Kind(
        ("modes",),
        {mode.replace(" ", "_").replace("-", "_"): Number(mode, f"mode == '{mode}'") for mode in _MODES}
        | _FAILURES_SETTLED
        | {
            "held_from": Number("segment from which a right grid is held", "held_from", "solved"),
            "grids": Number("different grids on the way", "grids"),
        },
    ),
    "Traps": Kind(
        ("traps",),
        _SOLVED
        | _FAILURES_SETTLED
        | {
            "trapped": Number("hold a wrong grid for long", "trap_segment > 0"),
            "escaped": Number("leave a wrong grid that they held for long", "escaped", "trap_segment > 0"),
            "rescued": Number(
                "restarted failures that some restart solves", "rescued > 0", "~solved and rescued >= 0"
            ),
        },
    ),
    "Wandering": Kind(
        ("wandering",),
        _SOLVED
        | _FAILURES_SETTLED
        | {
            "successes_settled": Number("successes that settle", "settled", "solved"),
            "late_drift": Number("late drift of z_H", "late_drift"),
        },
    ),
    "AttractorSearch": Kind(
        ("attractors",),
        {
            "attractors": Number("attractors", "attractors"),
            "several": Number("two attractors or more", "attractors > 1"),
            "rivals": Number(
                "a right and a wrong attractor", "right_attractors > 0 and wrong_attractors > 0"
            ),
            "wandering": Number("starts that never settle", "wandering", percent=True),
            "right_basin": Number("starts that end right", "right_starts", percent=True),
        },
        ("puzzle",),
    ),
    "DeductionOrder": Kind(
        ("deduction_order",),
        _SOLVED
        | {
            "deduction": Number(
                "pairs of cells in the order of deduction", "deduction", "solved", percent=True
            ),
            "candidates": Number(
                "pairs of cells in the order of candidates", "candidates", "solved", percent=True
            ),
        },
        same=("rounds", "beyond", "blanks", "rating"),
    ),
    "HeldBack": Kind(
        ("hold_back",),
        {
            "difference": Number("reads that cells wait longer which follow from a held one", "difference"),
            "idle_difference": Number(
                "reads that they wait longer where an idle cell is held", "idle_difference"
            ),
        },
    ),
    "FollowedThrough": Kind(("follow_through",), _SOLVED | _FOLLOWED, ("puzzle",), ("beyond",)),
    "Supposed": Kind(
        ("suppose",),
        {"taken": Number("reads in which a guess that is put in is shown", "taken", percent=True)}
        | _FOLLOWED,
        ("puzzle", "cell", "wrong_digit"),
        ("conclusions",),
    ),
    "Exclusion": Kind(
        ("exclusion",),
        {
            "taken": Number("reads in which a cell shows what it is made to hold", "taken", percent=True),
            "held": Number("reads in which its peers show that digit", "held", percent=True),
            "otherwise": Number("reads in which they show it otherwise", "otherwise", percent=True),
        },
        ("puzzle", "cell", "first", "second"),
    ),
}
"""By the name of the answer's class."""
