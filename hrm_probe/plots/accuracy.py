"""Accuracy by segment: solved now, solved at some segment so far, and solved but lost again."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.errors import InputError
from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from plotly.graph_objects import Figure

_LINES = (
    ("ever", "solved at some segment so far", style.EVER, "--"),
    ("solved", "solved now", style.RIGHT, "-"),
    ("lost", "solved before, lost again", style.WRONG, ":"),
)


def accuracy_by_segment(ax: "Axes", table: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """Three shares of all puzzles against segments, each with its confidence band.

    Args:
        ax: where to draw.
        table: a row per segment, with columns ``segment`` (from 1) and, for each of solved, ever and lost,
            ``NAME``, ``NAME_low``, ``NAME_high``, shares from 0 to 1, as ``stability(model, puzzles).by_segment``
            has them. Series of NaN are left out.
        title: above the picture.
        legend: name the lines, below the picture.

    Returns:
        ``ax``; its lines are labelled as in the legend.

    Raises:
        InputError: a table without these columns, such as that of ``evaluate``, which has no intervals of all three.
    """
    _check(table)
    segments = table["segment"].to_numpy()
    for column, label, colour, dash in _LINES:
        values = table[column].to_numpy(float)
        if np.isnan(values).all():
            continue
        low, high = table[f"{column}_low"].to_numpy(float), table[f"{column}_high"].to_numpy(float)
        ax.fill_between(segments, low, high, color=colour, alpha=0.18, linewidth=0)
        ax.plot(segments, values, color=colour, linestyle=dash, label=label)
    style.segment_axis(ax, int(segments.max()))
    style.share_axis(ax)
    ax.set_title(title)
    if legend:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.24))  # curves may run anywhere inside
    return ax


def accuracy_figure(tables: dict[str, pd.DataFrame]) -> "Figure":
    """The same, interactive: one panel per model, one under another.

    Args:
        tables: for each model's name, a table as in :func:`accuracy_by_segment`.

    Raises:
        InputError: as there.
    """
    from plotly.subplots import make_subplots

    for table in tables.values():
        _check(table)
    figure = make_subplots(
        rows=len(tables),
        cols=1,
        subplot_titles=list(tables),
        vertical_spacing=0.3 / max(len(tables), 1),
        shared_xaxes=True,
    )
    for row, table in enumerate(tables.values(), start=1):
        for i, (column, label, colour, _) in enumerate(_LINES):
            x, y = table["segment"], table[column]
            low, high = table[f"{column}_low"], table[f"{column}_high"]
            figure.add_scatter(
                x=[*x, *x[::-1]],
                y=[*high, *low[::-1]],
                mode="lines",
                fill="toself",
                fillcolor=_see_through(colour),
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
                row=row,
                col=1,
            )
            figure.add_scatter(
                x=x,
                y=y,
                name=label,
                legendgroup=column,
                showlegend=row == 1,
                mode="lines",
                line={"color": colour, "dash": ("dash", "solid", "dot")[i], "width": 2.5},
                customdata=np.stack([low, high], 1),
                hovertemplate="segment %{x}: %{y:.1%} [%{customdata[0]:.1%}, %{customdata[1]:.1%}]"
                "<extra>" + label + "</extra>",
                row=row,
                col=1,
            )
    segments = max(int(table["segment"].max()) for table in tables.values())
    style.plotly_style(figure, height=110 + 210 * len(tables))
    figure.update_xaxes(tickvals=style.segment_ticks(segments))
    figure.update_xaxes(title_text="segment", row=len(tables), col=1)
    figure.update_yaxes(range=[-0.02, 1.02], tickformat=".0%", tickvals=[0, 0.5, 1])
    figure.update_annotations(font_size=13, xanchor="left", x=0)  # the models' names
    figure.update_layout(legend_y=1 + 0.1 / len(tables), margin_t=60)
    return figure


def _check(table: pd.DataFrame) -> None:
    """Raise an InputError where a table lacks what is drawn."""
    needed = ["segment", *(f"{name}{end}" for name, *_ in _LINES for end in ("", "_low", "_high"))]
    missing = [name for name in needed if name not in table]
    if missing:
        raise InputError(
            f"The table lacks the column {', '.join(missing)}; stability(model, puzzles).by_segment has all of them."
        )


def _see_through(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
