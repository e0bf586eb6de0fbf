"""Puzzles in batches: each once, in their order, and as many at a time as was said."""

import numpy as np
import pytest

from hrm_probe import progress
from hrm_probe.reasoning.runs.batches import even_batches, in_batches


@pytest.mark.parametrize(("n", "size"), [(1, 1), (6, 3), (7, 3), (2, 5), (0, 4)])
def test_slices_cover_every_row_once_and_in_order(n: int, size: int) -> None:
    parts = [np.arange(n)[rows] for rows in in_batches(n, size)]
    assert np.concatenate([np.arange(0), *parts]).tolist() == list(range(n))
    assert [len(part) for part in parts[:-1]] == [size] * (len(parts) - 1)
    assert all(0 < len(part) <= size for part in parts)


def test_rows_are_counted_for_who_waits_and_for_nobody_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    list(in_batches(5, 2, "asking", True, unit="copies"))
    counted = [line.split(",")[0] for line in capsys.readouterr().err.splitlines()]
    assert counted == [f"asking: {done} of 5 copies" for done in (2, 4, 5)]
    list(in_batches(5, 2, "asking"))
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("n", "size", "least", "sizes"),
    [
        (6, 3, 1, [3, 3]),
        (7, 3, 1, [3, 2, 2]),
        (7, 3, 2, [3, 2, 2]),
        (3, 1, 1, [1, 1, 1]),
        (5, 1, 2, [3, 2]),
        (3, 2, 2, [3]),
        (1, 4, 2, [1]),
    ],
)
def test_batches_are_even_and_none_is_too_small(n: int, size: int, least: int, sizes: list[int]) -> None:
    batches = even_batches(n, size, least)
    assert [len(rows) for rows in batches] == sizes
    assert np.concatenate(batches).tolist() == list(range(n))
