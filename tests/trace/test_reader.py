"""Traces read: lazily, by short names, and with clear words about what is missing."""

import copy
import json
import shutil
import warnings

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.trace import open_trace, record


@pytest.fixture
def trace(model, puzzles, tmp_path):
    return record(model, puzzles, tmp_path / "t", sites=("z_H", "pattern"), segments=2, batch_size=4)


def test_arrays_are_found_by_full_and_by_short_names(trace):
    assert trace["z_H"].name == trace["hook_z_H"].name == "z_H"
    assert trace["H.blocks.0.attn.hook_pattern"].dims[-3:] == ("head", "pos", "key_pos")
    with pytest.raises(InputError, match=r"at several places: H.blocks.0.attn.hook_pattern, L.blocks"):
        trace["pattern"]
    with pytest.raises(InputError, match="holds no 'z_L'; near names are z_H"):
        trace["z_L"]
    assert "z_H" in trace
    assert "z_L" not in trace


def test_it_is_used_as_the_dataset_that_it_holds(trace):
    assert trace.sizes["segment"] == 2
    assert trace.sel(segment=2)["z_H"].dims == ("puzzle", "H_cycle", "pos", "d_model")
    assert trace.z_H.equals(trace["z_H"])
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = trace.nothing
    assert copy.copy(trace).total == trace.total


def test_the_puzzles_come_back(trace, puzzles):
    again = open_trace(trace.path).puzzles
    np.testing.assert_array_equal(again.tokens, puzzles.tokens)
    np.testing.assert_array_equal(again.answers, puzzles.answers)
    assert again.tokens.dtype == again.answers.dtype == again.rating.dtype == np.int64
    assert again.source.tolist() == puzzles.source.tolist()
    assert open_trace(trace.path)["source"].dtype == puzzles.source.dtype  # numpy's own kind of text
    assert again.rating.tolist() == list(range(10))


def test_puzzles_given_as_tokens_have_no_answers(model, puzzles):
    again = record(model, puzzles.tokens, segments=1).puzzles
    assert again.answers is again.source is again.rating is None


def test_nothing_is_read_before_it_is_used(trace):
    opened = open_trace(trace.path)
    assert not opened.dataset["z_H"].variable._in_memory
    opened["z_H"].isel(puzzle=3).load()
    assert not opened.dataset["z_H"].variable._in_memory
    assert opened["z_H"].values.any()
    assert not opened.dataset["z_H"].variable._in_memory  # nor kept


def test_a_finished_trace_opens_in_plain_xarray_without_a_warning(trace):
    import xarray

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = xarray.open_zarr(trace.path, chunks=None)
    np.testing.assert_array_equal(plain["z_H"].values, trace["z_H"].values)
    assert plain.attrs["completed"] == 10


def test_dask_arrays_on_request(trace):
    pytest.importorskip("dask", reason="dask comes with the extra 'scale'")
    lazy = open_trace(trace.path, dask=True)
    assert lazy["z_H"].chunks[0] == (4, 4, 2)
    np.testing.assert_array_equal(lazy["z_H"].values, trace["z_H"].values)


def test_the_recipe_is_kept(trace, model):
    assert trace.model_config == model.config
    assert trace.attributes["settings"]["segments"] == 2
    assert trace.attributes["versions"].keys() >= {"torch", "zarr", "hrm-probe"}


def test_it_is_asked_by_name(trace):
    for key in (0, ("z_H", 3), slice(2)):
        assert key not in trace
        with pytest.raises(InputError, match=r"by name, as in trace\['z_H'\]"):
            trace[key]


def test_it_tells_what_it_is(trace):
    text = repr(trace)
    assert text.startswith("Trace(10 puzzles, 2 segments of HRM (d_model 16, 16 cells))")
    assert f"({trace.dataset.nbytes / 1e6:.1f} MB)" in text
    assert "z_H: float16 [puzzle 10, segment 2, H_cycle 2, pos 17, d_model 16]" in text
    assert len(trace) == 10


def test_accuracy_is_one_line(trace, puzzles):
    accuracy = (trace["predictions"] == trace["answers"]).all("cell").mean("puzzle")
    assert accuracy.dims == ("segment",)


def test_what_is_no_trace_is_told(tmp_path):
    with pytest.raises(InputError, match="There is no trace at"):
        open_trace(tmp_path / "nothing")
    with pytest.raises(InputError, match="is not a trace"):
        open_trace(tmp_path)
    (tmp_path / "zarr.json").write_text('{"attributes": {"kind": "weather"}}')
    with pytest.raises(InputError, match="is not a trace"):
        open_trace(tmp_path)


@pytest.mark.parametrize("written", [99, 0])
def test_a_trace_of_another_format_is_told(trace, tmp_path, written):
    copy = tmp_path / "later"
    shutil.copytree(trace.path, copy)
    said = json.loads((copy / "zarr.json").read_text())
    said["attributes"]["format"] = written
    (copy / "zarr.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match=f"has trace format {written}, but this version reads 1"):
        open_trace(copy)


def test_a_context_closes_it(trace):
    with open_trace(trace.path) as opened:
        assert opened.complete
