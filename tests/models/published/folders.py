"""Data sets as the released code writes them: small mazes, and tasks of ARC's kind."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.models import Tasks

SIDE, SPACE, PATH = 5, 2, 5  # of the published mazes: 0 padding, 1 wall, 2 space, 3 start, 4 goal, 5 path


def write_folder(
    folder: Path,
    tokens: np.ndarray,
    labels: np.ndarray,
    identifiers: Any = None,
    starts: Any = None,
    groups: Any = None,
    ignored: int | None = 0,
) -> Path:
    """A split; without identifiers each example is a puzzle of its own, and all share the blank embedding."""
    folder.mkdir(parents=True)
    n = len(tokens)
    identifiers = np.zeros(n) if identifiers is None else np.asarray(identifiers)
    starts = np.arange(n + 1) if starts is None else np.asarray(starts)
    groups = np.arange(len(identifiers) + 1) if groups is None else np.asarray(groups)
    for name, array, dtype in (
        ("inputs", tokens, np.uint8),
        ("labels", labels, np.uint8),
        ("puzzle_identifiers", identifiers, np.int32),
        ("puzzle_indices", starts, np.int32),
        ("group_indices", groups, np.int32),
    ):
        np.save(folder / f"all__{name}.npy", array.astype(dtype))
    told = {
        "pad_id": 0, "ignore_label_id": ignored, "blank_identifier_id": 0, "vocab_size": 6,
        "seq_len": tokens.shape[1], "num_puzzle_identifiers": int(identifiers.max()) + 1,
        "total_groups": len(groups) - 1, "mean_puzzle_examples": n / len(identifiers), "sets": ["all"],
    }  # fmt: skip
    (folder / "dataset.json").write_text(json.dumps(told))
    return folder


def mazes(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels [n, 25]: from the left end of a free row to its right end, with walls above and below."""
    rng = np.random.default_rng(seed)
    grids = rng.choice([1, SPACE], size=(n, SIDE, SIDE))
    rows = rng.integers(SIDE, size=n)
    grids[np.arange(n), rows] = SPACE
    grids[np.arange(n), rows, 0], grids[np.arange(n), rows, -1] = 3, 4
    labels = grids.copy()
    labels[np.arange(n), rows, 1:-1] = PATH
    return grids.reshape(n, -1), labels.reshape(n, -1)


def padded(n: int, embeddings: int, seed: int = 0) -> Tasks:
    """Tasks of 12 cells, of which the last ones are padding, up to half, and that end with a path for every space."""
    rng = np.random.default_rng(seed)
    tokens = rng.integers(1, 5, size=(n, 12))
    tokens[:, 0] = SPACE
    tokens[np.arange(12) >= rng.integers(6, 13, size=(n, 1))] = 0
    return Tasks(tokens, np.where(tokens == SPACE, PATH, tokens), puzzle_ids=rng.permutation(n) % embeddings)
