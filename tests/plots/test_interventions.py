import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.dynamics import wilson
from hrm_probe.plots import ablated_marks, meddled_marks

PLAIN = wilson(80, 100)
TABLE = pd.DataFrame(
    [
        ("patch", "z_H", 1, "itself", 0.8),
        ("patch", "z_H", 1, "another", 0.7),
        ("patch", "z_L", 1, "another", 0.6),
        ("patch", "z_H", 8, "another", 0.5),
        ("noise", "z_H", 1, "0.5", 0.75),
        ("noise", "z_H", 1, "2", 0.4),
        ("ablation", "L.blocks.0.hook_mlp_out", 0, "zero", 0.1),
        ("ablation", "L.blocks.0.hook_mlp_out", 0, "mean", 0.3),
    ],
    columns=["kind", "site", "segment", "detail", "accuracy"],
).assign(low=lambda t: t["accuracy"] - 0.1, high=lambda t: t["accuracy"] + 0.1)


def marks(ax: Axes) -> dict[str, list[tuple[float, float]]]:
    return {
        str(container.get_label()): [tuple(point) for point in container.lines[0].get_xydata()]
        for container in ax.containers
    }


def test_states_of_another_run_stand_beside_one_another_at_each_segment(ax: Axes) -> None:
    assert meddled_marks(ax, TABLE, PLAIN) is ax
    drawn = marks(ax)
    assert [y for _, y in drawn["z_H"]] == [0.7, 0.5]  # without the control
    assert [y for _, y in drawn["z_L"]] == [0.6]
    assert drawn["z_H"][0][0] < 0 < drawn["z_L"][0][0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "8"]
    (untouched,) = (line for line in ax.lines if line.get_label() == "untouched")
    assert set(untouched.get_ydata()) == {0.8}


def test_noise_has_a_mark_for_each_scale(ax: Axes) -> None:
    meddled_marks(ax, TABLE, PLAIN, "noise")
    assert {label: points[0][1] for label, points in marks(ax).items()} == {
        "z_H, noise 0.5": 0.75,
        "z_H, noise 2": 0.4,
    }


def test_a_site_left_out_has_a_row_with_its_mean_and_with_zero(ax: Axes) -> None:
    assert ablated_marks(ax, TABLE, PLAIN) is ax
    drawn = marks(ax)
    assert drawn["its mean"] == [pytest.approx((0.3, -0.15))]
    assert drawn["zero"] == [pytest.approx((0.1, 0.15))]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["L.0.mlp_out"]
