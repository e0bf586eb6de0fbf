import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots.blanks import blank_curves, blank_figure


@pytest.fixture
def table() -> pd.DataFrame:
    shares = {"last": [0.6, 0.8, 1.0], "ever": [0.9, 0.9, 1.0]}
    ends = {f"{k}_{end}": v for k, values in shares.items() for end, v in (("low", values), ("high", values))}
    return pd.DataFrame({"blanks": [1, 5, 26], **shares, **ends})


def test_draws_both_curves_of_every_model(ax: Axes, table: pd.DataFrame) -> None:
    assert blank_curves(ax, {"plain": table, "mixed": table}) is ax
    drawn = {c.get_label(): c.lines[0].get_ydata() for c in ax.containers}
    assert list(drawn["plain, at the last segment"]) == [0.6, 0.8, 1.0]
    assert list(drawn["mixed, at any segment"]) == [0.9, 0.9, 1.0]


def test_models_differ_in_marker_and_moments_in_dashes(ax: Axes, table: pd.DataFrame) -> None:
    blank_curves(ax, {"plain": table, "mixed": table})
    looks = {(c.lines[0].get_marker(), c.lines[0].get_linestyle()) for c in ax.containers}
    assert len(looks) == 4


def test_names_every_number_of_blanks(ax: Axes, table: pd.DataFrame) -> None:
    blank_curves(ax, {"plain": table})
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "5", "26"]


def test_says_which_point_is_the_puzzles_as_given(ax: Axes, table: pd.DataFrame) -> None:
    blank_curves(ax, {"plain": table.assign(label=["1", "5", "all"])})
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "5", "26\nas given"]


def test_one_number_of_blanks_is_enough(ax: Axes, table: pd.DataFrame) -> None:
    blank_curves(ax, {"plain": table[:1]})
    assert list(ax.containers[0].lines[0].get_xdata()) == [1]


def test_grids_without_blanks_have_a_place_of_their_own(ax: Axes, table: pd.DataFrame) -> None:
    full = table.assign(blanks=[0, 1, 26])
    blank_curves(ax, {"plain": full})
    places = ax.containers[0].lines[0].get_xdata()
    assert 0 < places[0] < places[1] == 1
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0", "1", "26"]
    assert list(blank_figure({"plain": full}).data[0].x) == list(places)


def test_interactive_holds_the_same_numbers(table: pd.DataFrame) -> None:
    figure = blank_figure({"plain": table})
    assert {t.name: list(t.y) for t in figure.data} == {
        "plain, at the last segment": [0.6, 0.8, 1.0],
        "plain, at any segment": [0.9, 0.9, 1.0],
    }
