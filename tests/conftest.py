"""What all tests share."""

import os

import pytest

# Idle BLAS threads slow small float64 products down many times; numpy reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Threads that wait for one another by spinning make tests several times slower where other work is on the machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Notebooks first: they take longest, and at the end one worker would be left alone with the last of them."""
    items.sort(key=lambda item: item.path.name != "test_notebooks.py")


@pytest.fixture(autouse=True)
def _two_threads() -> None:
    """Small models run no faster on many threads, and results must not depend on how many there are.

    Where several workers share the tests, each has one.
    """
    import torch

    torch.set_num_threads(1 if "PYTEST_XDIST_WORKER" in os.environ else 2)
