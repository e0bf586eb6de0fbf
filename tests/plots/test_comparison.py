"""Two kinds of models side by side: every model a mark, every measure a row, unknown ones left out."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hrm_probe.plots.comparison import kinds_compared

PLACES = (("rest", "HRM", 0.8), ("rest", "TRM", 0.1), ("jump", "HRM", 0.3), ("jump", "TRM", 0.9))
VALUES = pd.DataFrame(
    [
        {
            "measure": measure,
            "kind": kind,
            "model": f"{kind}-{seed}",
            "estimate": at,
            "low": at - 0.1,
            "high": at + 0.1,
        }
        for measure, kind, at in (
            ("rest", "HRM", 0.8),
            ("rest", "TRM", 0.1),
            ("jump", "HRM", 0.3),
            ("jump", "TRM", 0.9),
        )
        for seed in range(3)
    ]
)
TITLES = {"rest": "failures at rest", "jump": "answers that jump"}


def marks(ax: Axes) -> list[tuple[float, float]]:
    """Where marks stand, kind by kind."""
    return [
        point for container in ax.containers for point in zip(*container.lines[0].get_data(), strict=True)
    ]


def test_a_mark_a_model_in_the_row_of_its_measure(ax: Axes) -> None:
    assert kinds_compared(ax, VALUES, TITLES) is ax
    placed = marks(ax)
    assert len(placed) == 12
    assert all(round(y) == (0 if x in (0.8, 0.1) else 1) for x, y in placed)
    assert len({y for _, y in placed}) == 12  # none hides another
    assert [text.get_text() for text in ax.get_yticklabels()] == list(TITLES.values())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["HRM", "TRM"]


def test_kinds_differ_in_mark_as_well_as_colour(ax: Axes) -> None:
    kinds_compared(ax, VALUES, TITLES)
    assert len({container.lines[0].get_marker() for container in ax.containers}) == 2


def test_what_was_not_measured_is_not_drawn(ax: Axes) -> None:
    some = VALUES.assign(estimate=np.where(VALUES["model"] == "HRM-1", np.nan, VALUES["estimate"]))
    kinds_compared(ax, some, TITLES)
    assert len(marks(ax)) == 10
