import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import conviction_points, excluded_points, exclusion_curves, standoff_curves


def drawn(ax: Axes) -> list[list[tuple[float, float]]]:
    return [list(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in ax.lines]


def names(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_peers_and_cells_that_no_rule_concerns_while_a_digit_is_held_and_while_another_is(ax: Axes) -> None:
    rows = [("row", 1, 0.9, 0.9), ("peers", 1, 0.1, 0.3), ("peers", 2, 0.0, 0.4), ("unrelated", 1, 0.2, 0.25)]
    table = pd.DataFrame(rows, columns=["relation", "read", "held", "otherwise"])
    assert exclusion_curves(ax, table) is ax
    assert drawn(ax) == [
        [(1, 0.1), (2, 0.0)], [(1, 0.3), (2, 0.4)], [(1, 0.2)], [(1, 0.25)]
    ]  # fmt: skip
    assert names(ax) == ["peers: held", "peers: another held", "no rule: held", "no rule: another held"]
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_how_much_is_given_up_by_how_sure_the_head_is(ax: Axes) -> None:
    table = pd.DataFrame(
        {
            "above": [0.0, 0.4, 0.8],
            "up_to": [0.4, 0.6, 1.0],
            "digits": [2, 30, 90],
            "excluded": [1.0, 0.3, 0.6],
            "excluded_low": [1.0, 0.1, 0.5],
            "excluded_high": [1.0, 0.4, 0.7],
        }
    )
    assert excluded_points(ax, table) is ax
    assert drawn(ax)[0] == [(0.5, 0.3), (0.9, 0.6)]  # few digits are left out
    ends = [collection.get_segments() for collection in ax.collections]
    assert ends[0][1][:, 0] == pytest.approx([0.8, 1.0])
    assert ends[1][0][:, 1] == pytest.approx([0.1, 0.4])


def test_three_runs_of_a_standoff(ax: Axes) -> None:
    table = pd.DataFrame({"read": [1, 2], "plain": [0.8, 0.7], "told": [0.1, 0.0], "other": [0.9, 1.0]})
    assert standoff_curves(ax, table, title="a model") is ax
    curves = dict(zip(names(ax), drawn(ax), strict=True))
    assert curves == {
        "another digit": [(1, 0.9), (2, 1.0)],
        "nothing": [(1, 0.8), (2, 0.7)],
        "the same digit": [(1, 0.1), (2, 0.0)],
    }
    assert ax.get_title(loc="left") + ax.get_title() == "a model"


def test_legends_can_be_left_out(ax: Axes) -> None:
    table = pd.DataFrame({"read": [1], "plain": [0.8], "told": [0.1], "other": [0.9]})
    assert not standoff_curves(ax, table, legend=False).get_legend()


def test_kinds_of_cells_from_above_with_their_ends(ax: Axes) -> None:
    table = pd.DataFrame(
        {
            "kind": ["in a standoff", "right elsewhere"],
            "probability": [0.5, 0.8],
            "probability_low": [0.4, 0.75],
            "probability_high": [0.6, 0.9],
        }
    )
    assert conviction_points(ax, table) is ax
    assert [text.get_text() for text in ax.get_yticklabels()] == ["in a standoff", "right elsewhere"]
    assert drawn(ax)[0] == [(0.5, 0), (0.8, 1)]
    low, high = ax.get_ylim()
    assert low > high  # the first is above
    (segments,) = [collection.get_segments() for collection in ax.collections]
    assert segments[0][:, 0] == pytest.approx([0.4, 0.6])
    assert segments[1][:, 0] == pytest.approx([0.75, 0.9])
