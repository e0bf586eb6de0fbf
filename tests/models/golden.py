"""The golden vectors: outputs of the authors' own code, kept beside the repository where they are at hand."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from tests.models.reference import Settings

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "parity"
NAMES = ("hrm_rope", "hrm_learned", "trm_att", "trm_mlp")

needed = pytest.mark.skipif(
    not all((FOLDER / f"{name}.safetensors").is_file() for name in NAMES),
    reason=f"golden vectors of the authors' code are not at hand ({FOLDER})",
)


@dataclass(frozen=True)
class Golden:
    name: str
    path: Path
    config: dict
    tensors: dict[str, np.ndarray]

    def __getitem__(self, key: str) -> np.ndarray:
        return self.tensors[key]

    @property
    def prefix(self) -> str:
        """What stands before every weight's name in this file."""
        return "_orig_mod.model.inner." if self.name == "hrm_rope" else "model.inner."

    @property
    def weights(self) -> dict[str, np.ndarray]:
        return {key: value for key, value in self.tensors.items() if key.startswith(self.prefix)}

    @property
    def is_hrm(self) -> bool:
        return self.name.startswith("hrm")

    @property
    def settings(self) -> Settings:
        c = self.config
        prefix = c.get("puzzle_emb_len", 1)
        return Settings(c["H_cycles"], c["L_cycles"], c["num_heads"], prefix, c["pos_encodings"] == "rope")


@cache
def golden(name: str) -> Golden:
    path = FOLDER / f"{name}.safetensors"
    with safe_open(path, "np") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
        return Golden(name, path, json.loads(file.metadata()["config"]), tensors)
