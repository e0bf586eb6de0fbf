import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import change_marks

TABLE = pd.DataFrame(
    [
        ("solved", "all", True, 0.1, 0.05, 0.15),
        ("of late answers, jumps", "each", True, 0.4, 0.3, 0.5),
        ("of late answers, jumps", "both", True, 0.6, 0.5, 0.7),
        ("grids", "all", False, -2.0, -3.0, -1.0),
        ("of nothing", "both", True, float("nan"), float("nan"), float("nan")),
    ],
    columns=["told", "among", "percent", "change", "change_low", "change_high"],
)


def test_a_row_for_each_share_and_open_marks_where_each_counts_its_own(ax: Axes) -> None:
    assert change_marks(ax, TABLE, "hrm", "trm") is ax
    assert [label.get_text() for label in ax.get_yticklabels()] == ["solved", "of late answers, jumps"]
    assert ax.get_xlabel() == "trm minus hrm, points"
    marks = [container.lines[0].get_xydata() for container in ax.containers]
    drawn = sorted((x, y) for points in marks for x, y in points)
    assert [x for x, _ in drawn] == pytest.approx([10, 40, 60])
    assert drawn[1][1] < 1 < drawn[2][1]
    assert drawn[0][1] == 0


def test_the_legend_tells_open_marks_from_filled_ones(ax: Axes) -> None:
    change_marks(ax, TABLE)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "all rows",
        "each one's own rows",
        "the same rows",
    ]
    faces = [container.lines[0].get_markerfacecolor() for container in ax.containers]
    assert len(set(faces)) == 2  # all and both are filled, in other shapes


def test_where_all_rows_count_no_legend_is_needed(ax: Axes) -> None:
    change_marks(ax, TABLE[TABLE["among"] == "all"])
    assert ax.get_legend() is None
