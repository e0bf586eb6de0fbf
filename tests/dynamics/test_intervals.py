"""Intervals: textbook values, coverage measured, groups kept together."""

import numpy as np
import pytest

from hrm_probe.dynamics import bootstrap, bootstrap_difference, share, wilson
from hrm_probe.errors import InputError


def test_wilson_gives_the_textbook_interval() -> None:
    interval = wilson(8, 10)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.4902, 0.9433)


def test_wilson_agrees_with_the_table_of_brown_cai_and_dasgupta() -> None:
    interval = wilson(15, 50)
    assert (interval.low, interval.high) == pytest.approx((0.1910, 0.4375), abs=1e-4)


def test_wilson_at_the_ends_and_without_trials() -> None:
    assert wilson(0, 20).low == 0.0
    assert 0.1 < wilson(0, 20).high < 0.2
    assert wilson(20, 20).high == 1.0
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


def test_wilson_covers_a_share_of_a_third_about_95_times_in_100() -> None:
    hits = np.random.default_rng(0).binomial(60, 1 / 3, 2000)
    covered = np.mean([wilson(int(h), 60).low <= 1 / 3 <= wilson(int(h), 60).high for h in hits])
    assert 0.93 <= covered <= 0.97


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


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson(3, 2),
        lambda: wilson(1, 2, level=1.0),
        lambda: bootstrap(np.mean, []),
        lambda: bootstrap(np.mean, [1.0, 2.0], groups=[1]),
        lambda: bootstrap_difference(np.mean, [], [1.0]),
    ],
)
def test_bad_input_is_told(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError):
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
