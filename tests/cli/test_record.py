"""`hrm-probe record`, as typed."""

import numpy as np
import pytest

import hrm_probe
from tests.cli.tiny import saved_model, saved_puzzles


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return saved_model(tmp_path_factory.mktemp("models"), max_segments=4)


@pytest.fixture(scope="module")
def puzzles(tmp_path_factory):
    return saved_puzzles(tmp_path_factory.mktemp("puzzles"), 8)


def test_a_trace_is_recorded_as_every_option_says(model, puzzles, typed):
    words = "--n 3 --seed 2 --segments 2 --sites z_H --every segment --dtype float32 --run-dtype float64 --batch-size 2"
    assert typed("record", model, "--puzzles", puzzles, "--out", "trace", *words.split()).status == 0
    trace, chosen = hrm_probe.open_trace("trace"), hrm_probe.load_puzzles(puzzles, 3, seed=2)
    kept = hrm_probe.record(
        hrm_probe.load(model, dtype="float64"), chosen, sites=["z_H"], every="segment", segments=2, dtype="float32",
        batch_size=2,
    )  # fmt: skip
    assert np.array_equal(trace.puzzles.tokens, chosen.tokens)
    assert trace.dataset.equals(kept.dataset)
    assert trace["z_H"].dtype == np.float32
    assert {**trace.attributes, "completed": 3} == {**kept.attributes, "completed": 3}


def test_a_model_runs_as_long_as_it_was_trained(model, puzzles, typed):
    typed("record", model, "--puzzles", puzzles, "--out", "trace")
    assert hrm_probe.open_trace("trace").sizes["segment"] == 4


def test_a_trace_that_is_there_goes_on_only_where_that_is_asked_for(model, puzzles, typed):
    words = ("record", model, "--puzzles", puzzles, "--out", "trace")
    assert typed(*words).status == 0
    assert "There is a trace at trace already (8 of 8 puzzles); resume it" in typed(*words).sentence
    assert typed(*words, "--resume").status == 0
