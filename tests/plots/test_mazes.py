import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from hrm_probe.plots import maze_board, style, way_by_read

TOKENS = np.array([3, 2, 4, 1, 2, 1, 2, 2, 2])
ANSWER = np.array([3, 5, 4, 1, 2, 1, 2, 2, 2])


def by_read(reads: int = 3, segments: int = 2) -> pd.DataFrame:
    number = np.arange(reads * segments)
    shares = number / (reads * segments)
    parts = {f"{name}{end}": shares for name in ("way", "dead_ends") for end in ("", "_low", "_high")}
    nothing = {f"detours{end}": np.full(len(number), np.nan) for end in ("", "_low", "_high")}
    return pd.DataFrame({"read": number + 1, "segment": number // reads + 1, **parts, **nothing})


def test_reads_are_placed_in_segments_and_parts_that_no_maze_has_are_left_out(ax: Axes) -> None:
    assert way_by_read(ax, by_read(), title="one") is ax
    assert [line.get_label() for line in ax.lines] == ["the way", "dead ends"]
    assert np.allclose(ax.lines[0].get_xdata(), [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])
    assert ax.get_xlim() == (0, 2)
    assert ax.get_title("left") == "one"
    assert ax.get_legend() is not None


def test_bands_lie_between_low_and_high(ax: Axes) -> None:
    table = by_read().assign(way=0.5, way_low=0.25, way_high=0.75)
    way_by_read(ax, table)
    assert [to_hex(line.get_color()) for line in ax.lines] == [to_hex(style.RIGHT), to_hex(style.GREY)]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0.25, 0.75)
    assert np.allclose(ax.lines[0].get_ydata(), 0.5)


def test_the_legend_can_be_left_out(ax: Axes) -> None:
    way_by_read(ax, by_read(), legend=False)
    assert ax.get_legend() is None


def places(ax: Axes, colour: str) -> list[tuple[float, float]]:
    return [
        tuple(place)
        for collection in ax.collections
        if to_hex(collection.get_facecolor()[0]) == to_hex(colour)
        for place in collection.get_offsets().tolist()
    ]


def test_right_and_wrong_path_differ_in_colour_and_mark(ax: Axes) -> None:
    shown = np.where(np.arange(9) == 7, 5, ANSWER)
    maze_board(ax, TOKENS, ANSWER, shown)
    assert places(ax, style.RIGHT) == [(1, 0)]
    assert places(ax, style.WRONG) == [(1, 2)]
    right, wrong = (collection.get_paths()[0].vertices for collection in ax.collections)
    assert len(right) != len(wrong)  # a square and a cross
    assert {text.get_text(): text.get_position() for text in ax.texts} == {"S": (0, 0), "G": (2, 0)}
    assert ax.images[0].get_array().tolist() == [[0, 0, 0], [1, 0, 1], [0, 0, 0]]


def test_without_anything_shown_it_is_the_answer(ax: Axes) -> None:
    maze_board(ax, TOKENS, ANSWER, title="an answer")
    assert places(ax, style.RIGHT) == [(1, 0)]
    assert not places(ax, style.WRONG)
    assert ax.get_title("left") == "an answer"
