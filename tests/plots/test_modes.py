import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import style
from hrm_probe.plots.modes import mode_curves, mode_figure, mode_shares


@pytest.fixture
def table() -> pd.DataFrame:
    """Without a row for trivial failures, and in another order."""
    names = ["non-trivial failure", "trivial success", "non-trivial success"]
    share = np.array([0.1, 0.6, 0.3])
    return pd.DataFrame(
        {"mode": names, "puzzles": [10, 60, 30], "share": share, "low": share - 0.05, "high": share + 0.05}
    )


def test_all_four_bars_in_their_order_even_if_one_is_empty(ax: Axes, table: pd.DataFrame) -> None:
    assert mode_shares(ax, table) is ax
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.6, 0.3, 0, 0.1])
    names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert names == list(style.MODES)


def test_counts_stand_beside_the_bars(ax: Axes, table: pd.DataFrame) -> None:
    mode_shares(ax, table)
    assert [text.get_text() for text in ax.texts] == ["60% (60)", "30% (30)", "0% (0)", "10% (10)"]


def test_failures_are_hatched(ax: Axes, table: pd.DataFrame) -> None:
    mode_shares(ax, table)
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, False, True, True]


def test_curves_and_their_average(ax: Axes) -> None:
    errors = np.array([[9, 4, 0], [9, 6, 2]])
    mode_curves(ax, errors, "trivial success")
    assert list(ax.lines[0].get_ydata()) == [9, 4, 0]
    assert list(ax.lines[-1].get_ydata()) == [9, 5, 1]
    assert ax.get_title(loc="left") == "trivial success (2)"


def test_many_curves_are_thinned_evenly(ax: Axes) -> None:
    mode_curves(ax, np.arange(100)[:, None] * np.ones((1, 3)), "trivial success", single=3)
    assert [line.get_ydata()[0] for line in ax.lines[:3]] == [0, 50, 99]


def test_a_mode_without_puzzles_says_so(ax: Axes) -> None:
    mode_curves(ax, np.empty((0, 3)), "trivial failure")
    assert "no puzzle" in [text.get_text() for text in ax.texts]


def test_interactive_bars(table: pd.DataFrame) -> None:
    assert list(mode_figure(table).data[0].x) == pytest.approx([0.6, 0.3, 0, 0.1])
