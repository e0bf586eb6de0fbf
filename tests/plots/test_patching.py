import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import style
from hrm_probe.plots.patching import patch_map


def a_table(segments: int = 2, positions: tuple[str, ...] = ("all",)) -> pd.DataFrame:
    """z_L at two L-updates and z_H at the H-update of each segment, out of order; effects count up from 0 to 1."""
    rows = [
        (site, where, s, 1, L, f"{s}.1.{f'L{L}' if L else 'H'}")
        for site, updates in (("z_L", (2, 1)), ("z_H", (0,)))
        for where in positions
        for s in range(segments, 0, -1)
        for L in updates
    ]
    table = pd.DataFrame(rows, columns=["site", "positions", "segment", "H_cycle", "L_cycle", "tick"])
    return table.assign(recovered=np.linspace(0, 1, len(table)))


def test_updates_stand_in_the_order_of_time_and_h_ends_its_cycle(ax: Axes) -> None:
    assert patch_map(ax, a_table()) is ax
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "1.1.L1", "1.1.L2", "1.1.H", "2.1.L1", "2.1.L2", "2.1.H",
    ]  # fmt: skip
    assert [label.get_text() for label in ax.get_yticklabels()] == ["z_L", "z_H"]


def test_every_effect_stands_at_its_site_and_tick_and_nothing_where_there_is_none(ax: Axes) -> None:
    table = a_table()
    patch_map(ax, table)
    shown = np.ma.filled(ax.images[0].get_array(), np.nan)
    for column, tick in enumerate(label.get_text() for label in ax.get_xticklabels()):
        for row, site in enumerate(("z_L", "z_H")):
            told = table.loc[(table["site"] == site) & (table["tick"] == tick), "recovered"]
            assert shown[row, column] == pytest.approx(told.iloc[0] if len(told) else np.nan, nan_ok=True)
    assert ax.images[0].get_clim() == (0, 1)


def test_sets_of_positions_are_rows_of_their_own(ax: Axes) -> None:
    patch_map(ax, a_table(positions=("clues", "blanks")), bar=False)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["z_L, clues", "z_L, blanks", "z_H, clues", "z_H, blanks"]


def test_many_updates_are_told_by_their_segments(ax: Axes) -> None:
    patch_map(ax, a_table(segments=7))
    assert [label.get_text() for label in ax.get_xticklabels()] == list("1234567")
    assert list(ax.get_xticks())[:2] == [1, 4]  # the middle of three updates each


def test_a_site_that_runs_once_a_segment_has_a_column(ax: Axes) -> None:
    once = pd.DataFrame(
        {"site": "embed", "positions": "all", "segment": [1], "H_cycle": 0, "L_cycle": 0, "tick": "1"}
    )
    patch_map(ax, pd.concat([a_table(1), once.assign(recovered=0.5)], ignore_index=True))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "1.1.L1", "1.1.L2", "1.1.H"]


def test_the_scale_says_what_it_is_of() -> None:
    with style.style():
        figure = style.new_figure(4, 3)
        patch_map(figure.subplots(), a_table().assign(donor=0.5), "donor")
    assert figure.axes[1].get_ylabel() == "disputed cells as the donor's"
