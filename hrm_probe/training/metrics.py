"""The metrics file: one JSON object a line, readable while it grows."""

import json
import os
from pathlib import Path
from typing import Any

from torch import Tensor

METRICS = "metrics.jsonl"
OF_EVERY_ROW = {"step", "progress"}


class MetricsFile:
    """Lines appended and flushed one at a time; what a killed run wrote after its last checkpoint is cut off.

    >>> pandas.read_json("runs/hrm-6x6/metrics.jsonl", lines=True)      # doctest: +SKIP

    Args:
        path: the file; None writes nowhere, for all processes but one where several train together.
        keep: bytes to keep of what is there, as :attr:`offset` said at the checkpoint; 0 starts afresh.
    """

    def __init__(self, path: Path | None, keep: int = 0) -> None:
        if path is not None:
            path.touch()
            with path.open("r+b") as file:
                file.truncate(min(keep, path.stat().st_size))  # what a power cut took is not made up
        self._file = (path or Path(os.devnull)).open("a", encoding="utf-8")

    @property
    def offset(self) -> int:
        """Bytes written so far."""
        return self._file.tell()

    def write(self, row: dict[str, Any]) -> None:
        """Append one line."""
        self._file.write(json.dumps(row, allow_nan=False, default=float) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def is_ours(path: Path) -> bool:
    """May a training overwrite this file? Where there is none, or its first line is a row as trainings write them."""
    if not path.exists():
        return True
    try:
        with path.open(encoding="utf-8") as file:
            first = file.readline().strip()
        row = json.loads(first or "null")
        return not first or (isinstance(row, dict) and row.keys() >= OF_EVERY_ROW)
    except (OSError, ValueError):
        return False


FIELDS = (
    "steps", "rows", "loss", "lm_loss", "q_halt_loss", "q_continue_loss", "cell_accuracy", "exact_accuracy",
    "finished", "finished_exact", "finished_segments", "finished_halt_right",
)  # fmt: skip
"""What a step counts, in the order of its tensor: sums over rows, of ``finished_*`` over finished rows."""


def averages(sums: Tensor) -> dict[str, Any]:
    """Counts gathered over some steps, as the means that the metrics file holds.

    Losses and accuracies are means over all rows of all steps; ``finished_*`` means over the rows that halted:
    how many of them were solved, after how many segments, and how often the halting value was right about it; None
    where no row halted.
    Losses are those that were differentiated: where supervision is weighted, so are they, each term.
    """
    counts = dict(zip(FIELDS, sums.tolist(), strict=True))
    rows, finished = max(counts["rows"], 1.0), counts["finished"]
    over_rows = ("loss", "lm_loss", "q_halt_loss", "q_continue_loss", "cell_accuracy", "exact_accuracy")
    over_finished = ("finished_exact", "finished_segments", "finished_halt_right")
    return {
        **{name: counts[name] / rows for name in over_rows},
        **{name: counts[name] / finished if finished else None for name in over_finished},
        "finished": counts["finished"],
    }
