"""Accuracy where the model halts, beside the same numbers taken from a plain rollout."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.models import load
from hrm_probe.reasoning.solving.accuracy import evaluate
from hrm_probe.reasoning.solving.at_halt import HaltAccuracy, evaluate_at_halt
from hrm_probe.sudoku import load_puzzles

SEGMENTS = 4


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """Results do not depend on how many threads there are, and one is enough."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def both():
    model, puzzles = load("trm-6x6", device="cpu"), load_puzzles("6x6-test", n=30, seed=1)
    return evaluate(model, puzzles, SEGMENTS), evaluate_at_halt(model, puzzles, SEGMENTS, batch_size=7)


def test_it_is_what_the_plain_rollout_says_of_the_halting_segment(both) -> None:
    plain, at_halt = both
    assert at_halt.exact == plain.at_halt
    assert np.array_equal(at_halt.table["halted_at"], plain.table["halted_at"])
    assert np.array_equal(at_halt.table["solved"], plain.table["solved_at_halt"])


def test_sources_and_ratings_add_up(both) -> None:
    at_halt: HaltAccuracy = both[1]
    for shares in (at_halt.by_source, at_halt.by_rating):
        weights = shares["puzzles"] / 30
        assert (weights * shares["exact"]).sum() == pytest.approx(at_halt.exact.estimate)
        assert (weights * shares["mean_segments"]).sum() == pytest.approx(at_halt.mean_segments.estimate)


def test_the_mean_of_segments_has_an_interval_around_it(both) -> None:
    mean = both[1].mean_segments
    assert 1 <= mean.low < mean.estimate < mean.high <= SEGMENTS
    assert mean.estimate == pytest.approx(both[1].table["halted_at"].mean())


def test_the_summary_is_json_and_shares_its_names_with_the_plain_one(both) -> None:
    plain, at_halt = (json.loads(json.dumps(accuracy.summary())) for accuracy in both)
    for name in ("accuracy_at_halt", "accuracy_at_halt_interval", "mean_halting_segment"):
        assert at_halt[name] == pytest.approx(plain[name])
    assert at_halt["counts"]["solved_at_halt"] == plain["counts"]["solved_at_halt"]
    assert at_halt["counts"]["segments_used"] <= at_halt["counts"]["segments_computed"]
    assert at_halt["puzzles_per_second"] == pytest.approx(30 / at_halt["seconds"])
    assert set(at_halt["by_source"]) == set(plain["by_source"])
