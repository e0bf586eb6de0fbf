"""A recording is the run itself, written down."""

import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
import torch

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.models import State, build_model
from hrm_probe.trace import open_trace, record, recorder
from hrm_probe.trace.store import OUTPUTS, TraceStore
from tests.trace.recordings import SEGMENTS, assert_same, stop_after


@pytest.mark.parametrize("forward_dtype", ["float32", "bfloat16"])
def test_a_trace_says_what_the_run_says(forward_dtype, model, puzzles, tmp_path):
    model = build_model(model.config.replace(forward_dtype=forward_dtype))
    trace = record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=10)
    rollout, cache = model.run_with_cache(puzzles.tokens, "z_H", segments=SEGMENTS)
    for name in ("logits", "predictions", "q_halt", "q_continue"):
        np.testing.assert_array_equal(trace[name].values, getattr(rollout, name).transpose(0, 1).numpy())
    np.testing.assert_array_equal(trace["halted_at"].values, rollout.halted_at.numpy())
    np.testing.assert_array_equal(trace["z_H"].values, cache["z_H"].half().movedim(2, 0).numpy())


def test_batches_join_without_seam(model, puzzles, tmp_path):
    trace = record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=4, dtype="float32")
    parts = [
        model.run_with_cache(puzzles.tokens[rows], "z_L", segments=SEGMENTS)[1]["z_L"].movedim(3, 0)
        for rows in (slice(0, 4), slice(4, 8), slice(8, 10))
    ]
    np.testing.assert_array_equal(trace["z_L"].values, torch.cat(parts).numpy())


def test_a_batch_is_written_whole_while_the_model_is_at_the_next(model, puzzles, tmp_path, monkeypatch):
    ran, ready, write = [], threading.Event(), recorder._write

    def slow(store, start, buffers, said):
        if start == 0:
            assert ready.wait(60)  # until the next batch has been run
        write(store, start, buffers, said)

    def watch(z, hook):
        ran.append(hook.tick)
        if len(ran) == 2 * SEGMENTS * model.config.H_cycles:
            ready.set()

    whole = record(model, puzzles, segments=SEGMENTS, batch_size=5)
    monkeypatch.setattr(recorder, "_write", slow)
    with model.hooks([("z_H", watch)]):
        again = record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=5)
    assert_same(again, whole)


@pytest.mark.parametrize(
    ("batch_size", "every", "segments"), [(1, "cycle", 2), (4, "segment", 1), (1, "segment", 1)]
)
def test_a_trace_in_memory_is_not_overwritten_by_later_batches(batch_size, every, segments, model, puzzles):
    """Such buffers are in the order of the trace already, and one batch's serves the next but one."""
    how = {"every": every, "segments": segments, "dtype": "float32"}
    trace = record(model, puzzles, batch_size=batch_size, **how)
    whole = record(model, puzzles, batch_size=len(puzzles.tokens), **how)
    for site in ("z_H", "z_L"):
        np.testing.assert_allclose(trace[site].values, whole[site].values, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float64, np.float64, np.dtype("float64"), "float64"])
def test_a_dtype_is_known_however_it_is_written(dtype, model, puzzles):
    assert record(model, puzzles, segments=1, dtype=dtype)["z_H"].dtype == np.float64


def test_the_start_is_noted_and_numbers_are_as_wide_as_the_model_says_them(model, puzzles):
    start = model.initial_state(1)
    assert not torch.equal(start.z_H, start.z_L)
    trace = record(model, puzzles, segments=1)
    for site, expected in (("z_H", start.z_H), ("z_L", start.z_L)):
        np.testing.assert_array_equal(trace.initial_state[site], expected[0, 0].numpy())
    assert trace["logits"].dtype == trace["q_halt"].dtype == np.float32
    wide = build_model(model.config.replace(forward_dtype="float64"))
    assert record(wide, puzzles, segments=1)["logits"].dtype == np.float64


@pytest.mark.parametrize(
    ("fitting", "most", "size"), [(3.5, 64, 3), (1, 64, 1), (0.5, 64, 1), (100, 4, 4), (100, 64, 10)]
)
def test_a_batch_is_what_fits_but_never_none_or_more_than_pays(
    fitting, most, size, model, puzzles, monkeypatch
):
    whole = record(model, puzzles, segments=SEGMENTS)
    a_puzzle = sum(whole[name].values[0].nbytes for name in (*OUTPUTS, "z_H", "z_L"))
    monkeypatch.setitem(recorder.BATCH_BYTES, "cpu", int(fitting * a_puzzle))
    monkeypatch.setattr(recorder, "puzzles_at_once", lambda device: most)
    assert record(model, puzzles, segments=SEGMENTS).attributes["batch_size"] == size  # of ten puzzles


def test_memory_and_disk_hold_the_same(model, puzzles, tmp_path):
    in_memory = record(model, puzzles, segments=SEGMENTS, batch_size=4)
    on_disk = record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=4)
    assert_same(in_memory, on_disk)
    assert_same(on_disk, open_trace(tmp_path / "t"))


def test_puzzle_ids_choose_the_embedding(model, puzzles):
    several = build_model(model.config.replace(puzzles=2))
    with torch.no_grad():
        several.puzzle_emb[1] = 1.0
    ids = np.arange(10) // 5
    trace = record(several, puzzles, segments=1, puzzle_ids=ids, batch_size=5)
    expected = several.run(puzzles.tokens, 1, torch.as_tensor(ids)).logits.transpose(0, 1)
    np.testing.assert_array_equal(trace["logits"].values, expected.numpy())


def test_hooks_of_the_user_act_are_noted_and_stay(model, puzzles):
    handle = model.add_hook("z_L", lambda z, hook: 0 * z)
    trace = record(model, puzzles, segments=SEGMENTS)
    assert not trace["z_L"].values.any()
    assert trace.attributes["settings"]["hooks"] == ["hook_z_L"]
    assert [name for name, point in model.hook_dict.items() if point.watched] == ["hook_z_L"]
    handle.remove()


def test_no_hook_is_left_after_an_interruption(model, puzzles, tmp_path):
    with pytest.raises(KeyboardInterrupt), stop_after(model, batches=1):
        record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=4)
    assert not any(point.watched for point in model.hook_dict.values())


# Stopped and resumed


def test_a_batch_larger_than_all_is_all(model, puzzles, tmp_path):
    record(model, puzzles, tmp_path / "t", segments=1, batch_size=100)
    assert record(model, puzzles, tmp_path / "t", segments=1, batch_size=100, resume=True).complete


# What cannot be recorded


def test_a_full_disk_is_told_and_what_was_written_is_safe(model, puzzles, tmp_path, monkeypatch):
    array = TraceStore._array
    written = []

    def full(self, name):
        written.append(name)
        if written.count("z_H") == 2:
            raise OSError(28, "No space left on device")
        return array(self, name)

    monkeypatch.setattr(TraceStore, "_array", full)
    with pytest.raises(InputError, match=r"No space left on device.*2 of 10 puzzles are safe"):
        record(model, puzzles, tmp_path / "t", segments=SEGMENTS, batch_size=2)
    monkeypatch.undo()
    assert len(open_trace(tmp_path / "t")) == 2
    assert record(model, puzzles, tmp_path / "t", segments=SEGMENTS, resume=True).complete


def test_values_beyond_float16_are_an_error(model, puzzles):
    with model.hooks([("z_L", lambda z, hook: z * 1e6)]):
        with pytest.raises(InputError, match="z_L holds values beyond 65504"):
            record(model, puzzles, segments=SEGMENTS)
        trace = record(model, puzzles, segments=SEGMENTS, dtype="float32")
    assert float(abs(trace["z_L"]).max()) > 65504


def test_a_place_that_is_taken_is_an_error(model, puzzles, tmp_path):
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.tex").write_text("years of work")
    (tmp_path / "file").write_text("")
    for place, sentence in (
        ("foreign", "something else in it"),
        ("file", "is a file"),
        ("file/trace", "is a file, not a folder"),
    ):
        with pytest.raises(InputError, match=sentence):
            record(model, puzzles, tmp_path / place, segments=1)
    assert (tmp_path / "foreign" / "thesis.tex").read_text() == "years of work"
    record(model, puzzles, tmp_path / "t", segments=1)
    with pytest.raises(InputError, match=r"There is a trace at .*10 of 10 puzzles"):
        record(model, puzzles, tmp_path / "t", segments=1)


def test_a_trace_that_the_disk_cannot_hold_is_refused_beforehand(model, puzzles, tmp_path, monkeypatch):
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(InputError, match=r"room for 1.0 kB"):
        record(model, puzzles, tmp_path / "t", segments=1)


# Cost


GROWING = """
    import numpy as np, torch
    from hrm_probe.models import ModelConfig, build_model
    from hrm_probe.trace import record

    def peak():
        lines = open("/proc/self/status").read().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024

    torch.set_num_threads(1)
    model = build_model(ModelConfig(cells=36, vocab=8, d_model=32, n_heads=4, H_layers=1, L_layers=1))
    tokens = np.random.default_rng(0).integers(1, 8, (96, 36))
    for n in (16, 96):
        trace = record(model, tokens[:n], f"trace{n}", model.hook_names(), segments=1, dtype="float64", batch_size=4)
        print(peak(), trace.dataset.nbytes)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
def test_memory_stays_flat_as_puzzles_grow(tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(GROWING)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=200)
    (peak_few, few), (peak_many, many) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert many - few > 80e6
    assert peak_many - peak_few < 0.2 * (many - few)


def test_importing_the_room_loads_neither_zarr_nor_xarray():
    code = "import sys, hrm_probe.trace; print([m for m in ('zarr', 'xarray', 'dask') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_record_and_open_trace_are_public_names():
    assert hrm_probe.record is record
    assert hrm_probe.open_trace is open_trace


def test_a_hook_that_reads_the_model_leaves_no_hole_in_a_trace(model, puzzles):
    def lens(z, hook):
        model.read_out(State(z, z))

    plain = record(model, puzzles, segments=SEGMENTS, dtype="float32")
    with model.hooks([("z_H", lens)]):
        watched = record(model, puzzles, segments=SEGMENTS, dtype="float32")
    assert_same(plain, watched)


def test_sites_are_named_in_every_way_that_hooks_are(model, puzzles):
    by_name = record(model, puzzles, sites="z_H", segments=1)
    by_predicate = record(model, puzzles, sites=lambda name: name == "hook_z_H", segments=1)
    assert_same(by_name, by_predicate)
    assert set(record(model, puzzles, sites=[], segments=1).dataset) < set(by_name.dataset)
    everything = record(model, puzzles, sites=None, segments=1, dtype="float32")
    outputs = {"logits", "q_halt", "q_continue"}
    assert {name.removeprefix("hook_") for name in model.hook_dict} - outputs <= set(everything.dataset)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"segments": 2.5}, "segments is 2.5; it must be a whole number"),
        ({"segments": "2"}, "segments is '2'; it must be a whole number"),
        ({"batch_size": 2.5}, "batch_size is 2.5; it must be a whole number"),
        ({"puzzle_ids": [0.5] * 10}, "puzzle_ids must be whole numbers"),
        ({"sites": 5}, "names no hook points"),
    ],
)
def test_numbers_and_names_that_do_not_fit_are_told(wrong, told, model, puzzles):
    with pytest.raises(InputError, match=told):
        record(model, puzzles, **wrong)


def test_reversed_puzzles_are_recorded_too(model, puzzles):
    trace = record(model, puzzles.tokens[::-1], segments=1)
    np.testing.assert_array_equal(trace["tokens"].values, puzzles.tokens[::-1])


def test_numbers_of_numpy_count_as_whole_ones():
    model, puzzles = hrm_probe.load("hrm-6x6"), hrm_probe.load_puzzles("6x6-test", n=3)
    trace = record(model, puzzles, segments=np.int64(2), batch_size=np.int32(2))
    assert trace["z_H"].sizes["segment"] == 2
