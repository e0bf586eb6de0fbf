"""Small models and puzzles that the tests of traces share."""

from types import SimpleNamespace

import numpy as np
import pytest

from hrm_probe.models import ModelConfig, RecursiveReasoner, build_model


@pytest.fixture
def model() -> RecursiveReasoner:
    config = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, L_cycles=3)
    return build_model(config, seed=1)


@pytest.fixture
def puzzles() -> SimpleNamespace:
    """Ten 4x4 boards with everything that a puzzle set has (whether they are Sudokus is nothing to a trace)."""
    rng = np.random.default_rng(0)
    return SimpleNamespace(
        tokens=rng.integers(1, 6, (10, 16)),
        answers=rng.integers(2, 6, (10, 16)),
        source=np.array(["easy", "hard"] * 5),
        rating=np.arange(10),
    )
