"""Elections whose outcome is known: by votes, by confidence, by which answer came first."""

import itertools

import numpy as np
import pytest

from hrm_probe.reasoning.solving.arc_votes import Ballots
from tests.models.published.arc_folders import grid

A, B, C = grid("12"), grid("1", "2"), grid("99")


def ranks(*votes: tuple[np.ndarray, float]) -> list[int]:
    """The places of A, B and C after these votes."""
    ballots = Ballots()
    for answer, confidence in votes:
        ballots.cast("asked", answer, confidence)
    return [ballots.count("asked", truth).rank for truth in (A, B, C)]


def test_more_votes_come_before_more_confidence() -> None:
    assert ranks((A, 0.9), (B, 0.1), (B, 0.1)) == [2, 1, 0]


def test_among_equals_the_mean_confidence_decides() -> None:
    assert ranks((A, 0.9), (A, 0.1), (B, 0.6), (B, 0.5), (C, 1.0)) == [2, 1, 3]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_among_equals_of_both_the_first_answered_stays_first(order: tuple[int, ...]) -> None:
    found = ranks(*[((A, B, C)[which], 0.5) for which in order])
    assert [found[which] for which in order] == [1, 2, 3]


def test_an_election_tells_all_answers_and_their_votes() -> None:
    ballots = Ballots()
    for answer, confidence in ((A, 0.25), (B, 0.5), (A, 0.75)):
        ballots.cast("asked", answer, confidence)
    ballots.cast("another", B, 1.0)
    found = ballots.count("asked", B)
    assert [(a.grid.tolist(), a.votes, a.confidence) for a in found.answers] == [
        ([[1, 2]], 2, 0.5),
        ([[1], [2]], 1, 0.5),
    ]
    assert (found.copies, found.right, found.rank) == (3, 1, 2)
    assert (ballots.count("asked", C).right, ballots.count("asked", C).rank) == (0, 0)


def test_without_votes_there_is_no_answer() -> None:
    found = Ballots().count("asked", A)
    assert (found.answers, found.copies, found.right, found.rank) == ([], 0, 0, 0)
