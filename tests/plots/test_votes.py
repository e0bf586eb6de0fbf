import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import style
from hrm_probe.plots.votes import vote_curves
from hrm_probe.reasoning.guessing.votes import CEILING


@pytest.fixture
def table() -> pd.DataFrame:
    rows = [
        (vote, k, start + 0.1 * i, start + 0.1 * i - 0.05, start + 0.1 * i + 0.05)
        for vote, start in (("majority", 0.5), (CEILING, 0.6))
        for i, k in enumerate((4, 1, 2))
    ]
    return pd.DataFrame(rows, columns=["vote", "guesses", "accuracy", "low", "high"])


def test_draws_a_line_a_vote_in_the_order_of_guesses(ax: Axes, table: pd.DataFrame) -> None:
    assert vote_curves(ax, table, title="checkpoints") is ax
    lines = {c.get_label(): c.lines[0] for c in ax.containers}
    assert list(lines) == ["majority", CEILING]
    assert list(lines["majority"].get_xdata()) == [1, 2, 4]
    assert list(lines["majority"].get_ydata()) == pytest.approx([0.6, 0.7, 0.5])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2", "4"]
    assert ax.get_title(loc="left") == "checkpoints"


def test_the_ceiling_that_needs_the_answer_is_grey(ax: Axes, table: pd.DataFrame) -> None:
    vote_curves(ax, table, legend=False)
    colours = {c.get_label(): c.lines[0].get_color() for c in ax.containers}
    assert colours[CEILING] == style.GREY
    assert colours["majority"] != style.GREY
    assert ax.get_legend() is None


def test_labels_that_would_run_into_each_other_are_left_out(ax: Axes, table: pd.DataFrame) -> None:
    vote_curves(ax, table.assign(guesses=table["guesses"].replace({1: 8, 2: 9})))
    assert [t.get_text() for t in ax.get_xticklabels()] == ["4", "9"]
