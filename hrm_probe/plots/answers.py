"""The picture of an answer: which of the other pictures here shows what a question has found."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from hrm_probe import reasoning
from hrm_probe.errors import InputError
from hrm_probe.plots import style
from hrm_probe.plots.accuracy import accuracy_by_segment
from hrm_probe.plots.arrivals import jump_shares
from hrm_probe.plots.attention import blocked_bars, broken_map, looks_map
from hrm_probe.plots.attractors import basin_bars, landscape_pair
from hrm_probe.plots.blanks import blank_curves
from hrm_probe.plots.changes import change_marks
from hrm_probe.plots.deduction import arrival_by_round, delay_points, order_shares, right_by_round
from hrm_probe.plots.dimensions import dimensions_by_segment, dimensions_by_tasks
from hrm_probe.plots.exclusion import conviction_points, excluded_points, exclusion_curves, standoff_curves
from hrm_probe.plots.forks import conclusions_in_time, followed_curves, refuted_curves
from hrm_probe.plots.interventions import ablated_marks, meddled_marks
from hrm_probe.plots.invariance import invariance_marks
from hrm_probe.plots.jumps import mean_curve
from hrm_probe.plots.keeping import survival_curves
from hrm_probe.plots.leaks import leak_curves, leak_shares
from hrm_probe.plots.lens import lens_curves
from hrm_probe.plots.locality import influence_by_step, locality_by_step
from hrm_probe.plots.mazes import way_by_read
from hrm_probe.plots.modes import mode_shares
from hrm_probe.plots.nudges import nudge_curves
from hrm_probe.plots.particles import foresight_curves, steering_curves
from hrm_probe.plots.patching import patch_map
from hrm_probe.plots.probes import probe_curves
from hrm_probe.plots.residuals import residual_curves
from hrm_probe.plots.settling import settled_by_threshold
from hrm_probe.plots.single_blank import single_blank_map, single_blank_marks
from hrm_probe.plots.votes import vote_curves
from hrm_probe.sudoku import Board

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, HIGH = 3.0, 2.6  # inches, of a panel with its labels
LARGER = {
    "Accuracy": (3.0, 3.0),
    "Attention": (3.4, 3.8),
    "AttractorSearch": (5.2, 3.0),
    "ComparedAnswers": (6.4, 2.8),
    "Dimensions": (3.4, 3.2),
    "Invariance": (5.0, 2.6),
    "Interventions": (3.6, 4.0),
    "Keeping": (3.0, 3.0),
    "Nudges": (3.6, 3.6),
    "Particles": (3.4, 3.2),
    "Residuals": (4.6, 3.4),
}
Panel = Callable[["Axes", Any, str], Any]


def answer_figure(found: Any, title: str = "") -> "Figure":
    """Draw what a question has found, panel beside panel.

    >>> answer_figure(hrm_probe.reasoning.lens(model, puzzles), "hrm-6x6")             # doctest: +SKIP

    Args:
        found: what a question of :mod:`hrm_probe.reasoning` returned.
        title: above all of it: the model's name, say.

    Returns:
        A figure of matplotlib.

    Raises:
        InputError: not an answer, or one without a picture: see :func:`has_picture`.
    """
    if not has_picture(found):
        known = ", ".join(sorted(kind for kind in _PANELS))
        raise InputError(f"There is no picture of a {type(found).__name__}; there are pictures of {known}.")
    with style.style():
        if isinstance(found, reasoning.StateLandscape):
            figure = style.new_figure(3 * WIDE, WIDE)
            landscape_pair(figure.subplots(1, 3), found)
        else:
            drawn = _panels(found)
            wide, high = LARGER.get(type(found).__name__, (WIDE, HIGH))
            figure = style.new_figure(len(drawn) * wide, high)
            for ax, draw in zip(figure.subplots(1, len(drawn), squeeze=False)[0], drawn, strict=True):
                draw(ax, found, title)
        if title:
            figure.suptitle(title)
    return figure


def has_picture(found: Any) -> bool:
    """Can :func:`answer_figure` draw this answer?"""
    return isinstance(found, reasoning.StateLandscape) or bool(_panels(found))


def _panels(found: Any) -> Sequence[Panel]:
    panels = _PANELS.get(type(found).__name__, ())
    if isinstance(found, reasoning.Guesses):
        return [_votes_of(source) for source in dict.fromkeys(found.table["source"])]
    if isinstance(found, reasoning.Interventions):
        return [_meddled(kind) for kind in dict.fromkeys(found.table["kind"])]
    if isinstance(found, reasoning.Probes):
        known = found.table.dropna(subset="score")
        return [_probed(question) for question in dict.fromkeys(known["question"])]
    return [panel for needed, panel in panels if all(len(getattr(found, name)) for name in needed)]


def _draw(draw: Callable[..., Any], *names: str, **how: Any) -> tuple[tuple[str, ...], Panel]:
    """A panel: the function that draws it, and the answer's tables that it takes, none of them empty."""
    return names, lambda ax, found, title: draw(ax, *(getattr(found, name) for name in names), **how)


def _named(draw: Callable[..., Any], name: str) -> tuple[tuple[str, ...], Panel]:
    """A panel for a function that draws several models' tables by their names."""
    return (name,), lambda ax, found, title: draw(ax, {title or "the model": getattr(found, name)})


def _solved_so_far(ax: "Axes", found: Any, title: str) -> None:
    told = found.by_segment
    table = pd.DataFrame(
        {"segment": told.index, "solved": told["exact"], "ever": told["solved_so_far"], "lost": told["lost"]}
    )
    ends = {f"{name}_{end}": float("nan") for name in ("ever", "lost") for end in ("low", "high")}
    accuracy_by_segment(ax, table.assign(solved_low=told["low"], solved_high=told["high"], **ends))


def _edges(ax: "Axes", found: Any, title: str) -> None:
    blocked_bars(ax, found.edges, found.plain.estimate, title="edges blocked")
    _legend_below(ax, 3)


def _votes_of(source: str) -> Panel:
    def draw(ax: "Axes", found: Any, title: str) -> None:
        vote_curves(ax, found.table[found.table["source"] == source], title=source)

    return draw


def _meddled(kind: str) -> Panel:
    def draw(ax: "Axes", found: Any, title: str) -> None:
        if kind == "ablation":
            ablated_marks(ax, found.table, found.plain)
        else:
            meddled_marks(ax, found.table, found.plain, kind)

    return draw


def _probed(question: str) -> Panel:
    def draw(ax: "Axes", found: Any, title: str) -> None:
        probe_curves(ax, found.table, question)

    return draw


def _single_blanks(ax: "Axes", found: Any, title: str) -> None:
    single_blank_marks(ax, found)


def _by_cell(ax: "Axes", found: Any, title: str) -> None:
    single_blank_map(ax, found.table, Board.of(found.board).side, title="solved at the last, by cell")


def _nudged(ax: "Axes", found: Any, title: str) -> None:
    nudge_curves(ax, found.table)
    _legend_below(ax, 2)


def _steered(ax: "Axes", found: Any, title: str) -> None:
    steering_curves(ax, found.table, found.single.estimate, title="thin: one run without noise")
    _legend_below(ax, 3)


def _legend_below(ax: "Axes", columns: int) -> None:
    """What is drawn, below the figure, where the panel has no room for it."""
    if (inside := ax.get_legend()) is not None:
        inside.remove()
    figure: Any = ax.get_figure()
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower right", ncols=columns)


def _reads(ax: "Axes", found: Any, title: str) -> None:
    lens_curves(ax, found.table, segments=found.segments)


def _changes(ax: "Axes", found: Any, title: str) -> None:
    change_marks(ax, found.table, found.first, found.second)


def _jumping(ax: "Axes", found: Any, title: str) -> None:
    jump_shares(
        ax, found.by_arrival(), found.share, false_alarms=found.false_alarms, title="dotted: false alarms"
    )


def _leaning(draw: Callable[..., Any]) -> Panel:
    return lambda ax, found, title: draw(ax, found.table, edge=found.edge)


def _by_threshold(ax: "Axes", found: Any, title: str) -> None:
    table: pd.DataFrame = found.by_threshold
    if "segments" in table:
        table = table[table["segments"] == table["segments"].max()]
    settled_by_threshold(ax, table, found.threshold)


_PANELS: dict[str, Sequence[tuple[tuple[str, ...], Panel]]] = {
    "Accuracy": [(("by_segment",), _solved_so_far)],
    "Attention": [
        _draw(looks_map, "looks", title="% of a head's attention"),
        _draw(broken_map, "heads", "broken", title="% broken without it"),
        (("edges",), _edges),
    ],
    "AttractorSearch": [_draw(basin_bars, "table", "points")],
    "Blanks": [_named(blank_curves, "table")],
    "ComparedAnswers": [(("table",), _changes)],
    "DeductionOrder": [
        _draw(arrival_by_round, "by_round"),
        _draw(order_shares, "orders"),
        _draw(right_by_round, "by_round"),
    ],
    "Dimensions": [
        _draw(dimensions_by_segment, "by_segment", title="dotted: untrained"),
        _draw(dimensions_by_tasks, "growth"),
    ],
    "Exclusion": [_draw(exclusion_curves, "in_time"), _draw(excluded_points, "by_probability")],
    "FollowedThrough": [_draw(followed_curves, "by_round"), _draw(refuted_curves, "by_refutation")],
    "Guesses": [],  # a panel per source
    "HeldBack": [_draw(delay_points, "effects")],
    "Invariance": [_named(invariance_marks, "table")],
    "Interventions": [],  # a panel per kind
    "Jumps": [
        _draw(mean_curve, "average", title="by segment"),
        _draw(mean_curve, "aligned", title="by distance from jump"),
        (("average",), _jumping),
    ],
    "Keeping": [_draw(accuracy_by_segment, "by_segment"), _named(survival_curves, "survival")],
    "Leaks": [(("table",), _leaning(leak_curves)), (("table",), _leaning(leak_shares))],
    "Lens": [(("table",), _reads)],
    "Locality": [
        _draw(locality_by_step, "table", title="1: joined or not, all alike"),
        _draw(influence_by_step, "kinds"),
    ],
    "Modes": [_draw(mode_shares, "shares")],
    "Nudges": [(("table",), _nudged)],
    "Particles": [
        (("table",), _steered),
        _draw(foresight_curves, "foresight", title="before they are right"),
    ],
    "PatchSweep": [_draw(patch_map, "table")],
    "PathGrowth": [_draw(way_by_read, "by_read"), _draw(order_shares, "orders")],
    "Probes": [],  # a panel per question
    "Residuals": [_draw(residual_curves, "by_update")],
    "SingleBlank": [(("table",), _single_blanks), (("table",), _by_cell)],
    "Standoffs": [_draw(standoff_curves, "in_time"), _draw(conviction_points, "conviction")],
    "Supposed": [_draw(followed_curves, "by_round"), _draw(conclusions_in_time, "in_time")],
    "Traps": [(("by_threshold",), _by_threshold)],
    "Wandering": [(("by_threshold",), _by_threshold)],
}
"""Of each kind of answer, the panels: which of its tables must have rows, and what draws them."""
