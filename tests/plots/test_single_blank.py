from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes

from hrm_probe.plots import single_blank_map, single_blank_marks
from hrm_probe.reasoning import single_blank
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import keeps


def test_a_column_for_each_outcome_with_its_interval(ax: Axes) -> None:
    found = single_blank(Divided(keeps, settles_wrong), generate(30, "easy", "4x4", seed=0))
    assert single_blank_marks(ax, found) is ax
    (container,) = ax.containers
    shares = [found.at_halt, found.ever, found.last, found.blank_right, found.clues_kept]
    assert list(container.lines[0].get_ydata()) == [share.estimate for share in shares]
    (ends,) = container.lines[2]
    assert [tuple(bar[:, 1]) for bar in ends.get_segments()] == [(share.low, share.high) for share in shares]


def test_a_share_that_a_saved_result_lacks_is_left_out(ax: Axes) -> None:
    found = single_blank(Divided(keeps, settles_wrong), generate(30, "easy", "4x4", seed=0))
    single_blank_marks(ax, replace(found, blank_right=None))
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "solved\nat halt", "solved\nat any", "solved\nat last", "clues kept\nat last"
    ]  # fmt: skip


def test_cells_that_were_never_blank_are_crossed_out(ax: Axes) -> None:
    table = pd.DataFrame({"cell": [0, 0, 5], "solved_last": [True, False, True]})
    single_blank_map(ax, table, 4)
    written = [text.get_text() for text in ax.texts]
    assert (written[0], written[5]) == ("50", "100")
    assert written.count("×") == 14
