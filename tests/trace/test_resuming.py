"""A recording that is stopped half way goes on as if it had not been."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import build_model
from hrm_probe.trace import open_trace, record
from hrm_probe.trace.store import TraceStore
from tests.trace.recordings import SEGMENTS, assert_same, stop_after


def test_an_interrupted_recording_says_what_is_there_and_resumes(model, puzzles, tmp_path):
    path = tmp_path / "t"
    with pytest.raises(KeyboardInterrupt), stop_after(model, batches=2):
        record(model, puzzles, path, segments=SEGMENTS, batch_size=3)
    half = open_trace(path)
    assert (len(half), half.total, half.complete) == (6, 10, False)
    assert "6 of 10 puzzles" in repr(half)
    assert "resume=True" in repr(half)
    assert np.isfinite(half["z_H"].values).all()
    assert len(half.puzzles.tokens) == 6
    # The interrupting hook is part of what was at work; without it the recording is another one.
    with pytest.raises(InputError, match=r"hooks was \['hook_z_H'\] and is \[\]"):
        record(model, puzzles, path, segments=SEGMENTS, resume=True)


KILLED = """
    import os, signal, sys
    import numpy as np, torch
    from hrm_probe.models import load
    from hrm_probe.trace import record
    from hrm_probe.trace.store import TraceStore

    write = TraceStore.write
    def write_and_die(self, start, batch):
        write(self, start, batch)
        if start == 4:
            batch["z_H"] = batch["z_H"] * np.nan
            self._array("z_H")[6:8] = batch["z_H"]  # a batch that was begun
            os.kill(os.getpid(), signal.SIGKILL)
    TraceStore.write = write_and_die
    torch.set_num_threads(2)  # as the tests do: sums round differently on other numbers of threads
    record(load("model", "cpu"), np.load("tokens.npy"), "trace", segments=3, batch_size=2)
"""


def test_a_killed_recording_resumes_to_the_same_trace(model, puzzles, tmp_path):
    model.save(tmp_path / "model")
    np.save(tmp_path / "tokens.npy", puzzles.tokens)
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED)], cwd=tmp_path, timeout=120)
    assert killed.returncode == -9
    assert len(open_trace(tmp_path / "trace")) == 6
    settings = {"segments": 3, "batch_size": 2}
    resumed = record(model, puzzles.tokens, tmp_path / "trace", resume=True, **settings)
    assert resumed.complete
    assert_same(resumed, record(model, puzzles.tokens, tmp_path / "whole", **settings))


def test_resuming_runs_what_is_missing_alone(model, puzzles, tmp_path, monkeypatch):
    write, run, ran = TraceStore.write, type(model).run, []

    def stop(store, start, batch):
        if start == 8:
            raise KeyboardInterrupt
        write(store, start, batch)

    def counted(self, tokens, *rest, **named):
        ran.append(len(tokens))
        return run(self, tokens, *rest, **named)

    with monkeypatch.context() as patched:
        patched.setattr(TraceStore, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=4)
    monkeypatch.setattr(type(model), "run", counted)
    resumed = record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=4, resume=True)
    assert ran == [2]  # of 10
    assert_same(resumed, record(model, puzzles, segments=SEGMENTS, batch_size=4))


def test_resuming_a_finished_recording_runs_nothing(model, puzzles, tmp_path, monkeypatch):
    first = record(model, puzzles, tmp_path / "t", segments=SEGMENTS)
    monkeypatch.setattr(type(model), "run", lambda *_, **__: pytest.fail("ran again"))
    assert_same(record(model, puzzles, tmp_path / "t", segments=SEGMENTS, resume=True), first)


def test_resume_starts_where_there_is_nothing_yet(model, puzzles, tmp_path):
    assert record(model, puzzles, tmp_path / "t", segments=1, resume=True).complete


def test_resume_refuses_what_differs_and_names_it(model, puzzles, tmp_path):
    path = tmp_path / "t"
    record(model, puzzles, path, segments=SEGMENTS, batch_size=4)

    def resume(model=model, puzzles=puzzles, segments=SEGMENTS, **changes):
        record(model, puzzles, path, segments=segments, resume=True, **changes)

    for changes, sentence in (
        ({"segments": 2}, "segments was 3 and is 2"),
        ({"sites": "z_H"}, "sites was"),
        ({"dtype": "float32"}, "dtype was 'float16' and is 'float32'"),
        ({"every": "segment"}, "every was 'cycle' and is 'segment'"),
        ({"batch_size": 5}, "batch_size was 4 and is 5"),
        ({"puzzles": puzzles.tokens}, "answers were given"),
        ({"puzzles": puzzles.tokens[:9]}, "there were 10 puzzles and are 9"),
        ({"model": build_model(model.config, seed=2)}, "weights have changed"),
        ({"model": build_model(model.config.replace(L_cycles=2))}, "L_cycles was 3 and is 2"),
    ):
        with pytest.raises(InputError, match=sentence):
            resume(**changes)
    puzzles.tokens[7, 3] = 3 - puzzles.tokens[7, 3] % 2
    with pytest.raises(InputError, match="tokens of 1 puzzle changed, first of puzzle 7"):
        resume()
    puzzles.tokens = np.random.default_rng(0).integers(1, 6, (10, 16))
    resume()
    resume(batch_size=4)
