import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import conclusions_in_time, followed_curves, refuted_curves

SHARES = ("following_wrong", "following_right", "others_wrong", "others_right")


def with_ends(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return rows.assign(**{f"{name}_{end}": rows[name] for name in names for end in ("low", "high")})


@pytest.fixture
def by_round() -> pd.DataFrame:
    """Two rounds of many puzzles, one of few."""
    rows = pd.DataFrame({"round": [1, 2, 3], "puzzles": [50, 20, 2]})
    return with_ends(
        rows.assign(**{name: [0.1 * i, 0.05 * i, 1.0] for i, name in enumerate(SHARES, 1)}), SHARES
    )


@pytest.fixture
def by_refutation() -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "refuted_in": [1, 2, 3, 0],
            "forks": [40, 30, 2, 50],
            "shown": [0.1, 0.2, 0.9, 0.5],
            "forks_unsolved": [20, 10, 1, 0],
            "kept": [0.3, 0.4, 1.0, np.nan],
        }
    )
    return with_ends(rows, ("shown", "kept"))


def drawn(ax: Axes) -> list[list[tuple[float, float]]]:
    return [list(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in ax.lines]


def test_four_curves_of_the_rounds_that_enough_puzzles_have(ax: Axes, by_round: pd.DataFrame) -> None:
    assert followed_curves(ax, by_round) is ax
    curves = drawn(ax)
    for i in range(1, 5):
        assert [(1, pytest.approx(0.1 * i)), (2, pytest.approx(0.05 * i))] in curves
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        f"{kind}, fork {at}" for kind in ("follow", "others") for at in ("wrong", "right")
    ]


def test_too_few_puzzles_are_said(ax: Axes, by_round: pd.DataFrame) -> None:
    followed_curves(ax, by_round[by_round["puzzles"] < 5], legend=False)
    assert [text.get_text() for text in ax.texts] == ["too few to tell"]
    assert not ax.get_legend()


def test_no_rounds_at_all_are_too_few(ax: Axes) -> None:
    followed_curves(ax, pd.DataFrame([]))
    assert [text.get_text() for text in ax.texts] == ["too few to tell"]


def test_what_is_never_refuted_stands_apart_and_few_forks_are_left_out(
    ax: Axes, by_refutation: pd.DataFrame
) -> None:
    refuted_curves(ax, by_refutation)
    curves = drawn(ax)
    assert [(1, 0.1), (2, 0.2)] in curves
    assert [(8.5, 0.5)] in curves
    assert [(1, 0.3), (2, 0.4)] in curves
    assert [label.get_text() for label in ax.get_xticklabels()] == [*"123456", "7+", "∞"]
    assert len(ax.get_legend().get_texts()) == 2


def test_conclusions_come_in_time_solid_for_the_guess_and_dashed_for_its_rival(ax: Axes) -> None:
    rounds, reads = (axis.ravel() for axis in np.meshgrid([1, 2, 3], [1, 2, 3], indexing="ij"))
    in_time = pd.DataFrame({"round": rounds, "read": reads, "wrong": reads / 10, "right": rounds / 10})
    in_time["conclusions"] = np.where(rounds < 3, 100, 3)
    conclusions_in_time(ax, in_time, until=2)
    assert drawn(ax) == [
        [(1, 0.1), (2, 0.2)],
        [(1, 0.1), (2, 0.1)],
        [(1, 0.1), (2, 0.2)],
        [(1, 0.2), (2, 0.2)],
    ]
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--"] * 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "round 1",
        "round 2",
        "with the rival",
    ]
    ax.cla()
    conclusions_in_time(ax, in_time.iloc[:0])
    assert not ax.lines
