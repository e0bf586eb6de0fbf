"""One look for every picture: colours that stay apart in grey and for the colour-blind, sizes for print.

Colours are Okabe and Ito's, used in pairs of unlike lightness; wherever colour carries meaning, a line style, a
marker, a hatching or a label carries it too.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike
    from plotly.graph_objects import Figure as PlotlyFigure

INK = "#1A1A1A"
GREY = "#6B6B6B"
PALE = "#D9D9D9"
PAPER = "#FFFFFF"

RIGHT = "#0072B2"  # dark in grey
EVER = "#56B4E9"  # light in grey
WRONG = "#D55E00"
WRONG_FILL = "#F6C9A8"  # behind a wrong digit: light enough for black print on it

SERIES = ("#0072B2", "#E69F00", "#1A1A1A", "#009E73", "#CC79A7", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))


def series(number: int) -> tuple[str, str, Any]:
    """Colour, marker and dashes of a series, by its number from 0; beyond the sixth the dashes shift, so none is alike.

    >>> series(1), series(7)
    (('#E69F00', 's', '--'), ('#E69F00', 's', '-.'))
    """
    turn, at = divmod(number, len(SERIES))
    return SERIES[at], MARKERS[at], DASHES[(at + turn) % len(DASHES)]


MODES = ("trivial success", "non-trivial success", "trivial failure", "non-trivial failure")
MODE_COLOURS = {
    "trivial success": "#0072B2",
    "non-trivial success": "#8CCBF2",
    "trivial failure": "#A94A00",
    "non-trivial failure": "#F3B46B",
}
MODE_HATCHES = {
    "trivial success": "",
    "non-trivial success": "",
    "trivial failure": "///",
    "non-trivial failure": "///",
}

SINGLE_COLUMN = 3.4  # inches, as journals print them
DOUBLE_COLUMN = 7.0
DPI = 220
FONT = "DejaVu Sans"  # travels with matplotlib, so pictures are the same everywhere
WEB_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

_RC: Any = {
    "font.family": FONT,
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 6,
    "axes.labelsize": 8,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "text.color": INK,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "legend.handlelength": 2.2,
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "savefig.dpi": DPI,
    "savefig.facecolor": PAPER,
    "pdf.fonttype": 42,  # text stays text
    "svg.fonttype": "none",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the common style inside this context.

    >>> with style():                                    # doctest: +SKIP
    ...     figure, ax = plt.subplots()
    """
    import matplotlib as mpl

    with mpl.rc_context(_RC):
        yield


def new_figure(width: float = DOUBLE_COLUMN, height: float = 2.6) -> "Figure":
    """An empty figure that needs no display and that no global list keeps alive. Use inside :func:`style`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def error_colours() -> "Colormap":
    """From white (no error) to dark (large error), monotone in lightness, so that it prints in grey."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("error", ERROR_STOPS)


def share_colours() -> "Colormap":
    """From white (0) to dark blue (1), monotone in lightness."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("share", ["#FFFFFF", "#CFE3F2", "#7FB4DA", "#2F7FB8", "#0B4572"])


ERROR_STOPS = ["#FFFFFF", "#F7E6D4", "#EBC39A", "#D99A6C", "#B86B50", "#7F3F45"]


def ratio_axis(ax: "Axes", which: Literal["x", "y"], ticks: Sequence[float]) -> None:
    """An axis of ratios: on a log scale, a line at 1, and those of the ticks that lie within what is drawn."""
    along = ax.xaxis if which == "x" else ax.yaxis
    (ax.axvline if which == "x" else ax.axhline)(1, color=GREY, linewidth=0.6)
    (ax.set_xscale if which == "x" else ax.set_yscale)("log")
    low, high = along.get_view_interval()
    along.set_ticks(shown := [tick for tick in ticks if low <= tick <= high], [f"{tick:g}" for tick in shown])
    ax.minorticks_off()


def segment_axis(ax: "Axes", segments: int, label: bool = True) -> None:
    """Ticks of an axis that counts segments from 1, such as 1, 4, 8, 12, 16."""
    ax.set_xlim(0.5, segments + 0.5)
    ax.set_xticks(segment_ticks(segments))
    if label:
        ax.set_xlabel("segment")


def segment_ticks(segments: int) -> list[int]:
    """Few, round, and never without the first and the last."""
    step = max(1, round(segments / 4))
    inner = [s for s in range(step, segments, step) if s > 1 and segments - s >= step / 2]
    return sorted({1, *inner, segments})


def reach(middle: "ArrayLike", low: "ArrayLike", high: "ArrayLike") -> np.ndarray:
    """How far error bars reach below and above a value: [2, n], as matplotlib's ``xerr`` and ``yerr`` take them.

    A share of exactly 0 or 1 may pass its interval's end by a rounding error, and no bar is shorter than nothing.
    """
    value = np.asarray(middle, float)
    return np.clip([value - np.asarray(low, float), np.asarray(high, float) - value], 0, None)


def reach_of(rows: "pd.DataFrame", name: str) -> np.ndarray:
    """The same of a table's columns NAME, NAME_low and NAME_high."""
    return reach(*(rows[f"{name}{end}"] for end in ("", "_low", "_high")))


def share_axis(ax: "Axes", label: str = "share of puzzles") -> None:
    """A vertical axis from 0 to 100%."""
    from matplotlib.ticker import PercentFormatter

    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_ylabel(label)


def plotly_style(figure: "PlotlyFigure", height: int = 380, **more: Any) -> "PlotlyFigure":
    """Give a plotly figure the same look, with margins narrow enough for a phone and the legend on top."""
    figure.update_layout(**plotly_layout(height, **more))
    figure.update_xaxes(**PLOTLY_AXIS)
    figure.update_yaxes(**PLOTLY_AXIS)
    return figure


def plotly_layout(height: int = 380, **more: Any) -> dict[str, Any]:
    """The layout part of :func:`plotly_style`."""
    layout: dict[str, Any] = {
        "template": "none",
        "font": {"family": WEB_FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "height": height,
        "margin": {"l": 40, "r": 12, "t": 34, "b": 40},
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": {"size": 12}},
        "hoverlabel": {"font": {"family": WEB_FONT, "size": 12}},
        "dragmode": False,
    }
    return layout | more


PLOTLY_AXIS: dict[str, Any] = {
    "gridcolor": PALE,
    "zeroline": False,
    "showline": True,
    "linecolor": GREY,
    "ticks": "outside",
    "tickcolor": GREY,
    "ticklen": 4,
    "automargin": True,
    "title_standoff": 8,
    "title_font_size": 13,
}


def shades(colours: Sequence[str] = tuple(ERROR_STOPS)) -> list[list[Any]]:
    """A plotly colour scale of evenly spaced stops."""
    return [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]


def legend_and(ax: "Axes", others: Mapping[str, "Artist"], **how: Any) -> None:
    """A legend of what is drawn, and of others that stand for a way of drawing; ``how`` as in ``ax.legend``."""
    handles, labels = ax.get_legend_handles_labels()
    ax.legend([*handles, *others.values()], [*labels, *others], **how)
