import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import invariance_marks
from hrm_probe.plots.invariance import NAMES
from hrm_probe.reasoning.guessing.invariance import WORDINGS


def table(**alike: float) -> pd.DataFrame:
    values = list(alike.values())
    return pd.DataFrame(
        {
            "kind": list(alike),
            "alike": values,
            "alike_low": [value - 0.1 for value in values],
            "alike_high": [value + 0.2 for value in values],
        }
    )


def test_a_mark_with_ends_for_each_model_and_kind_side_by_side(ax: Axes) -> None:
    tables = {"one": table(digits=0.4, start=0.9), "other": table(digits=0.7)}
    assert invariance_marks(ax, tables) is ax
    assert [label.get_text() for label in ax.get_xticklabels()] == [NAMES["start"], NAMES["digits"]]
    first, second = ax.containers
    assert list(first.lines[0].get_ydata()) == [0.4, 0.9]
    assert list(second.lines[0].get_ydata()) == [0.7]
    assert first.lines[0].get_xdata()[0] < 1 < second.lines[0].get_xdata()[0] < 1.5
    (bar,) = second.lines[2][0].get_segments()
    assert bar[:, 1] == pytest.approx([0.6, 0.9])
    assert ax.get_legend_handles_labels()[1] == ["one", "other"]


def test_every_kind_has_a_name_below_the_picture() -> None:
    assert set(NAMES) == set(WORDINGS)
