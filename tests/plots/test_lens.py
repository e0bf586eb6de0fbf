import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots.lens import arrival_curves, lens_curves, update_times

UPDATES = {"z_H": [(1, 0), (2, 0)], "z_L": [(1, 1), (1, 2), (2, 1), (2, 2)]}


@pytest.fixture
def table() -> pd.DataFrame:
    """Two segments of two cycles of two L-updates; what is right rises with time."""
    rows = [
        {"site": site, "segment": s, "H_cycle": H, "L_cycle": L, "right": s / 4 + H / 10, "solved": s / 2}
        for site, updates in UPDATES.items()
        for s in (1, 2)
        for H, L in updates
    ]
    return pd.DataFrame(rows).assign(low=0.0, high=1.0)


@pytest.fixture
def within() -> pd.DataFrame:
    rows = [(site, H, L) for site, updates in UPDATES.items() for H, L in updates]
    later = pd.DataFrame(rows, columns=["site", "H_cycle", "L_cycle"])
    return later.assign(comes_in="later", solved=[0.5, 1, 0, 0.1, 0.2, 0.3], low=0.0, high=1.0)


def line(ax: Axes, label: str) -> tuple[list[float], list[float]]:
    drawn = next(one for one in ax.lines if one.get_label() == label)
    return list(drawn.get_xdata()), list(drawn.get_ydata())


def test_segments_end_at_their_numbers_and_updates_stand_in_their_order(table: pd.DataFrame) -> None:
    times = {site: update_times(rows, table) * 6 for site, rows in table.groupby("site")}
    assert times["z_H"] == pytest.approx([3, 6, 9, 12])
    assert times["z_L"] == pytest.approx([1, 2, 4, 5, 7, 8, 10, 11])
    alone = table[table["site"] == "z_H"]
    assert update_times(alone, alone) == pytest.approx([0.5, 1, 1.5, 2])


def test_every_site_is_a_line_through_all_its_reads(ax: Axes, table: pd.DataFrame) -> None:
    assert lens_curves(ax, table, chance=0.25) is ax
    assert line(ax, "z_H")[1] == pytest.approx([0.35, 0.45, 0.6, 0.7])
    assert len(line(ax, "z_L")[0]) == 8
    assert line(ax, "chance")[1] == [0.25, 0.25]
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["chance", "z_H", "z_L", "filled: a segment's end"]


def test_filled_marks_are_ends_of_segments(ax: Axes, table: pd.DataFrame) -> None:
    lens_curves(ax, table[table["site"] == "z_H"])
    filled, hollow = (one for one in ax.lines if one.get_linestyle() == "None")
    assert list(filled.get_xdata()) == [1, 2]
    assert list(hollow.get_xdata()) == [0.5, 1.5]
    assert hollow.get_markerfacecolor() != filled.get_markerfacecolor()


def test_a_shorter_run_can_be_shown(ax: Axes, table: pd.DataFrame) -> None:
    lens_curves(ax, table, column="solved", segments=1, legend=False)
    assert line(ax, "z_H") == ([0.5, 1], [0.5, 0.5])
    assert len(ax.collections) == 2  # intervals
    assert ax.get_legend() is None


def test_a_site_inside_a_block_is_drawn_too(ax: Axes, table: pd.DataFrame) -> None:
    lens_curves(ax, table.replace("z_L", "L.blocks.0.hook_resid_mid"))
    assert len(line(ax, "L.blocks.0.hook_resid_mid")[0]) == 8


def test_updates_of_the_segment_stand_in_their_order(ax: Axes, within: pd.DataFrame) -> None:
    assert arrival_curves(ax, within, comes_in="later") is ax
    assert [text.get_text() for text in ax.get_xticklabels()] == ["H1", "H2"]
    assert list(ax.get_xticks(minor=True)) == [0, 1, 3, 4]
    drawn = {one.get_label(): one.lines[0] for one in ax.containers}
    assert list(drawn["z_H"].get_xdata()) == [2, 5]
    assert list(drawn["z_L"].get_ydata()) == [0, 0.1, 0.2, 0.3]


def test_a_group_without_puzzles_says_so(ax: Axes, within: pd.DataFrame) -> None:
    arrival_curves(ax, within, comes_in="first segment")
    assert ax.texts[0].get_text() == "no puzzle"
