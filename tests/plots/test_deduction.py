import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import arrival_by_round, delay_points, order_shares, right_by_round


@pytest.fixture
def by_round() -> pd.DataFrame:
    """Three rounds of many cells, one of few, and the cells beyond."""
    return pd.DataFrame(
        {
            "round": [1, 2, 3, 4, -1],
            "cells": [90, 60, 30, 3, 25],
            "arrival": [1.5, 2.5, 4.0, 9.0, 6.0],
            "low": [1.0, 2.0, 3.0, 1.0, 5.0],
            "high": [2.0, 3.0, 6.0, 16.0, 7.0],
            "cells_failed": [40, 30, 5, 0, 50],
            "right_failed": [1.0, 0.5, 0.2, np.nan, 0.1],
        }
    )


@pytest.fixture
def orders() -> pd.DataFrame:
    names = ["deduction", "deduction, candidates equal", "candidates", "candidates, rounds equal"]
    shares = [0.8, 0.7, 0.6, np.nan]
    return pd.DataFrame({"order": names, "share": shares, "low": shares, "high": shares})


def drawn(ax: Axes) -> list[list[tuple[float, float]]]:
    return [list(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in ax.lines]


def test_rounds_of_few_cells_are_left_out_and_those_beyond_stand_apart(
    ax: Axes, by_round: pd.DataFrame
) -> None:
    assert arrival_by_round(ax, by_round) is ax
    assert [(1, 1.5), (2, 2.5), (3, 4.0)] in drawn(ax)
    assert [(4.5, 6.0)] in drawn(ax)
    assert [(1, 1), (3, 3)] in drawn(ax)  # a round a read
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "3", "∞"]


def test_failures_are_counted_by_their_own_cells(ax: Axes, by_round: pd.DataFrame) -> None:
    right_by_round(ax, by_round)
    assert drawn(ax) == [[(1, 1.0), (2, 0.5)], [(3.5, 0.1)]]
    assert not ax.texts


def test_too_few_failures_are_said(ax: Axes, by_round: pd.DataFrame) -> None:
    right_by_round(ax, by_round.assign(cells_failed=0, right_failed=np.nan))
    assert ax.texts[0].get_text() == "too few failures"


def test_orders_stand_one_below_another_beside_chance(ax: Axes, orders: pd.DataFrame) -> None:
    order_shares(ax, orders)
    marks = [points for points in drawn(ax) if len(points) == 2 and points[0][0] != 0.5]
    assert marks[0] == [(0.8, 3), (0.7, 2)]
    assert marks[1][0] == (0.6, 1)
    assert any(set(line.get_xdata()) == {0.5} for line in ax.lines)
    assert next(label.get_text() for label in ax.get_yticklabels()) == "earlier round"
    order_shares(ax, orders, names=False)
    assert not any(label.get_text() for label in ax.get_yticklabels())


def test_a_model_that_solves_nothing_is_drawn(ax: Axes, by_round: pd.DataFrame) -> None:
    arrival_by_round(ax, by_round.assign(cells=0, arrival=np.nan), legend=False)
    assert not ax.get_legend()


def test_delays_of_followers_stand_above_those_of_others(ax: Axes) -> None:
    effects = pd.DataFrame({"held": ["forerunner", "idle"], "following": [7.0, 3.0], "others": [2.5, 2.0]})
    effects = effects.assign(
        **{f"{name}_{end}": effects[name] for name in ("following", "others") for end in ("low", "high")}
    )
    delay_points(ax, effects)
    points = {point for line in drawn(ax) for point in line}
    assert {(7.0, 1.12), (3.0, 0.12), (2.5, 0.88), (2.0, -0.12)} <= points
    assert [label.get_text() for label in ax.get_yticklabels()] == ["forerunner held", "idle held"]
    assert len(ax.get_legend().get_texts()) == 2
    delay_points(ax, effects.iloc[:0], legend=False)
