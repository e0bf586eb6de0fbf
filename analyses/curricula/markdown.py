"""Tables of the page that a report writes: words to the left, numbers to the right."""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

LEFT, RIGHT = "---", "---:"


def mean_table(label: str, table: pd.DataFrame) -> str:
    """Each arm's mean of one quantity."""
    return _table(
        {label: LEFT, "mean": RIGHT, "95% interval": RIGHT, "seeds": RIGHT},
        ((row.arm, _three(row.estimate), _span(row.low, row.high), row.seeds) for row in table.itertuples()),
    )


def verdict_table(judged: list[Any]) -> str:
    """What was published, what was found, and whether it was reproduced."""
    return _table(
        {"claim": LEFT, "published": RIGHT, "found": RIGHT, "verdict": LEFT, "why": LEFT},
        (
            (
                verdict.claim,
                verdict.published,
                _in_the_unit_of(verdict.published, verdict.found),
                f"**{verdict.verdict}**",
                verdict.why,
            )
            for verdict in judged
        ),
    )


def _in_the_unit_of(published: str, found: Any) -> str:
    """What was found, so that it can be held against what was published as it stands: "-7.58 points (-13 to -2.12)"."""
    scale, unit = next(((100.0, unit) for unit in ("%", " points") if published.endswith(unit)), (1.0, ""))
    estimate, low, high = (scale * value for value in (found.estimate, found.low, found.high))
    return f"{_three(estimate)}{unit} ({_span(low, high)})"


def comparison_table(compared: pd.DataFrame) -> str:
    """Arms minus their baselines, of :func:`curricula.comparing_detectors.compare_detectors`."""
    finished, equal = ("estimate", "low", "high"), ("equal", "equal_low", "equal_high")
    return _differences(
        compared, {"minus finished baseline": finished, "minus baseline of equal accuracy": equal}
    )


def finished_table(compared: pd.DataFrame, against: str) -> str:
    """Arms minus another, of :func:`curricula.comparing_detectors.compare_finished`."""
    own, solved = ("estimate", "low", "high"), ("solved", "solved_low", "solved_high")
    return _differences(compared, {f"minus {against}": own, f"solved, minus {against}": solved})


def depth_table(asked: pd.DataFrame) -> str:
    """Each arm's mean accuracy at each depth it was asked at."""
    return _table(
        {"arm": LEFT, "asked at (L, H)": LEFT, "solved": RIGHT, "95% interval": RIGHT, "seeds": RIGHT},
        (
            (
                row.arm,
                f"({row.L_cycles}, {row.H_cycles})",
                f"{row.estimate:.3g}",
                _span(row.low, row.high),
                row.seeds,
            )
            for row in asked.itertuples()
        ),
    )


def _differences(compared: pd.DataFrame, columns: dict[str, tuple[str, str, str]]) -> str:
    """A row an arm and detector; ``columns``: by heading, those that hold a difference and the ends of its interval."""
    return _table(
        {
            "arm": LEFT, "detector": LEFT, **dict.fromkeys(columns, LEFT), "seeds": RIGHT, "p, Holm": RIGHT,
            "verdict": LEFT,
        },
        (
            (
                row["arm"],
                row["detector"],
                *(_difference(*row[list(names)]) for names in columns.values()),
                row["seeds"],
                f"{row['p_holm']:.2g}" if math.isfinite(row["p_holm"]) else "–",
                f"**{row['verdict']}**",
            )
            for _, row in compared.iterrows()
        ),
    )  # fmt: skip


def _difference(estimate: float, low: float, high: float) -> str:
    return f"{estimate:+.3g} ({_span(low, high)})"


def _span(low: float, high: float) -> str:
    """An interval; a dash where one seed gives none."""
    return f"{_three(low)} to {_three(high)}" if math.isfinite(low) and math.isfinite(high) else "–"


def _three(value: float) -> str:
    """Three significant digits, without powers of ten up to a million."""
    return f"{float(f'{value:.3g}'):,g}" if abs(value) < 1e6 else f"{value:.3g}"


def _table(columns: dict[str, str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [columns.keys(), columns.values(), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
