"""Intervals: textbook values, coverage measured, groups kept together."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hrm_probe.dynamics import bootstrap, bootstrap_difference, share, wilson
from hrm_probe.dynamics.intervals import percentile_interval, resampled_counts, widening, wilson_bounds
from hrm_probe.errors import InputError


def test_wilson_gives_the_textbook_interval() -> None:
    interval = wilson(8, 10)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.4902, 0.9433)


def test_wilson_agrees_with_the_table_of_brown_cai_and_dasgupta() -> None:
    interval = wilson(15, 50)
    assert (interval.low, interval.high) == pytest.approx((0.1910, 0.4375), abs=1e-4)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 7), (3, 7), (7, 7), (15, 50), (999, 1000)])
def test_wilson_agrees_with_scipy(successes: int, n: int, level: float) -> None:
    theirs = stats.binomtest(successes, n).proportion_ci(level, method="wilson")
    ours = wilson(successes, n, level)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12, abs=1e-15)


def test_bounds_of_many_counts_are_those_of_each() -> None:
    low, high = wilson_bounds(np.arange(31).reshape(1, 31), 30, 0.9)
    assert low.shape == high.shape == (1, 31)
    assert list(zip(low[0], high[0], strict=True)) == [
        (wilson(k, 30, 0.9).low, wilson(k, 30, 0.9).high) for k in range(31)
    ]


def test_wilson_at_the_ends_and_without_trials() -> None:
    assert wilson(0, 20).low == 0.0
    assert 0.1 < wilson(0, 20).high < 0.2
    assert wilson(20, 20).high == 1.0
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


def test_wilson_covers_a_share_of_a_third_about_95_times_in_100() -> None:
    hits = np.random.default_rng(0).binomial(60, 1 / 3, 2000)
    covered = np.mean([wilson(int(h), 60).low <= 1 / 3 <= wilson(int(h), 60).high for h in hits])
    assert 0.93 <= covered <= 0.97


def test_each_resample_draws_as_many_rows_as_there_are_and_each_row_as_often() -> None:
    counts = resampled_counts(5, 4000, seed=1)
    assert (counts.sum(1) == 5).all()
    assert counts.mean(0) == pytest.approx(np.ones(5), abs=0.05)
    assert counts.var(0) == pytest.approx(np.full(5, 5 * 0.2 * 0.8), rel=0.1)
    assert (counts == resampled_counts(5, 4000, seed=1)).all()
    assert (counts != resampled_counts(5, 4000, seed=2)).any()


def test_the_percentile_interval_holds_the_middle_of_the_resamples_that_are_known() -> None:
    values = np.r_[np.arange(101.0), np.nan, np.inf]
    rows = percentile_interval(40.0, values, 0.9, 8, grouped=False)
    assert (rows.estimate, rows.low, rows.high, rows.n) == (40.0, pytest.approx(5), pytest.approx(95), 8)
    groups = percentile_interval(40.0, values, 0.9, 8, grouped=True)
    assert groups.high - 40 == pytest.approx(55 * widening(8, 0.9))
    assert 40 - groups.low == pytest.approx(35 * widening(8, 0.9))
    nothing = percentile_interval(40.0, [np.nan], 0.9, 8, grouped=True)
    assert np.isnan([nothing.low, nothing.high]).all()


def test_every_row_a_group_of_its_own_draws_the_same_rows() -> None:
    sample = np.random.default_rng(5).normal(size=(40, 2))
    rows, groups = (bootstrap(np.mean, sample, groups=g, resamples=50) for g in (None, np.arange(40)))
    assert (rows.low, rows.high) == (groups.low, groups.high)
    assert (rows.method, groups.method) == ("bootstrap", "bootstrap over groups")


def test_bootstrap_of_the_mean_agrees_with_theory() -> None:
    sample = np.random.default_rng(1).normal(size=400)
    interval = bootstrap(np.mean, sample, seed=3)
    half = 1.96 * sample.std() / 20
    assert interval.low == pytest.approx(sample.mean() - half, abs=0.02)
    assert interval.high == pytest.approx(sample.mean() + half, abs=0.02)
    assert interval == bootstrap(np.mean, sample, seed=3)
    assert interval != bootstrap(np.mean, sample, seed=4)


def test_copies_in_one_group_do_not_narrow_the_interval() -> None:
    puzzles = np.random.default_rng(2).normal(size=40)
    copies = np.repeat(puzzles, 25)
    single = bootstrap(np.mean, puzzles, seed=0)
    naive = bootstrap(np.mean, copies, seed=0)
    grouped = bootstrap(np.mean, copies, groups=np.repeat(np.arange(40), 25), seed=0)
    width = lambda i: i.high - i.low  # noqa: E731
    assert width(naive) < 0.4 * width(single)
    assert width(grouped) == pytest.approx(width(single), rel=0.1)


def test_share_over_groups_agrees_with_bootstrap_over_groups() -> None:
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(30), rng.integers(1, 9, 30))
    flags = rng.random(30)[groups] < rng.random(len(groups))
    fast, slow = share(flags, groups=groups), bootstrap(np.mean, flags, groups=groups)
    assert fast.low == pytest.approx(slow.low, abs=0.03)
    assert fast.high == pytest.approx(slow.high, abs=0.03)
    assert fast.n == 30


def test_a_share_of_all_or_nothing_never_has_width_zero() -> None:
    interval = share(np.ones(100, dtype=bool), groups=np.repeat(np.arange(5), 20))
    assert interval.estimate == 1.0
    assert interval.low < 0.7  # five groups, not a hundred rows


def test_difference_of_two_samples_has_the_right_sign_and_width() -> None:
    rng = np.random.default_rng(4)
    interval = bootstrap_difference(np.mean, rng.normal(1.0, 1.0, 200), rng.normal(0.0, 1.0, 300))
    assert 0 < interval.low < 1 < interval.high < 1.5
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * (1 / 200 + 1 / 300) ** 0.5, rel=0.1)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: wilson(3, 2), "0 <= successes <= n, not 3 of 2"),
        (lambda: wilson(1, 2, level=1.0), "level is 1.0; it must be a number above 0 and below 1"),
        (lambda: wilson_bounds([0, 1, -1], 2), "successes <= n, not [ 0  1 -1] of 2"),
        (
            lambda: percentile_interval(0.0, [0.0], 0.0, 1, grouped=False),
            "level is 0.0; it must be a number above 0 and below 1",
        ),
        (lambda: bootstrap(np.mean, [1.0], seed=-1), "seed is -1; it must be at least 0"),
        (lambda: bootstrap(np.mean, [1.0], resamples=10.5), "resamples is 10.5; it must be a whole number"),
        (lambda: share([True], alike=2), "alike is 2; it must be a number at least 0 and at most 1"),
        (lambda: share([True], level="0.9"), "level is '0.9'; it must be a number"),
        (lambda: bootstrap(np.mean, []), "bootstrap() needs at least one row"),
        (lambda: bootstrap(np.mean, [1.0, 2.0], groups=[1]), "one label for each of the 2 rows"),
        (lambda: bootstrap_difference(np.mean, [], [1.0]), "at least one row in each sample"),
    ],
)
def test_bad_input_is_told_in_a_sentence_that_names_it(call: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        call()


def test_few_groups_still_cover_the_truth() -> None:
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(8), 10)
    covered = 0
    for _ in range(300):
        means = rng.normal(size=8)
        interval = bootstrap(np.mean, means[groups] + rng.normal(size=80), groups=groups, resamples=400)
        covered += interval.low <= 0 <= interval.high
    assert 0.90 <= covered / 300 <= 0.98


@pytest.mark.parametrize(("groups", "t"), [(5, 2.776445), (9, 2.306004), (29, 2.048407)])
def test_few_groups_widen_an_interval_by_student_and_by_the_variance_that_resamples_lack(
    groups: int, t: float
) -> None:
    assert widening(groups) == pytest.approx(t / 1.959964 * (groups / (groups - 1)) ** 0.5, rel=1e-6)


def test_thirty_groups_are_no_longer_few() -> None:
    assert widening(30) == widening(1000) == 1.0


def test_a_small_share_of_groups_has_the_interval_of_the_rows_that_they_are_worth() -> None:
    # All four hits in one of five groups of 20: v = 5/4 (3.2^2 + 4 * 0.8^2) / 100^2, and 0.04 * 0.96 / v = 24 rows.
    hits = np.arange(100) < 4
    found = share(hits, groups=np.repeat(np.arange(5), 20))
    t = stats.t.ppf(0.975, 4)
    assert (found.high - 0.04) ** 2 == pytest.approx(t**2 * found.high * (1 - found.high) / 24)
    assert found.low == 0.0  # some resamples hold no hit


def test_one_group_says_nothing_of_others() -> None:
    alone = np.zeros(20, int)
    assert (share([True, False] * 10, groups=alone).low, share([True, False] * 10, groups=alone).high) == (
        0.0,
        1.0,
    )
    assert not np.isfinite(bootstrap(np.mean, np.arange(20.0), groups=alone).high)


def test_equal_flags_are_worth_as_many_rows_as_their_groups_allow() -> None:
    groups = np.repeat(np.arange(10), 50)
    none = np.zeros(500, bool)
    assert share(none, groups=groups).high == wilson(0, 10).high  # copies
    assert share(none, groups=groups, alike=0.0).high == wilson(0, 500).high  # independent
    assert share(none, groups=groups, alike=0.05).high == wilson(0, int(500 / (1 + 49 * 0.05))).high


def test_what_is_no_count_is_told() -> None:
    with pytest.raises(InputError, match="whole numbers"):
        wilson(2.5, 5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("groups", "rows", "truth"),
    [(5, 20, 0.1), (10, 20, 0.05), (20, 10, 0.05), (40, 10, 0.02), (100, 10, 0.02)],
)
def test_small_shares_of_groups_are_covered(groups: int, rows: int, truth: float) -> None:
    rng = np.random.default_rng(6)
    alike = 0.3
    labels = np.repeat(np.arange(groups), rows)
    covered = 0
    for _ in range(400):
        chances = rng.beta(truth * (1 - alike) / alike, (1 - truth) * (1 - alike) / alike, groups)
        interval = share(rng.random(len(labels)) < chances[labels], groups=labels, resamples=400)
        covered += interval.low <= truth <= interval.high
    assert 0.89 <= covered / 400 <= 0.98


def test_one_giant_group_beside_small_ones_leaves_the_truth_covered() -> None:
    rng = np.random.default_rng(7)
    labels = np.repeat(np.arange(10), [2] * 9 + [200])
    covered = 0
    for _ in range(300):
        chances = rng.beta(0.7, 0.7 * 7 / 3, 10)  # 0.3 on average
        interval = share(rng.random(len(labels)) < chances[labels], groups=labels, resamples=400)
        covered += interval.low <= 0.3 <= interval.high
    assert covered / 300 >= 0.9


@pytest.mark.parametrize(
    "flags", [[True, False, True], [1, 0, 1], [1.0, 0.0, 1.0], np.array([True, 0, np.True_], object)]
)
def test_true_and_false_come_as_bools_or_as_one_and_zero(flags: list[bool]) -> None:
    assert share(flags) == wilson(2, 3)


@pytest.mark.parametrize(
    "flags",
    [
        pd.Series([True] * 2 + [np.nan] * 8),
        [True, None],
        pd.array([True, pd.NA], dtype="boolean"),
        [np.nan, 0.0, 1.0],
        ["no", "no"],
        [0.2, 0.9],
        [0, 2],
    ],
)
def test_what_is_neither_true_nor_false_is_not_counted(flags: object) -> None:
    with pytest.raises(InputError, match="neither true nor false"):
        share(flags)  # type: ignore[arg-type]


@pytest.mark.parametrize("labels", [["a", None, "b", "a"], [1.0, np.nan, 2.0, 1.0]])
def test_rows_without_a_group_are_told(labels: list[object]) -> None:
    with pytest.raises(InputError, match="Some groups are NaN or None"):
        share([True, False, True, False], groups=labels)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Some groups are NaN or None"):
        bootstrap(np.mean, [1.0, 2.0, 3.0, 4.0], groups=labels)  # type: ignore[arg-type]


def test_a_bootstrap_without_resamples_is_told() -> None:
    for call in (
        lambda: bootstrap(np.mean, [1.0, 2.0], resamples=0),
        lambda: bootstrap_difference(np.mean, [1.0, 2.0], [3.0, 4.0], resamples=0),
        lambda: share([True, False] * 2, groups=[0, 0, 1, 1], resamples=0),
    ):
        with pytest.raises(InputError, match="resamples is 0"):
            call()


@pytest.mark.parametrize("alike", [-0.1, 1.1, float("nan")])
def test_a_correlation_that_is_none_is_told(alike: float) -> None:
    with pytest.raises(InputError, match=r"alike is .*; it must be a number at least 0 and at most 1"):
        share([True] * 4, groups=[0, 0, 1, 1], alike=alike)


def test_a_single_row_has_no_ends_and_says_so():
    alone = bootstrap(np.median, np.array([4.0]), seed=0)
    assert str(alone) == "4 [any: there is only one]"
    assert alone.in_percent(0) == "400% [any: there is only one]"


@pytest.mark.parametrize(("first", "second"), [([1.0], [0.0]), ([1.0], [0.0, 0.5]), ([1.0, 2.0], [0.0])])
def test_a_single_row_says_nothing_of_a_difference(first: list[float], second: list[float]) -> None:
    interval = bootstrap_difference(np.mean, first, second)
    assert (interval.low, interval.high) == (-np.inf, np.inf)
    assert interval.estimate == np.mean(first) - np.mean(second)
