import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import probe_curves

NAN = float("nan")
TABLE = pd.DataFrame(
    [
        ("digit", "z_H", 1, 0.5, 0.4, 0.6, 0.16, 0.55),
        ("digit", "z_H", 4, 0.9, 0.8, 1.0, 0.17, 0.92),
        ("digit", "z_L", 1, 0.2, 0.1, 0.3, 0.18, 0.55),
        ("digit", "z_L", 4, 0.7, 0.6, 0.8, 0.15, 0.92),
        ("clues", "z_H", 1, -0.2, -0.4, 0.1, NAN, NAN),
        ("clues", "z_H", 4, 0.3, 0.1, 0.5, NAN, NAN),
    ],
    columns=["question", "site", "segment", "score", "low", "high", "shuffled", "model"],
)


def test_a_line_with_ends_for_each_site_with_what_shuffled_labels_and_the_model_give(ax: Axes) -> None:
    assert probe_curves(ax, TABLE) is ax
    first, second = ax.containers
    assert list(first.lines[0].get_ydata()) == [0.5, 0.9]
    assert list(second.lines[0].get_ydata()) == [0.2, 0.7]
    assert np.concatenate(first.lines[2][0].get_segments())[:, 1] == pytest.approx([0.4, 0.6, 0.8, 1.0])
    dotted = [list(line.get_ydata()) for line in ax.lines if line.get_linestyle() == ":"]
    assert dotted == [[0.16, 0.17], [0.18, 0.15]]
    assert sorted(ax.get_legend_handles_labels()[1]) == ["shuffled labels", "the model itself", "z_H", "z_L"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "4"]
    assert ax.get_ylabel() == "blank cells read right"


def test_a_target_of_ones_own_has_neither_and_may_be_worse_than_its_mean(ax: Axes) -> None:
    probe_curves(ax, TABLE, "clues")
    assert ax.get_legend_handles_labels()[1] == ["z_H"]
    assert ax.get_ylim()[0] < -0.4
    assert (ax.get_title(loc="left"), ax.get_ylabel()) == ("clues", "score")
