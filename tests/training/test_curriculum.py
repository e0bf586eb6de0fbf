"""Curricula: the published schedules and the published saving, from first principles."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.training.curriculum import ProgressiveDepth, Stage, SupervisionWeighting


def test_published_stages() -> None:
    depth = ProgressiveDepth.cgar()
    assert [depth.depth(p) for p in (0.0, 0.2999, 0.3, 0.5999, 0.6, 1.0)] == [
        (2, 1), (2, 1), (4, 2), (4, 2), (6, 3), (6, 3),
    ]  # fmt: skip


def test_published_saving_of_flops() -> None:
    # Blocks in a segment: 1 * 3 * 2 = 6, 2 * 5 * 2 = 20, 3 * 7 * 2 = 42; on average 0.3 * 6 + 0.3 * 20 + 0.4 * 42.
    depth = ProgressiveDepth.cgar()
    assert [depth.effective_depth(stage) for stage in depth.stages] == [6, 20, 42]
    assert depth.flops_saved() == pytest.approx(1 - 24.6 / 42)
    assert f"{depth.flops_saved():.1%}" == "41.4%"


def test_saving_does_not_depend_on_the_number_of_blocks_of_a_single_module() -> None:
    assert ProgressiveDepth.cgar(L_layers=7).flops_saved() == pytest.approx(
        ProgressiveDepth.cgar().flops_saved()
    )


def test_constant_depth_saves_nothing() -> None:
    constant = ProgressiveDepth.constant(6, 3)
    assert constant.flops_saved() == 0.0
    assert constant.depth(0.0) == constant.depth(1.0) == (6, 3)


def test_staying_shallow_saves_all_but_the_first_depth() -> None:
    assert ProgressiveDepth.shallow(6, 3).flops_saved() == pytest.approx(1 - 6 / 42)


@pytest.mark.parametrize("full", [(6, 3), (2, 2), (7, 4), (1, 1)])
def test_shallow_depth_stays_where_the_published_schedule_begins(full: tuple[int, int]) -> None:
    shallow = ProgressiveDepth.shallow(*full)
    assert {shallow.depth(p) for p in (0.0, 0.3, 0.6, 1.0)} == {ProgressiveDepth.cgar(*full).depth(0.0)}


@pytest.mark.parametrize(
    ("full", "stages"),
    [
        ((6, 3), [(2, 1), (4, 2), (6, 3)]),
        ((2, 2), [(2, 1), (2, 2), (2, 2)]),  # HRM
        ((7, 4), [(3, 2), (5, 3), (7, 4)]),
        ((1, 1), [(1, 1), (1, 1), (1, 1)]),
        ((12, 6), [(4, 2), (8, 4), (12, 6)]),
    ],
)
def test_other_full_depths_have_thirds_rounded_up(
    full: tuple[int, int], stages: list[tuple[int, int]]
) -> None:
    depth = ProgressiveDepth.cgar(*full)
    assert [(s.L_cycles, s.H_cycles) for s in depth.stages] == stages


def test_two_modules_of_different_size_are_both_counted() -> None:
    depth = ProgressiveDepth.cgar(2, 2, L_layers=4, H_layers=3)
    assert depth.effective_depth(depth.stages[-1]) == 2 * (2 * 4 + 3)
    assert depth.flops_saved() == pytest.approx(0.3 * 0.5)


def test_stages_must_cover_the_training() -> None:
    with pytest.raises(ValueError, match="last at 1"):
        ProgressiveDepth((Stage(0.5, 1, 1),))
    with pytest.raises(ValueError, match="rising"):
        ProgressiveDepth((Stage(0.6, 1, 1), Stage(0.5, 1, 1), Stage(1.0, 1, 1)))
    with pytest.raises(ValueError, match="stages must be Stages"):
        ProgressiveDepth(((0.5, 1, 1), (1.0, 4, 2)))  # type: ignore[arg-type]


def test_weights_decay_by_seven_tenths_and_sum_to_one() -> None:
    weighting = SupervisionWeighting.cgar()
    weights = [weighting.weight(t) for t in range(1, 17)]
    assert sum(weights) == pytest.approx(1.0)
    assert all(b / a == pytest.approx(0.7) for a, b in pairwise(weights))
    assert weights[0] == pytest.approx(0.3 / (1 - 0.7**16))  # geometric series


def test_each_row_is_weighed_by_its_own_segment() -> None:
    weighting = SupervisionWeighting.cgar()
    rows = weighting.row_weights(torch.tensor([1, 3, 16]), torch.tensor([0, 2, 15]))
    assert rows is not None
    assert rows.tolist() == pytest.approx([weighting.weight(t) for t in (1, 3, 16)])


def test_published_code_weighs_the_whole_batch_by_its_mean_segment() -> None:
    rows = SupervisionWeighting.published().row_weights(torch.tensor([1, 3, 9]), torch.tensor([16, 2, 8]))
    assert rows is not None
    assert rows.tolist() == pytest.approx([0.7**8] * 3)  # floor((16 + 2 + 8) / 3) = 8


def test_uniform_weighting_costs_nothing() -> None:
    assert SupervisionWeighting.uniform().row_weights(torch.tensor([1]), torch.tensor([0])) is None
    assert SupervisionWeighting.uniform().weight(16) == 1.0


def test_segments_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="segment is 0; it must be from 1 to 16"):
        SupervisionWeighting.cgar().weight(0)


@pytest.mark.parametrize("progress", [30, -0.1, float("nan"), "0.5"])
def test_depth_goes_by_a_share_of_the_training(progress: Any) -> None:
    with pytest.raises(
        InputError, match=r"progress is .*; it (must be a finite number|is a share of the training)"
    ):
        ProgressiveDepth.cgar().depth(progress)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: ProgressiveDepth.cgar(0, 0), "L_cycles is 0; it must be at least 1"),
        (lambda: ProgressiveDepth.cgar(2.5, 1), r"L_cycles is 2\.5; it must be a whole number"),
        (lambda: ProgressiveDepth.cgar(L_layers=0), "L_layers is 0; it must be at least 1"),
        (lambda: Stage(float("nan"), 2, 1), "until is nan; it must be a finite number"),
        (lambda: ProgressiveDepth.constant(6, 0), "H_cycles is 0; it must be at least 1"),
        (lambda: SupervisionWeighting(0.7, mode="foo"), "mode is 'foo'; it must be one of row, published"),
        (lambda: SupervisionWeighting.cgar(decay=-0.7), r"decay is -0\.7; it must be a number above 0"),
        (lambda: SupervisionWeighting.cgar(decay=float("nan")), "decay is nan; it must be a finite number"),
        (lambda: SupervisionWeighting.cgar(segments=2.5), r"segments is 2\.5; it must be a whole number"),
        (lambda: SupervisionWeighting.cgar().weight(1.5), r"segment is 1\.5; it must be a whole number"),
    ],
)
def test_what_is_no_curriculum_is_refused_where_it_is_made(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        make()
