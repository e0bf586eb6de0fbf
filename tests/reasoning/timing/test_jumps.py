"""Planted jumps are found where they were planted, and planted ramps are not taken for jumps."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.timing.averaging import aligned_curve, average_curve, steepest_share
from hrm_probe.reasoning.timing.jumps import curves_in_words, jumps
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, jumps_at

SEGMENTS = 16
puzzles = generate(60, "easy", "4x4", seed=0)


def planted(level: np.ndarray, entropy: np.ndarray | None = None, halted_at: int | np.ndarray = 16) -> Curves:
    """Curves whose loss is a level from 1 (wrong) to 0 (right) in a little noise."""
    n = len(level)
    rng = np.random.default_rng(0)
    loss = np.abs(level + 0.03 * rng.standard_normal(level.shape))
    flat = rng.random(level.shape)
    errors = np.ceil(8 * level).astype(int)
    predictions = np.zeros((n, SEGMENTS, 16), int)
    entropy = flat if entropy is None else entropy
    halts = np.broadcast_to(halted_at, n)
    return Curves(loss, errors, errors == 0, predictions, entropy, flat, flat, halts, flat, flat)


time = np.arange(1, SEGMENTS + 1)
where = np.arange(60) % 10 + 4  # 1-based: right from segment 4 to 13 on
steps = (time < where[:, None]).astype(float)
ramps = np.clip((14 - time) / 12, 0, 1) * np.ones((60, 1))


@pytest.fixture(scope="module")
def sudden():
    # Entropy rises in the segment before the jump, and is noise elsewhere.
    rng = np.random.default_rng(1)
    entropy = rng.random(steps.shape) + 2 * (time == where[:, None] - 1)
    return jumps(None, puzzles, curves=planted(steps, entropy, halted_at=where + 2), widths=())


def test_planted_jumps_are_found_where_they_are(sudden):
    assert sudden.late == 60
    assert sudden.share.estimate > 0.9
    found = sudden.table[sudden.table["kind"] == "jump"]
    assert np.array_equal(found["jump_segment"], where[found.index])
    assert np.array_equal(found["jump_segment"], found["first_solved"])


def test_planted_ramps_are_gradual(sudden):
    gradual = jumps(None, puzzles, curves=planted(ramps), widths=())
    assert gradual.share.estimate < 0.05
    assert gradual.gradual.estimate > 0.9
    assert gradual.share.high < sudden.share.low
    assert gradual.steepest_single.high < 0.4 < sudden.steepest_single.low


def test_the_instrument_is_calibrated_beside_the_answer(sudden):
    assert sudden.false_alarms.low < 0.05
    assert sudden.power.estimate > 0.9
    assert sudden.share.low > sudden.false_alarms.high


def test_what_the_test_can_find_is_judged_in_the_noise_at_hand():
    noisy = planted(steps + 0.3 * np.random.default_rng(2).standard_normal(steps.shape))
    right = noisy.solved.copy()
    right[:, -1], right[:, 0] = True, False
    found = jumps(None, puzzles, curves=replace(noisy, solved=right), widths=())
    assert 0.1 < found.power.estimate < 0.7  # of steps of about three deviations not all can be found


def test_puzzles_solved_at_once_show_no_jump_and_are_not_counted():
    at_once = np.where(np.arange(60)[:, None] < 20, 0.0, steps)
    found = jumps(None, puzzles, curves=planted(at_once), widths=())
    assert found.late == 40
    assert found.table["late"].tolist() == [False] * 20 + [True] * 40
    assert found.share.n == 40


def test_a_narrow_fall_is_no_jump_at_any_level_of_the_sweep():
    narrow = np.clip((9 - time) / 3, 0, 1) * np.ones((60, 1))
    found = jumps(None, puzzles, curves=planted(narrow), gradual_width=12.0, widths=())
    alphas = found.sweep[found.sweep["criterion"] == "alpha"].set_index("threshold")["share"]
    assert found.share.estimate == alphas[0.05] == alphas[0.001] == 0


def test_the_average_falls_by_what_all_curves_together_fall():
    sizes = np.where(np.arange(60) < 30, 3.0, 1.0)[:, None]
    found = jumps(None, puzzles, curves=planted(sizes * (time < np.where(sizes > 2, 5, 10))), widths=())
    assert found.steepest_average.estimate == pytest.approx(0.75, abs=0.02)  # 3 of 4, in half of the curves


def test_an_average_of_jumps_looks_gradual(sudden):
    assert sudden.steepest_average.high < 0.3  # ten places, each with a tenth of the jumps
    single = sudden.aligned.set_index("offset")["mean"]
    assert single[-1] > 0.9
    assert single[0] < 0.1
    assert sudden.average["jumped"].iloc[-1] > 0.9


def test_jumps_are_placed_against_halting(sudden):
    assert sudden.minus_halt.estimate == -2
    assert sudden.before_halt.estimate == 1


@pytest.mark.parametrize(("halts_later", "no_later"), [(0, 1.0), (-1, 0.0)])
def test_a_jump_in_the_segment_of_halting_comes_no_later_than_it(halts_later: int, no_later: float):
    found = jumps(None, puzzles, curves=planted(steps, halted_at=where + halts_later), widths=())
    assert found.before_halt.estimate == no_later


def test_what_precedes_a_jump_is_told_from_what_does_not(sudden):
    rows = sudden.before.set_index(["signal", "lag"])
    assert rows.loc[("entropy", 1), "auc"] > 0.98
    assert rows.loc[("entropy", 1), "foretells"]
    assert not rows.loc[("entropy", 2), "foretells"]
    assert not rows.loc[("displacement", 1), "foretells"]


def test_the_share_is_swept_over_thresholds(sudden):
    steep = sudden.sweep[sudden.sweep["criterion"] == "steepest"]
    assert steep["share"].iloc[0] == 1
    assert {"alpha", "gradual_width"} < set(sudden.sweep["criterion"])


def test_what_is_a_jump_by_one_curve_only_is_told():
    falls = planted(steps)
    fast = np.where(
        time < where[:, None], 1.0, 0.1 ** (time - where[:, None] + 1.0)
    )  # to a tenth at each segment
    loss = 2 * fast * (1 + 0.02 * np.random.default_rng(3).standard_normal(fast.shape))
    found = jumps(None, puzzles, curves=replace(falls, loss=loss), widths=())
    by = found.sweep[found.sweep["criterion"].str.startswith("curve: ")].set_index("criterion")["share"]
    assert found.share.estimate > 0.9
    assert by["curve: errors"] > 0.9
    assert by["curve: log loss"] < 0.1
    assert found.by_other_curves() == pytest.approx(
        {"errors": by["curve: errors"], "log loss": by["curve: log loss"]}
    )
    told = "by the loss; by wrong cells 100%, by the logarithm of the loss 0%"
    assert curves_in_words(found) == told
    assert f"That is {told}." in str(found)
    table = found.by_arrival()
    assert (table["errors"] > 0.8).all()
    assert (table["log loss"] < 0.2).all()


def test_the_other_curves_are_those_that_were_not_asked_for():
    found = jumps(None, puzzles, curves=planted(steps), curve="errors", widths=())
    assert found.share.estimate > 0.9
    assert list(found.by_arrival().columns[-2:]) == ["loss", "log loss"]


def test_a_run_that_jumps_by_softmax_and_falls_gradually_by_the_training_loss():
    curves = replace(planted(ramps), softmax_loss=planted(steps).loss)
    assert jumps(None, puzzles, curves=curves, widths=()).share.estimate < 0.05
    by_softmax = jumps(None, puzzles, curves=curves, curve="softmax loss", widths=())
    assert by_softmax.share.estimate > 0.9
    assert "by the loss under softmax; by the loss" in str(by_softmax)
    assert list(by_softmax.by_other_curves()) == ["loss", "errors", "log loss"]
    log = jumps(None, puzzles, curves=curves, curve="log softmax loss", widths=())
    assert log.curve == "log softmax loss"
    with pytest.raises(InputError, match="saved without the loss under softmax"):
        jumps(None, puzzles, curves=planted(steps), curve="softmax loss")


def test_jumps_are_told_apart_by_the_segment_that_answers_come_at():
    early, late = (time < 2).astype(float), ramps[0]  # there at segment 2, and gradually at 14
    mixed = jumps(None, puzzles, curves=planted(np.stack([early, late] * 30)), widths=())
    table = mixed.by_arrival().set_index("arrives")
    assert list(table.index) == ["2", "9-16"]
    assert table["late"].tolist() == [30, 30]
    assert table.loc["2", "share"] > 0.9
    assert table.loc["9-16", "share"] < 0.1
    assert mixed.share.estimate == pytest.approx(table["share"].mean())
    assert (table["share_low"] < table["share"]).loc["2"]
    assert "By the segment that they come at: 2: " in str(mixed)


def test_all_late_answers_arrive_in_one_of_the_ranges(sudden):
    table = sudden.by_arrival()
    assert table["arrives"].tolist() == ["4", "5-8", "9-16"]
    assert table["late"].tolist() == [6, 24, 30]
    assert (table["share"] > 0.8).all()


def test_the_same_from_a_model():
    model = Planted(jumps_at(6))
    found = jumps(model, puzzles[:8], widths=())
    assert found.share.estimate == 1
    assert set(found.table["jump_segment"]) == {6}
    assert set(found.table["jump_minus_halt"]) == {0}


def test_without_late_solutions_nothing_is_claimed():
    none = jumps(None, puzzles, curves=planted(np.ones((60, SEGMENTS))), widths=())
    assert none.late == 0
    assert "no jump" in str(none)
    assert not len(none.by_arrival())
    assert none.summary()["share"]["estimate"] is None


def test_the_answer_can_be_printed_and_written(sudden):
    assert "late solutions" in str(sudden)
    assert json.loads(json.dumps(sudden.summary()))["late"] == 60


def test_too_short_a_run_is_refused():
    with pytest.raises(InputError, match="segments is 4; it must be at least 5"):
        jumps(Planted(jumps_at(2)), puzzles[:2], segments=4)


def test_steepest_share_and_alignment():
    curves = np.array([[4.0, 4, 0, 0], [3, 2, 1, 0], [1, 1, 1, 1]])
    assert np.array_equal(steepest_share(curves), [1, 1 / 3, np.nan], equal_nan=True)
    aligned = aligned_curve(curves, np.array([3, 0, 0]), reach=2)
    assert aligned["n"].tolist() == [1, 1, 1, 1, 0]
    assert aligned["mean"].tolist()[:4] == [4, 4, 0, 0]


def test_the_average_curve_counts_who_has_jumped_by_each_segment():
    table = average_curve(np.array([[4.0, 0, 0], [2, 2, 2]]), np.array([2, 0]))
    assert table["mean"].tolist() == [3, 1, 1]
    assert table["jumped"].tolist() == [0, 0.5, 0.5]  # segment 2 is the first after the jump
    assert (table["low_quartile"].tolist(), table["high_quartile"].tolist()) == (
        [2.5, 0.5, 0.5],
        [3.5, 1.5, 1.5],
    )
