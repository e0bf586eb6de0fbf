import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import nudge_curves
from hrm_probe.plots.nudges import LOOKS
from hrm_probe.reasoning.guessing.nudge_kinds import NUDGES

TABLE = pd.DataFrame(
    {
        "kind": ["nothing", "nothing", "copy", "copy"],
        "segment": [8, 16, 8, 16],
        "solved": [0.5, 0.6, 0.5, 0.9],
        "solved_low": [0.4, 0.5, 0.4, 0.8],
        "solved_high": [0.6, 0.7, 0.6, 0.95],
    }
)


def test_a_line_for_each_nudge_and_ends_of_the_last_value_beside_one_another(ax: Axes) -> None:
    assert nudge_curves(ax, TABLE, title="a model") is ax
    lines = {line.get_label(): list(line.get_ydata()) for line in ax.lines if len(line.get_xdata()) == 2}
    assert lines == {"left alone": [0.5, 0.6], "asked a copy": [0.5, 0.9]}
    (first,), (second,) = (collection.get_segments() for collection in ax.collections)
    assert first[:, 1] == pytest.approx([0.5, 0.7])
    assert second[:, 1] == pytest.approx([0.8, 0.95])
    assert 16 < first[0, 0] < second[0, 0]
    assert list(ax.get_xticks()) == [8, 16]
    assert ax.get_ylim()[0] < 0.4


def test_every_nudge_there_is_has_a_look_of_its_own() -> None:
    assert list(LOOKS) == list(NUDGES)
    assert len(set(LOOKS.values())) == len({look[0] for look in LOOKS.values()}) == len(LOOKS)
