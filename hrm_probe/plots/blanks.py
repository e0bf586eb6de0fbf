"""Accuracy against the number of blanks: easy puzzles ought to be the easy ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from plotly.graph_objects import Figure

NONE = 0.5  # where grids without blanks stand
_WHEN = (("last", "at the last segment", "-"), ("ever", "at any segment", "--"))


def blank_curves(ax: "Axes", tables: Mapping[str, pd.DataFrame], *, title: str = "") -> "Axes":
    """Exact accuracy against blanks, a colour and a marker for each model; solid at the last segment, dashed at any.

    Args:
        ax: where to draw.
        tables: for each model's name a table, a row for each number of blanks: ``blanks``, ``last``, ``last_low``,
            ``last_high``, ``ever``, ``ever_low``, ``ever_high``, shares from 0 to 1; where a column ``label`` says
            "all", the tick says so.
        title: above the picture.
    """
    for i, (model, table) in enumerate(tables.items()):
        place = _places(table)
        for column, when, dash in _WHEN:
            values = table[column].to_numpy(float)
            ax.errorbar(
                place,
                values,
                yerr=style.reach_of(table, column),
                color=style.SERIES[i % len(style.SERIES)],
                marker=style.MARKERS[i % len(style.MARKERS)],
                markerfacecolor=style.SERIES[i % len(style.SERIES)] if column == "last" else style.PAPER,
                linestyle=dash,
                elinewidth=0.8,
                label=f"{model}, {when}",
            )
    ax.set_xscale("log")
    ax.set_xticks(*_ticks(tables, "\n"))
    ax.minorticks_off()
    ax.set_xlabel("blank cells (log scale)")
    style.share_axis(ax, "solved")
    ax.set_title(title)
    ax.legend(loc="best")
    return ax


def blank_figure(tables: Mapping[str, pd.DataFrame]) -> "Figure":
    """The same, interactive."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for i, (model, table) in enumerate(tables.items()):
        for column, when, _ in _WHEN:
            figure.add_scatter(
                x=_places(table),
                y=table[column],
                name=f"{model}, {when}",
                mode="lines+markers",
                line={
                    "color": style.SERIES[i % len(style.SERIES)],
                    "dash": "solid" if column == "last" else "dash",
                },
                marker={"symbol": ("circle", "square", "triangle-up")[i % 3], "size": 8},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": table[f"{column}_high"] - table[column],
                    "arrayminus": table[column] - table[f"{column}_low"],
                    "thickness": 1,
                    "width": 3,
                },
                customdata=table["blanks"],
                hovertemplate="%{customdata} blank: %{y:.1%}<extra>" + f"{model}, {when}" + "</extra>",
            )
    style.plotly_style(figure, height=430)
    places, labels = _ticks(tables, "<br>")
    figure.update_xaxes(title_text="blank cells (log scale)", type="log", tickvals=places, ticktext=labels)
    figure.update_yaxes(title_text="solved", range=[-0.02, 1.02], tickformat=".0%")
    return figure


def _ticks(tables: Mapping[str, pd.DataFrame], line_break: str) -> tuple[list[float], list[str]]:
    """Where ticks stand and what they say; the puzzles as given are named, for their number of blanks is a mean."""
    table = next(iter(tables.values()))
    given = table["label"] == "all" if "label" in table else [False] * len(table)
    labels = [
        f"{int(b)}{line_break}as given" if g else str(int(b))
        for b, g in zip(table["blanks"], given, strict=True)
    ]
    return _places(table).tolist(), labels


def _places(table: pd.DataFrame) -> np.ndarray:
    """Where numbers of blanks stand: at themselves, but for none at all, which a log scale has no place for."""
    return table["blanks"].to_numpy(float).clip(min=NONE)
