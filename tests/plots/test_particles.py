"""A line for each guide, and a curve with ends for each sign."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import foresight_curves, steering_curves
from hrm_probe.plots.particles import LOOKS, SIGNS
from hrm_probe.reasoning.guessing.steering import GUIDES

TABLE = pd.DataFrame(
    {
        "guide": ["nothing", "nothing", "rules", "rules"],
        "segment": [1, 2, 1, 2],
        "solved": [0.1, 0.4, 0.1, 0.7],
    }
)
FORESIGHT = pd.DataFrame(
    {
        "sign": ["halting", "halting", "rules", "rules"],
        "segment": [1, 2, 1, 2],
        "runs": [90, 40, 90, 29],
        "auc": [0.5, 0.8, 0.6, 0.9],
        "auc_low": [0.4, 0.7, 0.3, 0.1],
        "auc_high": [0.6, 0.95, 0.8, 1.0],
    }
)


def test_a_line_for_each_guide_and_one_for_a_run_alone(ax: Axes) -> None:
    assert steering_curves(ax, TABLE, 0.3, title="a model") is ax
    lines = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
    assert lines["left to themselves"] == [0.1, 0.4]
    assert lines["by broken rules"] == [0.1, 0.7]
    assert [0.3, 0.3] in lines.values()
    assert ax.get_title(loc="left") == "a model"


def test_without_a_run_alone_there_are_the_guides_only(ax: Axes) -> None:
    assert len(steering_curves(ax, TABLE).lines) == 2


def test_what_is_foreseen_with_its_ends_and_nothing_of_a_few_runs(ax: Axes) -> None:
    foresight_curves(ax, FORESIGHT)
    first, second = (collection.get_segments() for collection in ax.collections)
    assert [list(bar[:, 1]) for bar in first] == [pytest.approx([0.4, 0.6]), pytest.approx([0.7, 0.95])]
    assert [list(bar[:, 1]) for bar in second] == [pytest.approx([0.3, 0.8])]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["halting value", "broken rules"]
    assert any(list(line.get_ydata()) == [0.5, 0.5] for line in ax.lines)


def test_runs_of_which_none_can_be_compared_leave_the_picture_empty(ax: Axes) -> None:
    foresight_curves(ax, FORESIGHT.assign(runs=0, auc=np.nan))
    assert ax.get_legend() is None
    assert [text.get_text() for text in ax.texts] == ["no runs to compare"]


@pytest.mark.parametrize("none", [FORESIGHT[:0], pd.DataFrame([])], ids=["no rows", "no columns either"])
def test_without_runs_left_to_themselves_it_says_so(ax: Axes, none: pd.DataFrame) -> None:
    foresight_curves(ax, none)
    assert [text.get_text() for text in ax.texts] == ["no runs to compare"]


def test_every_guide_and_sign_there_is_has_a_look_of_its_own() -> None:
    assert list(LOOKS) == list(GUIDES)
    assert len({look[0] for look in LOOKS.values()}) == len(set(LOOKS.values())) == len(LOOKS)
    assert SIGNS.keys() < LOOKS.keys()
