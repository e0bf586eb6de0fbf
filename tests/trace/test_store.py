"""The store: filled from the front, a chunk a batch, and what is not there yet is no number."""

import numpy as np
import pytest
import zarr

from hrm_probe.errors import InputError
from hrm_probe.trace.store import TraceStore, Variable

VARIABLES = [
    Variable("z", ("segment", "pos"), (2, 3), "float16", "a state"),
    Variable("n", (), (), "int32", "a count"),
]


def store(path=None, puzzles=5, batch_size=2):
    arrays = {"tokens": np.ones((puzzles, 4), np.uint8), "source": np.array(["here"] * puzzles)}
    marks = {"batch_size": batch_size, "settings": {}}
    return TraceStore.create(path, arrays, VARIABLES, {"segment": [1, 2]}, marks)


def batch(n, value=0.0):
    return {"z": np.full((n, 2, 3), value, np.float16), "n": np.full(n, 7, np.int32)}


def test_bytes_are_those_of_all_numbers():
    assert [variable.bytes_per_puzzle for variable in VARIABLES] == [2 * 3 * 2, 4]


def test_batches_are_counted_as_they_come_and_what_is_to_come_is_no_number():
    held = store()
    assert (held.total, held.completed) == (5, 0)
    for start, stop in ((0, 2), (2, 4), (4, 5)):
        assert np.isnan(held.group["z"][start:]).all()
        held.write(start, batch(stop - start))
        assert held.completed == stop
    assert not held.group["z"][:].any()
    assert held.group["n"][:].tolist() == [7] * 5


@pytest.mark.parametrize(("batch_size", "rows"), [(2, 2), (9, 5)])
def test_a_chunk_holds_a_batch_uncompressed(batch_size, rows):
    array = store(batch_size=batch_size).group["z"]
    assert array.chunks == (rows, 2, 3)
    assert array.compressors == ()


def test_a_batch_of_zeros_is_written_as_any_other(tmp_path):
    held = store(tmp_path / "t")
    held.write(0, {"z": batch(2)["z"], "n": np.zeros(2, np.int32)})
    assert [path.name for path in (tmp_path / "t" / "n" / "c").iterdir()] == ["0"]


def test_metadata_are_gathered_once_all_is_there(tmp_path):
    held = store(tmp_path / "t")
    held.write(0, batch(4))
    assert zarr.open_group(tmp_path / "t", mode="r").metadata.consolidated_metadata is None
    held.write(4, batch(1))
    assert zarr.open_group(tmp_path / "t", mode="r").metadata.consolidated_metadata is not None


def test_the_room_asked_for_is_that_of_all_puzzles(tmp_path, monkeypatch):
    needed = (12 + 4) * 5
    for free in (needed, needed - 1):
        monkeypatch.setattr("shutil.disk_usage", lambda path, free=free: type("Usage", (), {"free": free}))
        if free == needed:
            store(tmp_path / "fits")
        else:
            with pytest.raises(InputError, match="The trace needs 80 bytes"):
                store(tmp_path / "does not")
