"""What attention does to answers as it leans: a line a number of blanks, and what is not there is not drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import leak_curves, leak_shares

TABLE = pd.DataFrame(
    {
        "blanks": ["1", "1", "all", "all"],
        "bias": [-2.0, 0.0, -2.0, 0.0],
        "accuracy": [0.9, 0.1, 0.95, 0.9],
        "accuracy_low": [0.8, 0.0, 0.9, 0.85],
        "accuracy_high": [1.0, 0.2, 1.0, 0.95],
        "from_blanks": [0.1, 0.3, 0.05, 0.1],
        "from_clues": [0.2, 0.5, 0.1, 0.4],
    }
)


def named(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def test_a_line_for_each_number_of_blanks_and_their_ends(ax: Axes) -> None:
    assert leak_curves(ax, TABLE, edge="peers", title="a model") is ax
    assert named(ax) == ["1 blank", "as given"]
    first, *_ = ax.collections[0].get_segments()
    assert first[:, 1] == pytest.approx([0.8, 1.0])
    assert ax.get_xlabel() == "added to scores: peers"


def test_of_more_numbers_of_blanks_than_colours_each_is_drawn_and_no_two_look_alike(ax: Axes) -> None:
    counts = ["1", "2", "3", "4", "5", "8", "13", "all"]
    rows = [TABLE[:2].assign(blanks=count) for count in counts]
    leak_curves(ax, pd.concat(rows))
    assert len(named(ax)) == len(counts)
    looks = {
        (line.get_color(), line.get_marker(), line.get_markerfacecolor())
        for line, *_ in (drawn.lines for drawn in ax.containers)
    }
    assert len(looks) == len(counts)


def test_shares_of_attention_of_blanks_and_of_clues(ax: Axes) -> None:
    leak_shares(ax, TABLE.replace("1", "0").assign(from_blanks=[np.nan, np.nan, 0.05, 0.1]))
    assert named(ax) == ["0 blanks, clues look", "as given, blanks look", "as given, clues look"]


def test_the_legend_can_be_left_out(ax: Axes) -> None:
    leak_shares(leak_curves(ax, TABLE, legend=False), TABLE, legend=False)
    assert named(ax) == []
