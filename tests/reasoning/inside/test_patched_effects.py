"""Effects of logits that are written down, and intervals of their means."""

import numpy as np
import pytest
import torch

from hrm_probe.reasoning.inside.patched_effects import Ends, effects, largest_change, means_over_pairs
from hrm_probe.reasoning.result import ClassLabels


def logits(*cells: tuple[float, float, float]) -> torch.Tensor:
    """One pair, a triple of logits a cell: of tokens 1 to 3, as 0 is padding and never said."""
    return torch.tensor([(-9, *cell) for cell in cells])[None]


OWN, DONOR = logits((2, 0, 0), (3, 1, 0), (1, 0, 0)), logits((0, 4, 0), (0, 0, 1), (1, 0, 0))
ANSWER = np.array([[1, 2, 1]])  # neither run ends with it
ENDS = Ends.of(OWN, DONOR, np.array([[True, True, True]]), ANSWER)


def told(patched: torch.Tensor) -> dict[str, float]:
    return {name: float(of_pairs[0]) for name, of_pairs in effects(patched, ENDS).items()}


def test_the_ends_themselves_are_nothing_and_all() -> None:
    assert ENDS.disputed.tolist() == [[True, True, False]]
    assert told(OWN) == {"recovered": 0, "donor": 0, "own": 1, "solved": 0, "changed": 0}
    assert told(DONOR) == {"recovered": 1, "donor": 1, "own": 0, "solved": 0, "changed": 1}


def test_what_lies_between_is_measured_in_the_disputed_cells() -> None:
    # Leads of the donor's tokens: -2 and -3 at first, 4 and 1 in the donor's run, 10 in all; here 1 and -3.
    between = told(logits((0, 1, 0), (3, 0, 0), (0, 0, 9)))
    assert between == {"recovered": pytest.approx(0.3), "donor": 0.5, "own": 0.5, "solved": 0, "changed": 1}
    assert told(logits((9, 0, 0), (3, 0, 0), (1, 0, 0)))["recovered"] == pytest.approx(-0.7)


def test_neither_answer_is_neither() -> None:
    third = told(logits((0, 0, 5), (3, 1, 0), (1, 0, 0)))
    assert (third["donor"], third["own"]) == (0, 0.5)


def test_solved_is_the_receivers_answer() -> None:
    assert told(logits((1, 0, 0), (0, 1, 0), (1, 0, 0)))["solved"] == 1


def test_clues_are_not_disputed_and_without_a_dispute_nothing_is_known() -> None:
    alike = Ends.of(OWN, DONOR, np.array([[False, False, True]]), ANSWER)
    found = effects(OWN, alike)
    assert all(np.isnan(found[name]).all() for name in ("recovered", "donor", "own"))


def test_the_largest_change_of_a_logit() -> None:
    assert largest_change(OWN, OWN) == 0
    assert largest_change(OWN, DONOR) == 4
    assert largest_change(OWN * float("nan"), OWN) == float("inf")


def test_means_leave_out_what_is_not_known() -> None:
    values = np.array([[1.0, 2.0, np.nan, 3.0], [np.nan] * 4])
    first, nobody = means_over_pairs(values, None, shares=False)
    assert (first.estimate, first.n) == (2, 3)
    assert 1 <= first.low < 2 < first.high <= 3
    assert np.isnan([nobody.estimate, nobody.low, nobody.high]).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    draws = np.random.default_rng(0).normal(0.3, 1, (400, 60))
    held = [i.low < 0.3 < i.high for i in means_over_pairs(draws, None, shares=False)]
    assert 0.91 < np.mean(held) < 0.98


def test_groups_are_drawn_whole() -> None:
    draws = np.random.default_rng(0).normal(0, 1, (200, 40)).repeat(3, axis=1)  # each three times over
    labels = np.arange(40).repeat(3)
    grouped, as_rows = (
        [i.low < 0 < i.high for i in means_over_pairs(draws, given, shares=False)] for given in (labels, None)
    )
    assert np.mean(grouped) > 0.9 > np.mean(as_rows)


def test_equal_shares_have_a_width_inside_their_range() -> None:
    none, all_ = means_over_pairs(np.array([[0.0] * 20, [1.0] * 20]), None, shares=True)
    assert (none.low, none.high) == (0, pytest.approx(0.161, abs=0.001))
    assert (all_.low, all_.high) == (pytest.approx(0.839, abs=0.001), 1)


def test_of_solution_classes_equal_shares_leave_no_more_open_than_their_likeness() -> None:
    labels = np.arange(48) % 8
    of_classes, of_copies = (
        means_over_pairs(np.zeros((1, 48)), given, shares=True)[0].high
        for given in (labels.view(ClassLabels), labels)
    )
    assert of_copies == pytest.approx(0.324, abs=0.001)  # none of 8
    assert 0.074 < of_classes < 0.1  # between none of 48 and none of 36
