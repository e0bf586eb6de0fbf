"""What is compared of two answers to one question: numbers that each row of their tables has by itself."""

from typing import NamedTuple


class Number(NamedTuple):
    """A share of rows, or a mean over them.

    Attributes:
        told: what it is, in words.
        of: expression in the columns of the table: flags for a share, numbers for a mean.
        among: expression of the rows that count; all if empty. Two answers may count different rows.
    """

    told: str
    of: str
    among: str = ""


class Kind(NamedTuple):
    """How answers of one kind are compared.

    Attributes:
        numbers: by name.
        rows: columns by which rows of two tables belong together; none where rows stand in the puzzles' order.
        same: columns that say what the puzzle is, whoever is asked, and in whatever way.
    """

    numbers: dict[str, Number]
    rows: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


_OUTCOMES = {
    "solved": Number("solved at the last segment", "solved_last"),
    "at_halt": Number("solved where the model would halt", "solved_at_halt"),
    "ever": Number("solved at some segment", "solved_ever"),
    "kept": Number("of those ever solved, never lost", "kept", "solved_ever"),
    "gone": Number("of those ever solved, not solved at the last segment", "~solved_last", "solved_ever"),
    "arrives": Number("segment at which it is first solved", "first_solved", "solved_ever"),
    "halts": Number("segment at which the model would halt", "halted_at"),
}
_SETTLED = {
    "solved": Number("solved at the last segment", "solved"),
    "failures_settled": Number("of failures, settled", "settled", "~solved"),
    "successes_settled": Number("of successes, settled", "settled", "solved"),
}

COMPARED: dict[str, Kind] = {
    "Accuracy": Kind(
        {
            "solved": Number("solved at the last segment", "solved"),
            "at_halt": Number("solved where the model would halt", "solved_at_halt"),
            "ever": Number("solved at some segment", "solved_ever"),
            "gone": Number("of those ever solved, not solved at the last segment", "~solved", "solved_ever"),
            "arrives": Number("segment at which it is first solved", "first_solved", "solved_ever"),
            "halts": Number("segment at which the model would halt", "halted_at"),
            "wrong_cells": Number("wrong cells at the last segment", "wrong_cells"),
        },
        same=("source", "rating", "blanks"),
    ),
    "Keeping": Kind(_OUTCOMES, ("puzzle",)),
    "SingleBlank": Kind(
        {**_OUTCOMES, "clues_kept": Number("repeats every clue at the last segment", "clues_kept")},
        ("puzzle", "cell"),
        ("digit", "rating"),
    ),
    "Jumps": Kind(
        {
            "solved": Number("solved at the last segment", "solved"),
            "late": Number("solved at the last segment, not at the first", "late"),
            "jump": Number("of late answers, jumps", "kind == 'jump'", "late"),
            "gradual": Number("of late answers, gradual", "kind == 'gradual'", "late"),
            "steepest": Number("largest part of a late answer's fall in one segment", "steepest", "late"),
            "arrives": Number("segment at which a late answer is first solved", "first_solved", "late"),
            "before_halt": Number(
                "of jumps of late answers, no later than halting",
                "jump_minus_halt <= 0",
                "late and kind == 'jump'",
            ),
        }
    ),
    "Modes": Kind(
        {
            **{
                mode.replace(" ", "_").replace("-", "_"): Number(mode, f"mode == '{mode}'")
                for mode in (
                    "trivial success",
                    "non-trivial success",
                    "trivial failure",
                    "non-trivial failure",
                )
            },
            "failures_settled": _SETTLED["failures_settled"],
            "held_from": Number("segment from which a right grid is held", "held_from", "solved"),
            "grids": Number("different grids on the way", "grids"),
        }
    ),
    "Traps": Kind(
        {
            **_SETTLED,
            "trapped": Number("hold a wrong grid for long", "trap_segment > 0"),
            "escaped": Number(
                "of those that hold a wrong grid for long, leave it", "escaped", "trap_segment > 0"
            ),
            "rescued": Number(
                "of restarted failures, solved by some restart", "rescued > 0", "~solved and rescued >= 0"
            ),
        }
    ),
    "Wandering": Kind(_SETTLED | {"late_drift": Number("late drift of z_H", "late_drift")}),
    "AttractorSearch": Kind(
        {
            "attractors": Number("attractors", "attractors"),
            "several": Number("two attractors or more", "attractors > 1"),
            "rivals": Number(
                "a right and a wrong attractor", "right_attractors > 0 and wrong_attractors > 0"
            ),
            "wandering": Number("share of starts that never settle", "wandering"),
            "right_basin": Number("share of starts that end right", "right_starts"),
        },
        ("puzzle",),
    ),
    "DeductionOrder": Kind(
        {
            "solved": Number("solved at the last segment", "solved"),
            "deduction": Number(
                "of cells of a solved puzzle, pairs in the order of deduction", "deduction", "solved"
            ),
            "candidates": Number(
                "of cells of a solved puzzle, pairs in the order of candidates", "candidates", "solved"
            ),
        },
        same=("rounds", "beyond", "blanks", "rating"),
    ),
    "HeldBack": Kind(
        {
            "difference": Number("reads that followers wait longer than others, a cell held", "difference"),
            "idle_difference": Number("the same, an idle cell held", "idle_difference"),
        }
    ),
    "FollowedThrough": Kind(
        {
            "solved": Number("solved at the last segment", "solved"),
            "difference": Number("how much more conclusions are shown with their wrong guess", "difference"),
        },
        ("puzzle",),
        ("beyond",),
    ),
    "Supposed": Kind(
        {
            "taken": Number("share of reads in which a guess that is put in is shown", "taken"),
            "difference": Number("how much more conclusions are shown with their wrong guess", "difference"),
        },
        ("puzzle", "cell", "wrong_digit"),
        ("conclusions",),
    ),
    "Exclusion": Kind(
        {
            "taken": Number("share of reads in which a cell shows what it is made to hold", "taken"),
            "held": Number("how often its peers show that digit", "held"),
            "otherwise": Number("how often they show it otherwise", "otherwise"),
        },
        ("puzzle", "cell", "first", "second"),
    ),
}
"""By the name of the answer's class."""
