"""A recorded rollout answers what its model would."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner, Tasks, build_model
from hrm_probe.reasoning import (
    evaluate,
    follow,
    jumps,
    modes,
    probes,
    residuals,
    stability,
    traced_curves,
    traps,
)
from hrm_probe.reasoning.catalogue import QUESTIONS
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.runs.traced import puzzles_of
from hrm_probe.sudoku import Puzzles, generate
from hrm_probe.trace import open_trace, record
from hrm_probe.wording import joined_words

puzzles = generate(12, "easy", "4x4", seed=0)
SMALL = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, L_cycles=3)


@pytest.fixture(scope="module", params=["hrm", "trm"])
def model(request: pytest.FixtureRequest) -> RecursiveReasoner:
    return build_model(SMALL.replace(architecture=request.param), seed=1)


@pytest.mark.parametrize("every", ["cycle", "segment"])
def test_its_curves_are_those_of_the_model(model: RecursiveReasoner, every: str) -> None:
    trace = record(model, puzzles, segments=6, every=every, dtype="float32", batch_size=5)
    found, told = traced_curves(trace, batch_size=5), follow(model, puzzles, 6, batch_size=5)
    for field in fields(Curves):
        mine, theirs = getattr(found, field.name), getattr(told, field.name)
        assert mine.shape == theirs.shape, field.name
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6, err_msg=field.name)


def test_it_is_asked_in_the_place_of_the_model(model: RecursiveReasoner, tmp_path: Path) -> None:
    record(model, puzzles, tmp_path / "t", segments=6, dtype="float32")
    trace = open_trace(tmp_path / "t")
    assert evaluate(trace, puzzles).exact == evaluate(model, puzzles, 6).exact
    assert jumps(trace, puzzles).summary() == jumps(model, puzzles, segments=6).summary()
    assert modes(trace, puzzles).shares.equals(modes(model, puzzles, segments=6).shares)


def test_without_puzzles_a_trace_is_asked_about_its_own_and_a_model_about_none(
    model: RecursiveReasoner,
) -> None:
    trace = record(model, puzzles, segments=6, dtype="float32")
    for question in (evaluate, jumps, modes, probes, residuals, stability):
        assert question(trace).summary() == question(trace, puzzles).summary()
        with pytest.raises(InputError, match="no puzzles to ask about"):
            question(model)


def test_its_puzzles_are_those_that_were_recorded(model: RecursiveReasoner) -> None:
    own = puzzles_of(record(model, puzzles, sites=(), segments=2))
    assert isinstance(own, Puzzles)
    for name in ("tokens", "answers", "source", "rating"):
        np.testing.assert_array_equal(getattr(own, name), getattr(puzzles, name))


def test_those_of_no_board_are_tasks() -> None:
    maze = build_model(SMALL.replace(cells=12), seed=1)
    tokens = np.random.default_rng(0).integers(1, 6, (3, 12))
    own = puzzles_of(record(maze, Tasks(tokens, tokens), sites=(), segments=2))
    assert isinstance(own, Tasks)
    np.testing.assert_array_equal(own.answers, tokens)


def test_half_precision_moves_by_its_rounding_at_most(model: RecursiveReasoner) -> None:
    found = traced_curves(record(model, puzzles, segments=6))
    told = follow(model, puzzles, 6)
    np.testing.assert_allclose(found.displacement, told.displacement, atol=1e-3)
    assert (found.predictions == told.predictions).all()


def test_what_was_not_recorded_is_not_known(model: RecursiveReasoner) -> None:
    trace = record(model, puzzles, sites=(), segments=6)
    assert np.isnan(traced_curves(trace).displacement).all()
    assert "displacement" not in set(jumps(trace, puzzles).before["signal"])
    with pytest.raises(InputError, match="record z_H in the trace"):
        modes(trace, puzzles)


def test_it_answers_for_its_own_puzzles_and_segments_alone(model: RecursiveReasoner) -> None:
    trace = record(model, puzzles, sites=(), segments=6)
    with pytest.raises(
        InputError,
        match=r"of 12 puzzles, not of these; hrm_probe.sudoku.Puzzles\(\*trace.puzzles\) gives its own",
    ):
        jumps(trace, puzzles[:5])
    assert len(evaluate(trace, Puzzles(*trace.puzzles)).table) == 12
    with pytest.raises(InputError, match="6 segments, not 8"):
        evaluate(trace, puzzles, 8)
    with pytest.raises(InputError, match="recorded without answers"):
        traced_curves(record(model, puzzles.tokens, sites=(), segments=2))


def test_a_recording_that_was_stopped_answers_for_what_it_has(
    model: RecursiveReasoner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, batches = model.run, []

    def stopped(*given: object, **more: object) -> object:
        batches.append(given)
        if len(batches) == 3:
            raise KeyboardInterrupt
        return run(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(model, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        record(model, puzzles, tmp_path / "t", segments=6, batch_size=4)
    part = open_trace(tmp_path / "t")
    assert 0 < len(traced_curves(part)) == len(part) < 12
    batches[:] = [(), ()]
    with pytest.raises(KeyboardInterrupt):
        record(model, puzzles, tmp_path / "none", segments=6, batch_size=4)
    with pytest.raises(InputError, match="holds no complete puzzle yet"):
        traced_curves(open_trace(tmp_path / "none"))


def test_it_is_known_how_long_solutions_are_kept(model: RecursiveReasoner) -> None:
    trace = record(model, puzzles, sites=(), segments=20)
    asked = {"at": 2, "horizons": (4, 20)}
    assert stability(trace, **asked).summary() == stability(model, puzzles, 20, **asked).summary()
    assert stability(trace).at_segment == model.config.max_segments == 16
    with pytest.raises(InputError, match="20 segments, not 64"):
        stability(trace, segments=64)


@pytest.mark.parametrize("batch_size", [5, 12])
def test_probes_read_recorded_states_as_those_of_the_run(model: RecursiveReasoner, batch_size: int) -> None:
    flags = {"few blanks": puzzles.blanks.sum(1) < 7}
    asked = {"at": [1, 5], "folds": 3, "targets": flags}
    trace = record(model, puzzles, segments=6, dtype="float32", batch_size=7)
    recorded = probes(trace, batch_size=batch_size, **asked)
    followed = probes(model, puzzles, segments=6, batch_size=batch_size, **asked)
    pd.testing.assert_frame_equal(recorded.table, followed.table, atol=1e-6)
    pd.testing.assert_frame_equal(recorded.cells, followed.cells)
    after_each = record(model, puzzles, segments=6, every="segment", dtype="float32")
    pd.testing.assert_frame_equal(probes(after_each, **asked).table, followed.table, atol=1e-6)


@pytest.mark.parametrize("n", [7, 32])
def test_residuals_of_recorded_updates_are_those_of_the_run(model: RecursiveReasoner, n: int) -> None:
    trace = record(model, puzzles, segments=3, dtype="float32", batch_size=5)
    recorded = residuals(trace, n=n, batch_size=4, seed=3)
    followed = residuals(model, puzzles, 3, n=n, batch_size=4, seed=3)
    assert len(recorded.table) == min(n, 12) * 3 * SMALL.H_cycles * (SMALL.L_cycles + 1)
    pd.testing.assert_frame_equal(recorded.table, followed.table, atol=1e-5)
    assert recorded.last_H.estimate == pytest.approx(followed.last_H.estimate, abs=1e-5)
    assert (recorded.segments, recorded.dtype) == (3, "float32")


def test_states_that_were_not_recorded_are_asked_for(model: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match=r"without z_L; of the states it holds z_H. Record it with sites="):
        probes(record(model, puzzles, sites="z_H", segments=2))
    assert probes(record(model, puzzles, sites="z_H", segments=2), sites="z_H", folds=3).puzzles == 12
    with pytest.raises(InputError, match="without z_H and z_L; it holds no states"):
        residuals(record(model, puzzles, sites=(), segments=2))
    after_each = record(model, puzzles, every="segment", segments=2)
    with pytest.raises(InputError, match="every='cycle'"):
        residuals(after_each)
    with pytest.raises(InputError, match="dtype is for the arithmetic of a run"):
        residuals(record(model, puzzles, segments=2), dtype=torch.float64)
    with pytest.raises(InputError, match="2 segments, not 3; leave segments out"):
        residuals(record(model, puzzles, segments=2), segments=3)


def test_questions_that_run_the_model_say_so_and_name_those_that_do_not(model: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match="runs the model; give it the one that was recorded") as told:
        traps(record(model, puzzles, sites=(), segments=2), puzzles)
    content = sorted(name for name, question in QUESTIONS.items() if question.of_traces)
    assert f"A trace answers {joined_words(content)}." in str(told.value)
