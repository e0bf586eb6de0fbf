import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import blocked_bars, broken_map, carried_map, looks_map

LOOKS = pd.DataFrame(
    [
        {"level": level, "block": 0, "head": 1, "edge": edge, "even": even, "mass": mass}
        for level, masses in (("H", (0.9, 0.1)), ("L", (0.3, 0.7)))
        for (edge, even), mass in zip((("row", 0.25), ("unrelated", 0.75)), masses, strict=True)
    ]
)


def printed(ax: Axes) -> list[list[str]]:
    columns = len(ax.get_xticks())
    texts = [text.get_text() for text in ax.texts]
    return [texts[i : i + columns] for i in range(0, len(texts), columns)]


def test_where_heads_look_is_printed_in_percent_below_what_is_even(ax: Axes) -> None:
    assert looks_map(ax, LOOKS, title="a model") is ax
    assert printed(ax) == [["25", "75"], ["90", "10"], ["30", "70"]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["even", "H0.1", "L0.1"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["row", "unrelated"]
    assert ax.images[0].get_array().max() == pytest.approx(0.9)


def test_what_breaks_is_printed_below_the_untouched_run(ax: Axes) -> None:
    heads = pd.DataFrame(
        [{"level": "H", "block": 1, "head": 2, "rows": 0.88, "columns": 0.17, "boxes": 0.35}]
    )
    broken = pd.DataFrame({"unit": ["boxes", "rows", "columns"], "broken": [0.02, 0.06, 0.0]})
    broken_map(ax, heads, broken)
    assert printed(ax) == [["6", "0", "2"], ["88", "17", "35"]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["untouched", "H1.2"]


def test_blocked_edges_stand_in_their_order_beside_the_untouched_run(ax: Axes) -> None:
    edges = pd.DataFrame(
        {
            "edge": ["row", "peers", "peers"],
            "level": ["all", "all", "L"],
            "accuracy": [0.4, 0.0, 0.7],
            "accuracy_low": [0.3, 0.0, 0.6],
            "accuracy_high": [0.6, 0.1, 0.8],
        }
    )
    blocked_bars(ax, edges, 0.9)
    assert dict(zip(ax.get_yticks(), [label.get_text() for label in ax.get_yticklabels()], strict=True)) == {
        1: "row",
        0: "peers",
    }
    assert [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"] == [0.9]
    everywhere, alone = (container.lines[2][0].get_segments() for container in ax.containers)
    assert everywhere[0][:, 0] == pytest.approx([0.3, 0.6])
    assert alone[0][:, 0] == pytest.approx([0.6, 0.8])
    assert -0.5 < alone[0][0, 1] < 0
    assert ax.get_legend_handles_labels()[1] == ["all heads", "L alone"]


def test_what_is_given_up_is_printed_head_by_head_below_the_untouched(ax: Axes) -> None:
    rows = pd.DataFrame(
        {
            "head": ["untouched", "untouched", "H1.3", "H1.3"],
            "relation": ["row", "box", "row", "box"],
            "excluded": [0.96, 0.8, 0.94, -0.38],
        }
    )
    carried_map(ax, rows)
    assert printed(ax) == [["96", "80"], ["94", "-38"]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["untouched", "H1.3"]
