"""Planted jumps, ramps and flats: what is found, and how often the finder errs."""

import re
import time
from collections.abc import Callable
from math import comb

import numpy as np
import pandas as pd
import pytest
import torch

from hrm_probe.dynamics import find_jumps, jump_share, share
from hrm_probe.dynamics.jump_null import noise
from hrm_probe.dynamics.jump_shapes import decay, ramp
from hrm_probe.errors import InputError

STEPS, N = 16, 2000


def rates(curves: np.ndarray, **settings: object) -> dict[str, float]:
    kinds = find_jumps(curves, **settings)["kind"]  # type: ignore[arg-type]
    return {kind: float((kinds == kind).mean()) for kind in ("jump", "gradual", "none")}


def steps_at(at: np.ndarray, size: float) -> np.ndarray:
    return size * (np.arange(STEPS) >= at[:, None])


def ramps(width: float, size: float, rng: np.random.Generator) -> np.ndarray:
    return size * ramp(STEPS, rng.uniform(0, STEPS - 1 - width, N), width)


# --- without noise: exact shapes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [-9.0, 4.0, -1e-3])
def test_an_exact_step_is_a_jump_wherever_it_is(size: float) -> None:
    table = find_jumps(steps_at(np.arange(1, STEPS), size))
    assert (table["kind"] == "jump").all()
    assert table["step"].tolist() == list(range(1, STEPS))
    np.testing.assert_allclose(table["size"], size)
    np.testing.assert_allclose(table["sharpness"], 1.0)
    assert (table["p_value"] < 0.01).all()


@pytest.mark.parametrize("width", [4, 6, 10, 15])
def test_an_exact_ramp_is_gradual(width: int) -> None:
    curves = np.array([5 - 5 * ramp(STEPS, onset, width) for onset in range(STEPS - width)])
    table = find_jumps(curves)
    assert (table["kind"] == "gradual").all()
    np.testing.assert_allclose(table["size"], -5, rtol=0.05)
    np.testing.assert_allclose(table["sharpness"], 1 / width, atol=0.08)


@pytest.mark.parametrize("tau", [3.0, 6.0])
def test_an_exact_decay_is_gradual(tau: float) -> None:
    assert find_jumps(1 - decay(STEPS, 2, tau)[None])["kind"].tolist() == ["gradual"]


@pytest.mark.parametrize("steps", [8, 12, 16, 40])
def test_a_fall_of_another_shape_is_gradual_among_any_others(steps: int) -> None:
    t = np.arange(steps)
    hyperbolas = 10 / (1 + t) + 0.05 * np.random.default_rng(0).standard_normal((50, steps))
    jumping = 5.0 * (t < np.linspace(2, steps - 2, 50)[:, None])
    decaying = np.exp(-t / 1.5)[None]
    kinds = find_jumps(np.concatenate([hyperbolas, jumping, decaying]))["kind"]
    assert (kinds[:50] == "gradual").all()
    assert (kinds[50:100] == "jump").all()
    assert kinds[100] == "gradual"
    assert find_jumps(hyperbolas)["kind"].tolist() == ["gradual"] * 50


@pytest.mark.parametrize("level", [0.0, 7.0, 1e6, 0.1])
def test_a_constant_is_none(level: float) -> None:
    row = find_jumps(np.full((1, STEPS), level)).iloc[0]
    assert (row["kind"], row["step"], row["size"], row["p_value"]) == ("none", -1, 0.0, 1.0)


def test_a_lone_change_of_one_count_is_no_jump() -> None:
    curve = np.full((1, STEPS), 3.0)
    curve[0, 7] = 2.0
    assert find_jumps(curve)["kind"].tolist() == ["none"]


# --- flags: rows of two values ------------------------------------------------------------------------------------

QUICK = {"simulations": 300, "autocorrelation": 0.0}


def flags(steps: int, at: np.ndarray) -> np.ndarray:
    """Up at every given place, then the same down."""
    up = np.arange(steps) >= at[:, None]
    return np.concatenate([up, ~up])


@pytest.mark.parametrize("steps", [5, 6, 7, 8, 9, 10, 16, 25, 39, 40])
@pytest.mark.parametrize("margin", [1, 2])
def test_clean_flags_jump_where_their_shuffled_selves_seldom_do(steps: int, margin: int) -> None:
    at = np.arange(margin, steps - margin + 1)
    table = find_jumps(flags(steps, at), margin=margin, **QUICK)
    chance = np.tile([2 / comb(steps, place) for place in at], 2)
    counted = chance >= 2 / 300  # all orders are few enough to be gone through; else some are drawn
    np.testing.assert_allclose(table["p_flat"][counted], chance[counted])
    assert (table["p_flat"][~counted] <= 0.03).all()
    assert (table["kind"] == np.where(chance <= 0.05, "jump", "none")).all()
    assert (table["step"] == np.where(chance <= 0.05, np.tile(at, 2), -1)).all()


@pytest.mark.parametrize("steps", range(8, 41, 4))
def test_flags_with_three_on_both_sides_jump_at_any_length(steps: int) -> None:
    assert (find_jumps(flags(steps, np.arange(3, steps - 2)), **QUICK)["kind"] == "jump").all()


@pytest.mark.parametrize("steps", [6, 40])
def test_without_rounding_every_clean_step_is_a_jump(steps: int) -> None:
    table = find_jumps(flags(steps, np.arange(1, steps)), resolution=0, **QUICK)
    assert (table["kind"] == "jump").all()


@pytest.mark.parametrize("ones", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("steps", [8, 16, 40])
def test_random_flags_raise_few_alarms(ones: float, steps: int) -> None:
    measured = rates(np.random.default_rng(2).random((1000, steps)) < ones, simulations=1000)
    assert measured["jump"] <= 0.05
    assert measured["none"] >= 0.94


@pytest.mark.parametrize(("parts", "share"), [(4, 0.95), (10, 0.98), (10, 0.02), (81, 0.997)])
@pytest.mark.parametrize("steps", [6, 8, 12])
def test_flat_fractions_of_two_values_raise_few_alarms(parts: int, share: float, steps: int) -> None:
    values = np.random.default_rng(6).binomial(parts, share, (4000, steps)) / parts
    two = np.array([len(set(row)) == 2 for row in values])
    measured = rates(values[two].astype(np.float32), simulations=1000)
    assert measured["jump"] <= 0.03
    assert measured["none"] >= 0.95


@pytest.mark.parametrize(
    ("low", "high"), [(0.9, 1.0), (0.0, 0.25), (2 / 3, 1.0), (80 / 81, 1.0), (0.0, 1e-3)]
)
def test_neighbouring_fractions_are_judged_as_flags_are(low: float, high: float) -> None:
    ups = flags(16, np.arange(1, 16))
    as_flags, as_fractions = find_jumps(ups, **QUICK), find_jumps(np.where(ups, high, low), **QUICK)
    assert (as_fractions["kind"] == as_flags["kind"]).all()
    np.testing.assert_allclose(as_fractions["p_flat"], as_flags["p_flat"])


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.0, 9.0), (0.0, 0.5), (0.7, 0.9), (0.3, 0.7), (-0.1, 0.0), (1.0, 1.25), (0.0, 0.123456)],
)
def test_two_levels_that_are_no_neighbours_are_measurements(low: float, high: float) -> None:
    values = np.where(flags(6, np.arange(1, 6)), high, low)
    assert (find_jumps(values, **QUICK)["kind"] == "jump").all()


def test_a_verdict_owes_nothing_to_the_rows_beside() -> None:
    counts = np.maximum(9 - np.arange(STEPS), 0.0) + np.array([[0.0], [1.0]])
    rows = np.concatenate([flags(STEPS, np.array([3, 8])).astype(float), counts])
    alone = pd.concat([find_jumps(row[None], **QUICK) for row in rows], ignore_index=True)
    beside = find_jumps(np.concatenate([rows, np.random.default_rng(3).random((5, STEPS))]), **QUICK)
    pd.testing.assert_frame_equal(
        alone.drop(columns="curve"), beside[: len(rows)].drop(columns="curve"), atol=1e-6
    )


@pytest.mark.parametrize("grain", [1.0, 0.1, 1 / 81])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("level", [0.0, 0.5])
def test_values_on_a_grid_have_its_grain(grain: float, dtype: type, level: float) -> None:
    values = (np.random.default_rng(4).poisson(3.0, (200, STEPS)) * grain + level).astype(dtype)
    assert (find_jumps(values)["kind"] == find_jumps(values, resolution=grain)["kind"]).all()


def test_even_counts_are_counts_still() -> None:
    even = 2.0 * np.random.default_rng(4).poisson(3.0, (200, STEPS))
    pd.testing.assert_frame_equal(find_jumps(even), find_jumps(even, resolution=1.0))


def test_measurements_have_no_grain() -> None:
    rng = np.random.default_rng(4)
    for values in (rng.standard_normal((200, STEPS)), rng.poisson(3.0, (200, STEPS)) ** 0.5):
        pd.testing.assert_frame_equal(find_jumps(values), find_jumps(values, resolution=0.0))


@pytest.mark.parametrize(("parts", "share"), [(4, 0.9), (10, 0.95), (10, 0.1), (81, 0.9)])
@pytest.mark.parametrize("steps", [8, 16])
def test_flat_fractions_raise_few_alarms(parts: int, share: float, steps: int) -> None:
    values = np.random.default_rng(5).binomial(parts, share, (N, steps)) / parts
    more_than_two = np.array([len(set(row)) > 2 for row in values])
    measured = rates(values[more_than_two])
    assert measured["none"] >= 0.94
    assert measured["jump"] <= 0.03


@pytest.mark.parametrize("width", [4, 6, 9, 15])
def test_counts_that_fall_gradually_are_gradual_though_rounded(width: int) -> None:
    onsets = np.arange(0, STEPS - width + 0.5, 0.5).clip(max=STEPS - 1 - width)
    curves = np.round(9 * (1 - ramp(STEPS, onsets, width)))
    assert (find_jumps(curves)["kind"] == "gradual").all()


# --- with noise: rates, measured ---------------------------------------------------------------------------------


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_flat_noise_raises_few_alarms_though_it_remembers(phi: float) -> None:
    measured = rates(noise(N, STEPS, phi, np.random.default_rng(1)))
    assert measured["none"] >= 0.94
    assert measured["jump"] <= 0.02


def test_flat_counts_raise_few_alarms() -> None:
    assert rates(np.random.default_rng(2).poisson(3.0, (N, STEPS)))["none"] >= 0.94


def test_alpha_is_obeyed() -> None:
    curves = noise(N, STEPS, 0.0, np.random.default_rng(3))
    assert rates(curves, alpha=0.01)["none"] >= 0.985
    assert 0.85 <= rates(curves, alpha=0.1, autocorrelation=0.0)["none"] <= 0.93


@pytest.mark.parametrize("size", [3.0, 5.0, 8.0, 20.0])
@pytest.mark.parametrize("width", [4, 6, 10])
def test_ramps_in_noise_are_seldom_called_jumps(width: int, size: float) -> None:
    rng = np.random.default_rng(4)
    measured = rates(noise(N, STEPS, 0.0, rng) - ramps(width, size, rng))
    assert measured["jump"] <= 0.06
    assert measured["gradual"] >= 0.85


@pytest.mark.parametrize(("size", "power"), [(5.0, 0.6), (8.0, 0.9), (12.0, 0.98)])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_planted_steps_are_found_and_placed(size: float, power: float, sign: float) -> None:
    rng = np.random.default_rng(5)
    at = rng.integers(1, STEPS, N)
    table = find_jumps(noise(N, STEPS, 0.0, rng) + steps_at(at, sign * size))
    jumps = (table["kind"] == "jump").to_numpy()
    assert jumps.mean() >= power
    assert (table["step"].to_numpy() == at)[jumps].mean() >= 0.99
    assert table["size"][jumps].mean() == pytest.approx(sign * size, rel=0.05)
    assert (table["kind"] != "none").mean() >= 0.95


def test_noise_that_ends_with_the_jump() -> None:
    rng = np.random.default_rng(6)
    at = rng.integers(3, STEPS - 1, N)
    after = np.arange(STEPS) >= at[:, None]
    curves = np.where(after, 0.01, 1.0) * noise(N, STEPS, 0.0, rng) + np.where(after, 0.0, 6.0)
    assert rates(curves)["jump"] >= 0.85


def test_an_average_of_jumps_looks_gradual() -> None:
    at = np.random.default_rng(7).integers(2, STEPS - 1, 500)
    curves = steps_at(at, -10.0)
    assert rates(curves)["jump"] == 1.0
    assert find_jumps(curves.mean(axis=0)[None])["kind"].tolist() == ["gradual"]


def test_direction_limits_what_is_called() -> None:
    rising = steps_at(np.array([8]), 5.0)
    assert find_jumps(rising, direction="up", simulations=500)["kind"].tolist() == ["jump"]
    assert find_jumps(rising, direction="down", simulations=500)["kind"].tolist() == ["none"]


def test_margin_excludes_the_ends() -> None:
    late = steps_at(np.array([15]), -5.0)
    assert find_jumps(late)["step"].tolist() == [15]
    assert find_jumps(late, margin=2, simulations=500)["kind"].tolist() != ["jump"]


def test_units_do_not_matter() -> None:
    rng = np.random.default_rng(8)
    curves = noise(200, STEPS, 0.0, rng) + steps_at(rng.integers(1, STEPS, 200), 5.0)
    a, b = find_jumps(curves), find_jumps(1e-3 * curves + 2)
    assert a["kind"].tolist() == b["kind"].tolist()
    np.testing.assert_allclose(a["p_value"], b["p_value"])


def test_a_fall_of_which_no_step_makes_more_than_half_is_no_jump_however_narrow() -> None:
    rng = np.random.default_rng(11)
    settings = {"gradual_width": 12.0, "autocorrelation": 0.0, "simulations": 500}
    for width, kind in ((1.5, "jump"), (2.0, "gradual"), (3.0, "gradual")):
        falls = 0.1 * noise(3, STEPS, 0.0, rng) - 10 * ramp(STEPS, np.array([4.0, 6.0, 7.0]), width)
        table = find_jumps(falls, **settings)
        assert (table["p_gradual"] <= 0.05).all()  # next to falls over 12 steps they look like steps
        assert (table["kind"] == kind).all()


def test_the_p_value_of_a_jump_is_the_larger_of_its_two_tests_and_of_other_curves_that_of_flatness() -> None:
    rng = np.random.default_rng(12)
    table = find_jumps(noise(300, STEPS, 0.0, rng) + steps_at(rng.integers(3, 13, 300), 5.0))
    jumps = table["kind"] == "jump"
    assert 50 < jumps.sum() < 250
    both = table[["p_flat", "p_gradual"]].max(axis=1)
    assert (table["p_value"] == both.where(jumps, table["p_flat"])).all()
    assert (table["p_flat"] != table["p_gradual"])[jumps].any()


def test_the_noise_of_a_jump_is_what_its_two_levels_leave() -> None:
    beside = np.where(np.arange(STEPS) % 2, 1.0, -1.0)  # sums to nothing on either side of the step
    row = find_jumps(steps_at(np.array([8]), 10.0) + beside).iloc[0]
    assert (row["kind"], row["size"]) == ("jump", pytest.approx(10.0))
    assert row["noise"] == pytest.approx((STEPS / (STEPS - 2)) ** 0.5)  # two levels were fitted


# --- odd sizes, speed, shares, bad input --------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_curves_too_short_to_tell_are_none(steps: int) -> None:
    table = find_jumps(np.arange(float(3 * steps)).reshape(3, steps))
    assert table["kind"].tolist() == ["none"] * 3
    assert (table["p_value"] == 1).all()
    assert list(table.columns) == list(find_jumps(np.zeros((1, STEPS))).columns)


def test_no_curves_give_an_empty_table() -> None:
    assert len(find_jumps(np.zeros((0, STEPS)))) == 0


@pytest.mark.parametrize("steps", [6, 33, 64])
def test_other_lengths(steps: int) -> None:
    curves = (
        np.where(np.arange(steps) < steps // 2, 8.0, 0.0)
        + noise(50, steps, 0.0, np.random.default_rng(9)) / 20
    )
    table = find_jumps(curves, simulations=500)
    assert (table["kind"] == "jump").mean() >= 0.9
    assert (table["step"] == steps // 2).mean() >= 0.9


def test_ten_thousand_curves_take_seconds() -> None:
    curves = noise(10_000, STEPS, 0.0, np.random.default_rng(10))
    began = time.process_time()
    find_jumps(curves)
    assert time.process_time() - began < 10


def test_jump_share_counts_changed_or_all() -> None:
    table = pd.DataFrame({"kind": ["jump"] * 6 + ["gradual"] * 2 + ["none"] * 8})
    assert jump_share(table).estimate == 0.75
    assert jump_share(table, of="all").estimate == 0.375
    grouped = jump_share(table, groups=np.repeat(np.arange(8), 2))
    assert (grouped.estimate, grouped.n) == (0.75, 4)
    for level in (0.5, 0.95):
        counted = share([True] * 6 + [False] * 2, groups=np.repeat(np.arange(4), 2), level=level, seed=3)
        assert jump_share(table, groups=np.repeat(np.arange(8), 2), level=level, seed=3) == counted


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: find_jumps(np.zeros(STEPS)), "curves must have shape [n, steps]"),
        (lambda: find_jumps(np.array([[0.0, np.nan, 1.0, 2.0, 3.0]])), "1 curves hold NaN or infinity"),
        (lambda: find_jumps(np.zeros((1, STEPS)), direction="sideways"), "not 'sideways'"),
        (lambda: find_jumps(np.zeros((1, STEPS)), alpha=0.0), "alpha is 0.0"),
        (lambda: find_jumps(np.zeros((1, STEPS)), autocorrelation=1.0), "autocorrelation is 1.0"),
        (lambda: find_jumps(np.zeros((1, 6)), gradual_width=8), "does not fit into curves of 6 points"),
        (lambda: jump_share(find_jumps(np.zeros((1, STEPS))), of="some"), "of must be 'changed' or 'all'"),
    ],
)
def test_bad_input_is_told_in_a_sentence_that_names_it(call: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        call()


@pytest.mark.parametrize("resolution", [float("nan"), float("inf"), -1])
def test_a_grain_must_be_a_size(resolution: float) -> None:
    with pytest.raises(InputError, match="resolution"):
        find_jumps(np.zeros((2, 16)), resolution=resolution)


def test_tensors_with_a_graph_and_in_half_precision_are_taken() -> None:
    curve = torch.cat([torch.full((8,), 4.0), torch.zeros(8)])[None].to(torch.bfloat16).requires_grad_()
    assert find_jumps(curve, resolution=0)["kind"].tolist() == ["jump"]  # type: ignore[arg-type]
