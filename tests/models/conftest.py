"""What the tests of the models share."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded: its threads spin while they wait

import pytest
import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.published import export_published
from tests.models.variants import VARIANTS, lively


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """These models are so small that a second thread only waits for the first."""
    torch.set_num_threads(1)


@pytest.fixture
def hrm() -> RecursiveReasoner:
    """A small HRM whose weights all matter."""
    return lively(VARIANTS["hrm_rope"])


@pytest.fixture
def state(hrm: RecursiveReasoner) -> dict[str, Tensor]:
    """Its weights under the names of the released code."""
    return export_published(hrm)


@pytest.fixture
def arch() -> dict:
    """The official config of the small HRM."""
    return {
        "H_cycles": 2, "L_cycles": 3, "H_layers": 2, "L_layers": 1, "hidden_size": 24, "num_heads": 2,
        "expansion": 4, "pos_encodings": "rope", "puzzle_emb_ndim": 24, "halt_max_steps": 3, "seq_len": 16,
        "vocab_size": 6, "num_puzzle_identifiers": 1,
        "name": "hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1",
    }  # fmt: skip
