import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.errors import InputError
from hrm_probe.plots.accuracy import accuracy_by_segment, accuracy_figure


def table(segments: int = 4, **shares: list[float]) -> pd.DataFrame:
    columns: dict[str, object] = {"segment": np.arange(1, segments + 1)}
    for name in ("solved", "ever", "lost"):
        values = np.array(shares.get(name, [np.nan] * segments), float)
        columns |= {name: values, f"{name}_low": values - 0.1, f"{name}_high": values + 0.1}
    return pd.DataFrame(columns)


def test_draws_the_shares_it_is_given(ax: Axes) -> None:
    shares = {"solved": [0.1, 0.5, 0.6, 0.5], "ever": [0.1, 0.5, 0.7, 0.8], "lost": [0, 0, 0.1, 0.3]}
    assert accuracy_by_segment(ax, table(**shares)) is ax
    drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert drawn["solved now"] == pytest.approx(shares["solved"])
    assert drawn["solved at some segment so far"] == pytest.approx(shares["ever"])
    assert drawn["solved before, lost again"] == pytest.approx(shares["lost"])
    assert len(ax.collections) == 3  # a band each


def test_lines_differ_without_colour(ax: Axes) -> None:
    accuracy_by_segment(ax, table(solved=[0.1] * 4, ever=[0.2] * 4, lost=[0.3] * 4))
    assert len({line.get_linestyle() for line in ax.lines}) == 3


def test_leaves_out_what_is_not_known(ax: Axes) -> None:
    accuracy_by_segment(ax, table(solved=[0.1, 0.2, 0.3, 0.4]))
    assert [line.get_label() for line in ax.lines] == ["solved now"]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_none_and_all_solved_stay_inside_the_picture(ax: Axes, share: float) -> None:
    accuracy_by_segment(ax, table(solved=[share] * 4))
    low, high = ax.get_ylim()
    assert low < share < high


def test_one_segment_is_enough(ax: Axes) -> None:
    accuracy_by_segment(ax, table(1, solved=[0.4]))
    assert list(ax.get_xticks()) == [1]


def test_the_legend_lies_over_no_curve_and_within_the_picture(ax: Axes) -> None:
    everywhere = [0.1, 0.9, 0.5, 0.5]
    accuracy_by_segment(ax, table(solved=everywhere, ever=everywhere[::-1], lost=[1 - s for s in everywhere]))
    figure, legend = ax.get_figure(), ax.get_legend()
    assert figure is not None
    assert legend is not None
    figure.canvas.draw()
    named = legend.get_window_extent()
    assert not named.overlaps(ax.get_window_extent())
    assert not named.overlaps(ax.xaxis.label.get_window_extent())
    assert figure.bbox.contains(*named.min)
    assert figure.bbox.contains(*named.max)


def test_interactive_has_a_row_for_each_model_and_one_legend() -> None:
    one = table(solved=[0.1, 0.2, 0.3, 0.4], ever=[0.1, 0.2, 0.4, 0.5], lost=[0, 0, 0.1, 0.1])
    figure = accuracy_figure({"a": one, "b": one})
    lines = [trace for trace in figure.data if trace.name]
    assert len(lines) == 6
    assert sum(bool(trace.showlegend) for trace in lines) == 3
    assert list(next(t.y for t in lines if t.name == "solved now")) == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_a_table_of_something_else_is_told(ax: Axes) -> None:
    other = table(solved=[0.1] * 4).drop(columns=["segment", "ever_low"])
    for draw in (lambda: accuracy_by_segment(ax, other), lambda: accuracy_figure({"a": other})):
        with pytest.raises(
            InputError, match=r"lacks the column segment, ever_low; stability\(model, puzzles\)"
        ):
            draw()
