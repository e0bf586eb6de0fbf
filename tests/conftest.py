"""What all tests share."""

import os

import pytest

# Idle BLAS threads slow small float64 products down many times; numpy reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# So do torch's, which spin while they wait and take a busy machine's cores from one another; torch reads it likewise.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@pytest.fixture(autouse=True)
def _two_threads() -> None:
    """Small models run no faster on many threads, and results must not depend on how many there are."""
    import torch

    torch.set_num_threads(2)
