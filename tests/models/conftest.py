"""What the tests of the models share."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))  # reference.py, golden.py and variants.py lie beside the tests


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """These models are so small that a second thread only waits for the first."""
    torch.set_num_threads(1)
