"""Scripts are no package: their folder is put on the path, as running them does."""

import sys
from pathlib import Path

import pytest

from hrm_probe.models import ModelConfig, build_model

ANALYSES = Path(__file__).parents[2] / "analyses"
sys.path.insert(0, str(ANALYSES))


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    """The folder of an untrained 6x6 HRM that is called small."""
    config = ModelConfig(
        cells=36,
        vocab=8,
        d_model=16,
        n_heads=2,
        H_layers=1,
        L_layers=1,
        H_cycles=2,
        L_cycles=2,
        max_segments=2,
    )
    return build_model(config).save(tmp_path / "small")
