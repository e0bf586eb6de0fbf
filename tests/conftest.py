"""What all tests share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(autouse=True)
def _two_threads() -> None:
    """Small models run no faster on many threads, and results must not depend on how many there are."""
    import torch

    torch.set_num_threads(2)
