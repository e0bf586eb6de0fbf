"""Rest and wandering, and the honesty to see one mode where there is one."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import stats

from hrm_probe.dynamics import maps, settle, settled_at, sweep
from hrm_probe.dynamics.settling import best_split
from hrm_probe.errors import InputError


def two_kinds(resting: int, roaming: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Displacements [n, 16] that fall tenfold every two segments, or stay around 1; and which is which."""
    rng = np.random.default_rng(seed)
    rests = np.arange(resting + roaming) < resting
    levels = np.where(rests[:, None], -1.15 * np.arange(16), 0.0)
    wobble = rng.normal(0, 0.4, (len(rests), 1)) + rng.normal(0, 0.2, (len(rests), 16))
    return np.exp(levels + wobble), rests


@pytest.mark.parametrize(("resting", "roaming"), [(50, 50), (100, 10), (10, 100)])
def test_two_kinds_are_told_apart(resting: int, roaming: int) -> None:
    moves, rests = two_kinds(resting, roaming)
    result = settle(moves)
    assert result.bimodal
    assert result.rule == "two modes"
    assert (result.settled == rests).all()
    assert result.separation > 10
    assert result.low_mode < result.threshold < result.high_mode
    assert result.share.low < resting / (resting + roaming) < result.share.high


@pytest.mark.parametrize("kind", ["normal", "random", "exponential", "gumbel", "standard_cauchy"])
def test_one_mode_is_called_one(kind: str) -> None:
    rng = np.random.default_rng(1)
    calls = []
    for _ in range(60):
        level = np.clip(getattr(rng, kind)(size=120), -30, 30)
        calls.append(settle(np.exp(level)[:, None] * np.ones(6), simulations=200).p_one_mode <= 0.05)
    assert np.mean(calls) <= 0.07


@pytest.mark.parametrize(("final", "expected"), [(1e-5, True), (1.0, False)])
def test_with_one_mode_the_stated_fraction_decides(final: float, expected: bool) -> None:
    moves = np.geomspace(1.0, final, 16) * np.exp(np.random.default_rng(2).normal(0, 0.2, (60, 1)))
    result = settle(moves)
    assert (result.bimodal, result.rule) == (False, "fallback")
    assert result.threshold == pytest.approx(0.01 * np.median(moves[:, 0]))
    assert (result.settled == expected).all()


def test_exact_rest_and_identical_rows_are_no_trouble() -> None:
    moves = np.ones((20, 8))
    moves[:10, 3:] = 0.0
    result = settle(moves)
    assert result.settled.tolist() == [True] * 10 + [False] * 10
    assert settle(np.zeros((5, 8))).settled.all()
    assert not settle(np.ones((5, 8))).settled.any()


def test_a_given_threshold_is_taken() -> None:
    moves, _ = two_kinds(20, 20)
    result = settle(moves, threshold=1e9)
    assert result.rule == "given"
    assert result.settled.all()


def test_settled_at_is_the_first_segment_of_the_last_quiet_stretch() -> None:
    moves = [[9, 1, 9, 1, 1], [1, 1, 1, 1, 1], [9, 9, 9, 9, 9], [1, 1, 1, 1, 9], [9, 9, 9, 9, 1]]
    assert settled_at(moves, threshold=2).tolist() == [3, 0, -1, -1, 4]


def test_the_sweep_rises_from_none_to_all() -> None:
    moves, _ = two_kinds(30, 30)
    table = sweep(moves)
    assert table["settled"].is_monotonic_increasing
    assert table["settled"].iloc[-1] == 60
    plateau = table[(table["threshold"] > 1e-4) & (table["threshold"] < 0.1)]
    assert (plateau["settled"] == 30).all()  # the conclusion owes nothing to the threshold
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert sweep(moves, [0.01])["settled"].tolist() == [30]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: settle(np.ones(4)), "must have shape [n, segments]"),
        (lambda: settle([[1.0, np.nan, 1.0]]), "must be finite and not negative"),
        (lambda: settle([[1.0, -1.0, 1.0]]), "must be finite and not negative"),
        (lambda: settle(np.ones((2, 2))), "are of 2 segments"),
        (lambda: settle(np.ones((2, 4)), threshold=-1.0), "threshold is -1.0"),
        (lambda: settle(np.ones((8, 4)), simulations=0), "simulations is 0"),
        (lambda: settle(np.ones((8, 4)), alpha=2.0), "alpha is 2.0"),
        (lambda: settle(np.ones((8, 4)), fallback=-1.0), "fallback is -1.0"),
        (lambda: settle(np.ones((8, 4)), fallback=float("nan")), "fallback is nan"),
    ],
)
def test_bad_input_is_told_in_a_sentence_that_names_it(call: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        call()


def test_two_speeds_of_convergence_are_both_rest() -> None:
    rates = np.r_[np.full(20, 0.1), np.full(20, 0.3)] * np.random.default_rng(0).uniform(0.95, 1.05, 40)
    result = settle(rates[:, None] ** np.arange(16))
    assert result.p_one_mode < 0.05  # there are two modes indeed
    assert (result.bimodal, result.rule) == (False, "fallback")
    assert result.settled.all()


def test_two_sizes_of_cycle_are_both_wandering() -> None:
    sizes = np.r_[np.full(30, 0.3), np.full(30, 1.0)] * np.exp(
        0.05 * np.random.default_rng(0).normal(size=60)
    )
    result = settle(np.repeat(sizes[:, None], 16, axis=1))
    assert result.p_one_mode < 0.05
    assert not result.bimodal
    assert not result.settled.any()


def test_the_rounding_of_a_cycle_is_no_second_mode() -> None:
    step = maps.logistic(3.2)
    x = torch.rand(64, 1, generator=torch.Generator().manual_seed(0))
    states = [x]
    for _ in range(80):
        states.append(step(states[-1]))
    moves = torch.stack(states[-17:], 1).diff(dim=1).abs()[:, :, 0].double().numpy()
    assert not settle(moves).settled.any()  # all go round for ever between 0.51 and 0.80


def test_no_number_is_no_threshold() -> None:
    with pytest.raises(InputError, match="threshold must be a number"):
        settled_at(np.ones((2, 4)), float("nan"))


FIRST = [0.0, 1e-9, 1e-3, 1.0, 1e3, 1e5]


def steady(levels: np.ndarray, first: float | None = None, segments: int = 16) -> np.ndarray:
    """Rows that move by about these displacements for ever, after a given first one."""
    wobble = np.exp(0.3 * np.random.default_rng(5).normal(size=(len(levels), segments)))
    moves = np.asarray(levels)[:, None] * wobble
    if first is not None:
        moves[:, 0] = first
    return moves


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize(("resting", "roaming"), [(30, 30), (40, 12), (12, 40)])
def test_rest_and_motion_are_told_apart_whatever_the_first_displacement(
    first: float, resting: int, roaming: int
) -> None:
    result = settle(steady(np.repeat([1e-7, 1.0], [resting, roaming]), first))
    assert result.rule == "two modes"
    assert result.settled.tolist() == [True] * resting + [False] * roaming


@pytest.mark.parametrize(("resting", "roaming"), [(50, 50), (80, 20), (20, 80), (20, 20)])
@pytest.mark.parametrize("rest", [1e-4, 2.5e-3])
def test_of_rows_that_rest_from_the_start_the_others_say_what_motion_is(
    rest: float, resting: int, roaming: int
) -> None:
    result = settle(steady(np.repeat([rest, 1.0], [resting, roaming])))
    assert result.rule == "two modes"
    assert result.settled.tolist() == [True] * resting + [False] * roaming


def test_rows_at_rest_from_the_start_have_settled_though_they_are_most() -> None:
    result = settle(steady(np.repeat([1e-7, 1.0], [40, 38])))
    assert result.settled.tolist() == [True] * 40 + [False] * 38
    assert (result.settled_at[:40] == 0).all()


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("kind", ["normal", "random", "exponential", "standard_cauchy"])
def test_one_mode_stays_one_whatever_the_first_displacement(kind: str, first: float) -> None:
    rng = np.random.default_rng(6)
    rows = [steady(np.exp(np.clip(5 * getattr(rng, kind)(size=60), -30, 30)), first) for _ in range(20)]
    results = [settle(moves, simulations=200) for moves in rows]
    assert np.mean([result.threshold == 0.01 * first for result in results]) >= 0.95


@pytest.mark.parametrize("slow", [0.2, 0.5, 0.65])
def test_slow_convergence_beside_fast_is_rest_however_far_apart(slow: float) -> None:
    rates = np.repeat([0.05, slow], 20) * np.random.default_rng(0).uniform(0.97, 1.03, 40)
    result = settle(rates[:, None] ** np.arange(16))
    assert result.p_one_mode < 0.05
    assert result.settled.all()


def test_rows_that_speed_up_do_not_make_rest_of_the_others() -> None:
    growth = np.repeat([1.0, 3.0], 30)[:, None] ** np.arange(16)
    assert not settle(steady(np.ones(60)) * growth).settled.any()


def test_the_rounding_of_quick_rest_is_no_motion() -> None:
    moves = steady(np.repeat([1e-12, 1e-7], 30), first=1.0)
    assert settle(moves).settled.all()


def test_a_row_has_settled_when_each_of_its_last_displacements_is_small() -> None:
    quiet = np.array([[9, 9, 9, 1, 1, 1], [9, 9, 9, 9, 1, 1], [9, 1, 1, 1, 9, 1], [1, 1, 1, 1, 1, 1]], float)
    result = settle(quiet, threshold=1.0, late=3)
    assert result.settled.tolist() == [True, False, False, True]
    assert result.settled_at.tolist() == [3, -1, -1, 0]
    assert result.late.tolist() == [1, 9, 9, 1]  # the largest of three
    assert settle(quiet, threshold=1.0, late=2).settled.tolist() == [True, True, False, True]


def test_the_threshold_lies_in_the_middle_between_the_nearest_rows_of_the_two_modes() -> None:
    levels = np.r_[np.geomspace(1e-7, 1e-4, 20), np.geomspace(1.0, 2.0, 20)]
    result = settle(np.repeat(levels[:, None], 8, axis=1))
    assert result.rule == "two modes"
    assert result.threshold == pytest.approx(
        1e-2
    )  # of 1e-4 and 1 in logs; between the modes' means it is 7e-3
    assert result.low_mode == pytest.approx(10**-5.5)
    assert result.high_mode == pytest.approx(2**0.5)


@pytest.mark.parametrize("n", [4, 9, 30])
def test_the_gain_of_a_split_is_the_likelihood_of_two_gaussians_over_that_of_one(n: int) -> None:
    x = np.sort(np.random.default_rng(n).normal(size=n))

    def likelihood(part: np.ndarray) -> float:
        share = len(part) / n
        return float((np.log(share) + stats.norm.logpdf(part, part.mean(), part.std())).sum())

    gains = [(likelihood(x[:k]) + likelihood(x[k:]) - likelihood(x)) / n for k in range(2, n - 1)]
    gain, size = best_split(x[None])
    assert (gain[0], size[0]) == (pytest.approx(max(gains)), 2 + int(np.argmax(gains)))


def test_the_sweep_tells_when_the_rows_that_settled_did() -> None:
    moves = np.array([[9, 1, 1, 1, 1], [9, 9, 1, 1, 1], [9, 9, 9, 9, 9], [9, 9, 9, 9, 9]], float)
    table = sweep(moves, [0.5, 2.0, 10.0])
    assert table["settled"].tolist() == [0, 2, 4]
    np.testing.assert_array_equal(table["median_settled_at"], [np.nan, 1.5, 0.0])


@pytest.mark.parametrize("rest", [1e-9, 0.0])
def test_exact_rest_is_rest_also_where_all_that_move_move_alike(rest: float) -> None:
    wobble = np.exp(0.01 * (np.arange(300).reshape(20, 15) % 7))
    first = np.full((20, 1), 100.0)
    moves = np.concatenate([np.c_[first, rest * wobble], np.c_[first, 0.5 * wobble]])
    found = settle(moves)
    assert found.rule == "two modes"
    assert found.settled.tolist() == [True] * 20 + [False] * 20


def test_tensors_with_a_graph_and_in_half_precision_are_taken() -> None:
    moves, rests = two_kinds(30, 30)
    tensor = torch.tensor(moves, dtype=torch.bfloat16, requires_grad=True)
    assert (settle(tensor).settled == rests).all()  # type: ignore[arg-type]


def test_too_few_segments_are_told() -> None:
    with pytest.raises(InputError, match="are of 2 segments, and settling is told by the last 3"):
        settle(np.ones((3, 2)))


def test_two_near_modes_are_told_apart_where_the_stated_fraction_lies_between_them() -> None:
    """No hundredfold gap is needed: one in a hundred of the first displacement separates them, too."""
    rng = np.random.default_rng(0)
    ends = np.repeat([8e-3, 1.0], 30) * np.exp(0.5 * rng.normal(size=60))
    moves = np.concatenate([np.ones((60, 1)), np.repeat(ends[:, None], 15, axis=1)], axis=1)
    result = settle(moves)
    assert result.rule == "two modes"
    assert result.settled.tolist() == [True] * 30 + [False] * 30
