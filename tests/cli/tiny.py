"""A model of 4x4 and a few of its puzzles on disk, for commands to be typed about."""

from pathlib import Path

from hrm_probe.models import ModelConfig, build_model
from hrm_probe.sudoku import generate


def saved_model(folder: Path, max_segments: int) -> str:
    """Of random weights."""
    config = ModelConfig(
        cells=16, vocab=6, d_model=32, n_heads=2, H_layers=1, L_layers=1, max_segments=max_segments
    )
    return str(build_model(config).save(folder / "tiny"))


def saved_puzzles(folder: Path, n: int) -> str:
    """Minimal ones."""
    generate(n, "minimal", "4x4", seed=0).to_csv(folder / "some.csv.gz")
    return str(folder / "some.csv.gz")
