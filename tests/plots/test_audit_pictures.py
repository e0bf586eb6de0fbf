"""Pictures of the audit: solutions kept, rest and wandering."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots.keeping import survival_curves
from hrm_probe.plots.settling import MANY, drift_points, score_bars, settled_by_threshold


def test_a_line_for_each_kind_and_none_for_what_was_never_solved(ax: Axes) -> None:
    kept = pd.DataFrame({"age": [0, 1, 2], "survival": [1.0, 0.5, 0.5], "low": 0.3, "high": 1.0})
    survival_curves(ax, {"kept": kept, "never": kept[:0]})
    assert [line.get_label() for line in ax.get_lines()] == ["kept"]
    assert list(ax.get_lines()[0].get_ydata()) == [1.0, 0.5, 0.5]


def test_runs_at_exact_rest_are_drawn_too_and_unknown_ones_are_not(ax: Axes) -> None:
    drift = np.array([0.0, 0.1, 0.2, np.nan])
    drift_points(ax, drift, np.array([True, True, False, True]), threshold=0.05)
    right, wrong = ax.get_lines()[:2]
    assert list(right.get_ydata()) == pytest.approx([0.01, 0.1])
    assert list(wrong.get_ydata()) == pytest.approx([0.2])
    assert [text.get_text() for text in ax.texts] == ["right\n(2)", "wrong\n(1)"]


def test_many_runs_are_drawn_as_pixels_and_few_as_points_that_can_be_picked(ax: Axes) -> None:
    few, many = np.full(MANY, 0.1), np.full(MANY + 1, 0.1)
    drift_points(ax, few, few > 0, threshold=0.05)
    drift_points(ax, many, many > 0, threshold=0.05)
    clouds = [line for line in ax.get_lines() if len(line.get_xdata()) >= MANY]
    assert [cloud.get_rasterized() for cloud in clouds] == [False, True]


def test_shares_by_threshold_and_the_one_in_force(ax: Axes) -> None:
    names = [f"{kind}_{part}" for kind in ("failures", "successes") for part in ("share", "low", "high")]
    table = pd.DataFrame({"threshold": [0.01, 0.1]} | {key: [0.0, 1.0] for key in names})
    settled_by_threshold(ax, table, 0.03)
    assert [line.get_label() for line in ax.get_lines()[:2]] == ["right", "wrong"]
    assert list(ax.get_lines()[2].get_xdata()) == [0.03, 0.03]


def test_scores_are_sorted_and_those_unknown_left_out(ax: Axes) -> None:
    table = pd.DataFrame(
        {"score": ["late_drift", "entropy", "none"], "auc": [0.9, 0.6, np.nan], "low": 0.5, "high": 1.0}
    )
    score_bars(ax, table)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["entropy", "late drift"]
