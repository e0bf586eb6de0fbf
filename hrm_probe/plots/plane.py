"""A trajectory in its principal plane: over the error landscape, with the flow of the map and the fixed points."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class PlaneView:
    """What is seen in one plane through state space; all coordinates in the plane's own two units.

    Attributes:
        x, y: [nx] and [ny], where the landscape was sampled.
        error: [ny, nx], the error decoded there.
        arrows: [arrow, 4], x, y and the displacement of the map there, projected onto the plane.
        path: [point, 2], the trajectory, its starting state first; points off the landscape are cut off.
        path_solved: bool [point], is the decoded grid right there.
        others: further trajectories, each [point, 2], for example from perturbed starts.
        marks: a row a fixed point or attractor: ``x``, ``y``, ``right`` (decoded grid right), ``stable`` (or None
            where not known), ``runs`` (how many trajectories end there), ``kind`` ("fixed point", "attractor").
        explained: share of the trajectory's variance along each of the two directions.
    """

    x: np.ndarray
    y: np.ndarray
    error: np.ndarray
    arrows: np.ndarray
    path: np.ndarray
    path_solved: np.ndarray
    others: Sequence[np.ndarray] = ()
    marks: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["x", "y", "right", "stable", "runs", "kind"])
    )
    explained: tuple[float, float] = (float("nan"), float("nan"))


def trajectory_plane(
    ax: "Axes", view: PlaneView, *, label: str = "wrong cells", title: str = "", legend: bool = True
) -> "Axes":
    """Error as shade and contours, the flow as arrows of equal length, the trajectory numbered by segments.

    Arrows show direction; how far the map moves a state is given by their opacity. Fixed points are round, filled
    if they decode to the right answer and crossed if not; unstable ones are drawn with a broken rim.

    Args:
        ax: where to draw; its figure gets a colour bar.
        view: what to draw.
        label: for the colour bar.
        title: above the picture.
        legend: explain the marks.
    """
    from matplotlib.ticker import MaxNLocator

    top = max(float(np.nanmax(view.error)) if view.error.size else 1.0, 1e-9)
    mesh = ax.pcolormesh(
        view.x,
        view.y,
        view.error,
        cmap=style.error_colours(),
        vmin=0,
        vmax=top,
        shading="nearest",
        rasterized=True,
    )
    _draw_flow(ax, view.arrows)
    for i, other in enumerate(view.others):
        ax.plot(
            other[:, 0],
            other[:, 1],
            color=style.GREY,
            linewidth=0.7,
            alpha=0.8,
            zorder=3,
            label="from other starts" if i == 0 else None,
        )
    _draw_path(ax, view)
    _draw_marks(ax, view.marks)
    ax.set_xlim(view.x[0], view.x[-1])
    ax.set_ylim(view.y[0], view.y[-1])
    ax.grid(False)
    ax.set_xlabel(_axis_name("first", view.explained[0]))
    ax.set_ylabel(_axis_name("second", view.explained[1]))
    bar = ax.figure.colorbar(mesh, ax=ax, label=label, pad=0.02, aspect=30)
    bar.outline.set_linewidth(0.4)
    bar.locator = MaxNLocator(integer=True)
    ax.set_title(title)
    if legend:
        ax.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, columnspacing=1.2, handletextpad=0.5
        )
    return ax


def _draw_flow(ax: "Axes", arrows: np.ndarray) -> None:
    length = np.hypot(arrows[:, 2], arrows[:, 3])
    keep = length > 0
    if not keep.any():
        return
    x, y, u, v = arrows[keep].T
    length = length[keep]
    strength = length / np.quantile(length, 0.9)
    ax.quiver(
        x,
        y,
        u / length,
        v / length,
        angles="xy",
        color=style.INK,
        alpha=np.clip(0.2 + 0.5 * strength, 0.2, 0.7),
        scale=27,
        width=0.0028,
        headwidth=4,
        headlength=5,
        pivot="mid",
        zorder=2,
    )


def _draw_path(ax: "Axes", view: PlaneView) -> None:
    ax.plot(*view.path.T, color=style.PAPER, linewidth=3.4, zorder=4)
    ax.plot(*view.path.T, color=style.RIGHT, linewidth=1.4, zorder=5, label="trajectory, a dot a segment")
    solved = np.asarray(view.path_solved, bool)
    for flag, face in ((True, style.RIGHT), (False, style.PAPER)):
        dots = view.path[solved == flag]
        ax.plot(*dots.T, "o", markersize=3.6, markerfacecolor=face, markeredgecolor=style.RIGHT, zorder=6)
    for point in spaced_labels(view.path, view.x, view.y):
        ax.annotate(
            "start" if point == 0 else str(point),
            view.path[point],
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=6.5,
            zorder=8,
            path_effects=_halo(),
        )


def spaced_labels(path: np.ndarray, x: np.ndarray, y: np.ndarray, apart: float = 0.06) -> list[int]:
    """Which points of a path to number so that numbers do not lie on one another.

    A point is numbered if it lies inside and is farther than ``apart`` (of the axes' extent) from all numbered before.
    """
    extent = np.array([np.ptp(x) or 1.0, np.ptp(y) or 1.0])
    placed: list[np.ndarray] = []
    labels = []
    low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
    inside = np.all((path >= low) & (path <= high), axis=1)
    for i, point in enumerate(path / extent):
        if inside[i] and all(np.hypot(*(point - other)) > apart for other in placed):
            placed.append(point)
            labels.append(i)
    return labels


def _draw_marks(ax: "Axes", marks: pd.DataFrame) -> None:
    drawn: set[str] = set()
    row: Any
    for row in marks.itertuples():
        right, unstable = bool(row.right), row.stable is not None and not row.stable
        known = "" if row.stable is None else "unstable " if unstable else "stable "
        name = f"{known}{row.kind}, {'right' if right else 'wrong'}"
        size = 60 + 12 * min(float(row.runs), 10)
        ax.scatter(
            row.x,
            row.y,
            s=size,
            facecolor=style.RIGHT if right else style.WRONG_FILL,
            edgecolor=style.INK,
            linestyle="--" if unstable else "-",
            linewidth=1.2,
            zorder=7,
            label=None if name in drawn else name,
        )
        drawn.add(name)
        if not right:
            ax.scatter(row.x, row.y, s=size * 0.4, marker="x", color=style.WRONG, linewidth=1.4, zorder=8)


def _axis_name(which: str, share: float) -> str:
    return f"{which} direction" + ("" if np.isnan(share) else f" ({share:.0%} of variance)")


def _halo() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.8, foreground=style.PAPER)]


def plane_figure(view: PlaneView, *, label: str = "wrong cells") -> "Figure":
    """The same, interactive; the page moves a marker along its path."""
    import plotly.graph_objects as go

    figure = go.Figure()
    _add_landscape(figure, view, label)
    _add_flow(figure, view)
    _add_others(figure, view)
    _add_trajectory(figure, view)
    if len(view.marks):
        _add_marks(figure, view)
    style.plotly_style(figure, height=440)
    # Without its ranges the picture would grow to hold the start, which lies far off.
    figure.update_xaxes(**_plotly_axis("first", view.explained[0], view.x))
    figure.update_yaxes(**_plotly_axis("second", view.explained[1], view.y))
    return figure


def _add_landscape(figure: "Figure", view: PlaneView, label: str) -> None:
    figure.add_heatmap(
        x=view.x.astype(float).round(3),
        y=view.y.astype(float).round(3),
        z=view.error.astype(float).round(3),
        colorscale=style.shades(),
        zmin=0,
        zmax=max(float(np.nanmax(view.error)) if view.error.size else 1.0, 1e-9),
        colorbar={"title": {"text": label, "side": "right"}, "thickness": 10, "outlinewidth": 0},
        hovertemplate=label + " %{z:.1f}<extra></extra>",
    )


def _add_flow(figure: "Figure", view: PlaneView) -> None:
    x, y = flow_segments(view.arrows, 0.022 * float(np.ptp(view.x)))
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": "rgba(26,26,26,0.35)", "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_others(figure: "Figure", view: PlaneView) -> None:
    for i, other in enumerate(view.others):
        figure.add_scatter(
            x=other[:, 0],
            y=other[:, 1],
            mode="lines",
            line={"color": style.GREY, "width": 1},
            name="from other starts",
            legendgroup="others",
            showlegend=i == 0,
            hoverinfo="skip",
        )


def _add_trajectory(figure: "Figure", view: PlaneView) -> None:
    solved = np.asarray(view.path_solved, bool)
    figure.add_scatter(
        x=view.path[:, 0],
        y=view.path[:, 1],
        mode="lines+markers",
        name="trajectory",
        line={"color": style.RIGHT, "width": 2},
        marker={
            "color": np.where(solved, style.RIGHT, style.PAPER),
            "line": {"color": style.RIGHT, "width": 1.5},
            "size": 7,
        },
        customdata=np.where(solved, "solved", "wrong"),
        text=["start" if i == 0 else f"segment {i}" for i in range(len(view.path))],
        hovertemplate="%{text}: %{customdata}<extra></extra>",
    )


def _add_marks(figure: "Figure", view: PlaneView) -> None:
    right = view.marks["right"].to_numpy(bool)
    figure.add_scatter(
        x=view.marks["x"],
        y=view.marks["y"],
        mode="markers",
        name=f"{view.marks['kind'].iloc[0]}s (crossed: wrong)",
        marker={
            "symbol": np.where(right, "circle", "circle-x"),
            "color": np.where(right, style.RIGHT, style.WRONG_FILL),
            "size": 15,
            "line": {"color": style.INK, "width": 1.5},
        },
        text=[
            f"{'right' if r else 'wrong'} answer, {int(n)} runs end here"
            for r, n in zip(right, view.marks["runs"], strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _plotly_axis(which: str, share: float, sampled: np.ndarray) -> dict[str, Any]:
    return {
        "title": {"text": _axis_name(which, share), "standoff": 4, "font": {"size": 12}},
        "range": [float(sampled[0]), float(sampled[-1])],
        "showgrid": False,
    }


def flow_segments(arrows: np.ndarray, length: float) -> tuple[list[float | None], list[float | None]]:
    """Arrows as one broken line (shaft and two barbs each), all ``length`` long: x and y with None between."""
    x: list[float | None] = []
    y: list[float | None] = []
    for px, py, u, v in arrows:
        size = float(np.hypot(u, v))
        if size == 0:
            continue
        d = np.array([u, v]) / size * length
        tail, tip = np.array([px, py]) - d / 2, np.array([px, py]) + d / 2
        normal = np.array([-d[1], d[0]])
        for point in (
            tail,
            tip,
            tip - 0.4 * d + 0.22 * normal,
            None,
            tip,
            tip - 0.4 * d - 0.22 * normal,
            None,
        ):
            x.append(None if point is None else round(float(point[0]), 3))
            y.append(None if point is None else round(float(point[1]), 3))
    return x, y
