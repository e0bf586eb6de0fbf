"""Marks of two ways of training: a pair for every seed, open and filled."""

import matplotlib.pyplot as plt
import pytest
from paired_arms import paired_marks


def run(seed: int, arm: str, estimate: float) -> dict[str, object]:
    return {
        "seed": seed,
        "arm": arm,
        "solved": {"estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1},
    }


def test_pairs_stand_side_by_side_and_are_named() -> None:
    runs = [run(0, "a", 0.2), run(0, "b", 0.6), run(3, "a", 0.3), run(3, "b", 0.5)]
    ax = paired_marks(plt.figure().subplots(), runs, {"solved": "puzzles"}, ("a", "b"))
    handles, names = ax.get_legend_handles_labels()
    assert names == ["seed 0, a", "seed 0, b", "seed 3, a", "seed 3, b"]
    places = [handle[0].get_xdata()[0] for handle in handles]
    heights = [handle[0].get_ydata()[0] for handle in handles]
    assert places == sorted(places)
    assert heights == pytest.approx([0.2, 0.6, 0.3, 0.5])
    assert [handle[0].get_markerfacecolor() == handle[0].get_color() for handle in handles] == [
        False,
        True,
    ] * 2
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["puzzles"]


def test_one_seed_stands_in_the_middle() -> None:
    ax = paired_marks(
        plt.figure().subplots(), [run(0, "a", 0.2), run(0, "b", 0.6)], {"solved": "x"}, ("a", "b")
    )
    places = [handle[0].get_xdata()[0] for handle in ax.get_legend_handles_labels()[0]]
    assert sum(places) == pytest.approx(0)
