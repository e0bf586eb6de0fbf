"""What the tests of the models share."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded: its threads spin while they wait

import pytest
import torch


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """These models are so small that a second thread only waits for the first."""
    torch.set_num_threads(1)
