"""Ratios that were planted are found, with intervals that hold them; cells that are not asked for do not count."""

import numpy as np
import pytest

from hrm_probe.reasoning.inside.influence_ratios import influence_by_kind, influence_ratio

JOINED = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
APART = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]], bool)
ALL = np.ones((40, 3), bool)
EACH = np.arange(40)


def planted(joined=3.0, apart=1.0, spread=0.2, puzzles=40, seed=0):
    """Influence [puzzle, cell, cell], of puzzles that differ in all their cells together."""
    rng = np.random.default_rng(seed)
    of_each = np.exp(spread * rng.normal(size=(puzzles, 2, 1, 1)))
    return of_each[:, 0] * joined * JOINED + of_each[:, 1] * apart * APART


def test_the_ratio_that_was_planted_lies_in_its_interval():
    hits = 0
    for seed in range(100):
        found = influence_ratio(planted(seed=seed), JOINED, APART, ALL, EACH).interval
        hits += found.low < 3 < found.high
    assert hits >= 88


def test_where_there_is_no_preference_none_is_found():
    found = influence_ratio(planted(joined=1.0), JOINED, APART, ALL, EACH).interval
    assert found.low < 1 < found.high


def test_one_ratio_over_another_of_the_same_puzzles_is_surer_than_either():
    one = influence_ratio(planted(3.0), JOINED, APART, ALL, EACH)
    other = influence_ratio(planted(1.5), JOINED, APART, ALL, EACH)
    both = one.over(other).interval
    assert both.estimate == pytest.approx(2)
    assert both.high - both.low < 1e-6


def test_copies_of_a_puzzle_make_nothing_surer():
    few = np.repeat(planted(puzzles=8, spread=0.5), 5, axis=0)
    alone, together = (
        influence_ratio(few, JOINED, APART, ALL, units).interval
        for units in (EACH, np.repeat(np.arange(8), 5))
    )
    assert together.n == 8
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_only_cells_that_are_asked_for_are_looked_at():
    reached = planted()
    reached[:, :, 0] = 100.0
    asked = ALL & [False, True, True]
    expected = influence_ratio(planted(), JOINED, APART, asked, EACH)
    assert influence_ratio(reached, JOINED, APART, asked, EACH).whole == expected.whole
    assert influence_by_kind(reached, {"joined": JOINED}, asked)["joined"] < 10


def test_a_puzzle_without_one_of_the_kinds_counts_in_neither():
    asked = ALL.copy()
    asked[0] = [False, False, True]  # no cell that is joined to it
    reached = planted()
    expected = influence_ratio(reached[1:], JOINED, APART, asked[1:], EACH[1:])
    assert influence_ratio(reached, JOINED, APART, asked, EACH).whole == pytest.approx(expected.whole)


def test_where_nothing_arrives_apart_the_ratio_is_infinite():
    found = influence_ratio(planted(apart=0.0), JOINED, APART, ALL, EACH).interval
    assert found.estimate == float("inf")


def test_where_nothing_arrives_at_all_nothing_is_said():
    found = influence_ratio(planted(0.0, 0.0), JOINED, APART, ALL, EACH)
    assert np.isnan(found.interval.estimate)
    assert (found.interval.low, found.interval.high) == (0, float("inf"))
    assert np.isnan(found.over(found).interval.estimate)


def test_means_are_told_by_kind_and_unknown_of_a_kind_without_pairs():
    found = influence_by_kind(
        planted(spread=0.0), {"joined": JOINED, "apart": APART, "none": np.zeros((3, 3), bool)}, ALL
    )
    assert (found["joined"], found["apart"]) == (pytest.approx(3), pytest.approx(1))
    assert np.isnan(found["none"])
