"""What the tests of training share."""

import pytest


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """Models this small run fastest on one thread, most of all where other tests run beside them."""
    import torch

    torch.set_num_threads(1)
