"""What the tests of the models share."""

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded: its threads spin while they wait

import pytest  # noqa: E402
import torch  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))  # reference.py, golden.py and variants.py lie beside the tests


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """These models are so small that a second thread only waits for the first."""
    torch.set_num_threads(1)
