import pandas as pd
from matplotlib.axes import Axes

from hrm_probe.plots import residual_curves

ROWS = [
    (
        segment,
        cycle,
        L_cycle,
        "L" if L_cycle else "H",
        solved,
        1 / segment / (1 + L_cycle) / (1 if solved else 10),
    )
    for segment in (1, 2, 3)
    for cycle in (1, 2)
    for L_cycle in (1, 2, 0)
    for solved in (False, True)
]
TABLE = pd.DataFrame(ROWS, columns=["segment", "H_cycle", "L_cycle", "level", "solved", "median"]).assign(
    lower=lambda t: t["median"] / 2, upper=lambda t: t["median"] * 2
)


def test_a_line_for_the_last_update_of_each_level_by_outcome(ax: Axes) -> None:
    assert residual_curves(ax, TABLE) is ax
    lines = {str(line.get_label()): list(line.get_ydata()) for line in ax.lines}
    assert lines["z_H, last update, solved"] == [1, 1 / 2, 1 / 3]
    assert lines["z_L, last update, solved"] == [1 / 3, 1 / 6, 1 / 9]
    assert lines["z_H, last update, not solved"] == [1 / 10, 1 / 20, 1 / 30]
    assert ax.get_yscale() == "log"


def test_where_all_are_solved_only_those_are_drawn(ax: Axes) -> None:
    residual_curves(ax, TABLE[TABLE["solved"]])
    assert len(ax.lines) == 2
