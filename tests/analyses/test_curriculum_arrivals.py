"""Jumps compared at equal arrival: planted speed leaves nothing, planted jumps remain."""

from typing import Any

import numpy as np
import pytest
from curricula.arrivals import (
    SLOW,
    by_arrival,
    compared,
    differences,
    draw,
    share_of_jumps,
    standardised,
)

OF_ALL = {2: 0.9, 3: 0.6, 4: 0.3, 7: 0.1}  # the share of jumps by arrival, where speed is all there is


def answer(
    arm: str, seed: int, comes: dict[int, int], share: dict[int, float], more: float = 0.0
) -> dict[str, Any]:
    """A model of which so many answers come at each segment, with planted shares of jumps."""
    arrives, jumped = [], []
    for segment, number in comes.items():
        jumping = round(number * (share[segment] + more))
        arrives += [segment] * number
        jumped += [1] * jumping + [0] * (number - jumping)
    return {"arm": arm, "seed": seed, "arrives": arrives, "jumps": jumped}


SOON, LATE = {2: 60, 3: 20, 4: 10, 7: 10}, {2: 10, 3: 20, 4: 30, 7: 40}


def test_answers_are_counted_by_arrival() -> None:
    table = by_arrival(answer("PDC", 0, SOON, OF_ALL))
    assert table["late"].to_dict() == {"2": 60, "3": 20, "4": 10, "5-8": 10, "9-16": 0}
    assert table["jumps"].to_dict() == {"2": 54, "3": 12, "4": 3, "5-8": 1, "9-16": 0}


def test_slow_answers_are_those_that_had_time() -> None:
    assert share_of_jumps(answer("PDC", 0, SOON, OF_ALL), SLOW) == pytest.approx(4 / 20)
    assert share_of_jumps(answer("PDC", 0, {2: 10}, OF_ALL), SLOW) is None


def test_who_only_comes_sooner_jumps_more_but_not_among_answers_equally_late() -> None:
    answers = [answer("PDC", seed, LATE, OF_ALL) for seed in range(3)]
    answers += [answer("both", seed, SOON, OF_ALL) for seed in range(3)]
    found = differences(answers, "both", "PDC")
    assert found["all late"].estimate == pytest.approx(0.36)
    assert found["equally late"].estimate == pytest.approx(0.0)


def test_who_jumps_more_at_every_arrival_does_so_equally_late() -> None:
    answers = [answer("PDC", seed, LATE, OF_ALL) for seed in range(3)]
    answers += [answer("both", seed, SOON, OF_ALL, more=0.1) for seed in range(3)]
    assert differences(answers, "both", "PDC")["equally late"].estimate == pytest.approx(0.1)


def test_ranges_that_one_model_has_no_answers_in_compare_nothing() -> None:
    one, other = answer("PDC", 0, {2: 10, 7: 50}, OF_ALL), answer("both", 0, {2: 20}, OF_ALL)
    assert standardised(one, other) == pytest.approx((0.9, 0.9))
    assert standardised(answer("PDC", 0, {7: 50}, OF_ALL), other) is None


def test_only_seeds_of_both_are_compared_and_one_alone_has_no_interval() -> None:
    answers = [answer("PDC", seed, LATE, OF_ALL) for seed in (0, 1)] + [answer("both", 1, SOON, OF_ALL)]
    found = differences(answers, "both", "PDC")["all late"]
    assert found.n == 1
    assert np.isnan(found.low)


def test_every_model_is_drawn() -> None:
    answers = [answer("PDC", seed, LATE, OF_ALL) for seed in range(3)]
    answers += [answer("both", seed, SOON, OF_ALL) for seed in range(3)]
    shares, apart = draw(answers).axes
    assert len(shares.get_lines()) == 6
    assert [label.get_text() for label in apart.get_yticklabels()] == list(
        differences(answers, "both", "PDC")
    )
    assert [name for name, arm, first in compared(answers) if (arm, first) == ("both", "PDC")] == [
        "all late", "at segment 4 or later", "equally late",
    ]  # fmt: skip
