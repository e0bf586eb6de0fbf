"""A film strip: the board of one puzzle through the segments."""

import numpy as np

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.finding import Finding
from hrm_probe.plots import style
from hrm_probe.plots.film import film_strip
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.runs.outcomes import outcomes

COLUMNS = 8


def film(evidence: Evidence) -> Finding:
    """The most instructive board, by a fixed rule, segment by segment."""
    name = evidence.settings.model
    curves = evidence.curves(name)
    row, why = choose(curves)
    puzzle = evidence.puzzles[row]
    rows = -(-curves.segments // COLUMNS)
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 0.05 + 1.02 * rows)
        film_strip(
            figure.subplots(),
            puzzle.tokens[0],
            puzzle.answers[0],
            curves.predictions[row],
            evidence.box,
            columns=COLUMNS,
        )
    return Finding(
        name="film",
        title="One board through the segments",
        caption=f"{name} on puzzle {row} of the sample (seed {evidence.settings.seed}): {why}. "
        "Bold on grey: given. Struck through on a tint: wrong. Above each board: its segment and wrong cells.",
        figure=figure,
        numbers={
            "model": name,
            "puzzle": row,
            "rule": why,
            "tokens": puzzle.tokens[0],
            "answers": puzzle.answers[0],
            "predictions": curves.predictions[row],
            "wrong_cells": curves.errors[row],
        },
    )


def choose(curves: Curves) -> tuple[int, str]:
    """A puzzle by rule: the latest solution that is kept; else the puzzle with most changes; and the rule in words."""
    fate = outcomes(curves)
    late = (
        fate["kept"] & (fate["first_solved"] <= 0.75 * curves.segments)
    ).to_numpy()  # leave some to see it kept
    if late.any():
        first = np.where(late, fate["first_solved"], 0)
        row = int(first.argmax())
        return row, f"of the answers that are kept, one of the latest (at segment {first[row]})"
    changes = (np.diff(curves.predictions, axis=1) != 0).sum((1, 2))
    return int(changes.argmax()), "no right answer is kept; this puzzle's changes most"
