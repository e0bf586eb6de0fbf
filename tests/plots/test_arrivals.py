import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.dynamics import wilson
from hrm_probe.plots import jump_shares

TABLE = pd.DataFrame(
    {
        "arrives": ["2", "5-8"],
        "late": [40, 1200],
        "share": [0.9, 0.1],
        "share_low": [0.8, 0.05],
        "share_high": [0.95, 0.2],
    }
)


def test_a_mark_for_each_range_and_an_open_one_for_all(ax: Axes) -> None:
    everyone = wilson(156, 1240)
    assert jump_shares(ax, TABLE, everyone, false_alarms=wilson(3, 100)) is ax
    apart, together = (container.lines[0] for container in ax.containers)
    assert list(apart.get_ydata()) == [0.9, 0.1]
    assert list(together.get_ydata()) == [everyone.estimate]
    assert together.get_markerfacecolor() != apart.get_markerfacecolor()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2\n(40)", "5-8\n(1,200)", "all\n(1,240)"]
    (bar, _) = ax.containers[0].lines[2][0].get_segments()
    assert bar[:, 1] == pytest.approx([0.8, 0.95])
    (line,) = (line for line in ax.lines if line.get_linestyle() == ":")
    assert set(line.get_ydata()) == {0.03}


def test_the_ranges_alone_are_drawn_too(ax: Axes) -> None:
    jump_shares(ax, TABLE)
    assert len(ax.containers) == 1
    assert not [line for line in ax.lines if line.get_linestyle() == ":"]
