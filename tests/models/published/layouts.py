"""The published sizes, name by name, as the released code writes them, and the configs beside them."""

import pytest
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.published import import_checkpoint
from tests.models.variants import random_tokens

INNER = "model.inner."

HEADS = {
    "H_init": (512,), "L_init": (512,), "embed_tokens.embedding_weight": (11, 512), "lm_head.weight": (11, 512),
    "q_head.weight": (2, 512), "q_head.bias": (2,), "puzzle_emb.weights": (1, 512),
}  # fmt: skip
ATTENTION = {"self_attn.qkv_proj.weight": (1536, 512), "self_attn.o_proj.weight": (512, 512)}
MLP = {"mlp.gate_up_proj.weight": (3072, 512), "mlp.down_proj.weight": (512, 1536)}
TOKEN_MLP = {"mlp_t.gate_up_proj.weight": (1024, 97), "mlp_t.down_proj.weight": (97, 512)}


def of_levels(levels: dict[str, int], block: dict[str, tuple]) -> dict[str, tuple]:
    modules = [f"{level}.layers.{i}" for level, n in levels.items() for i in range(n)]
    return HEADS | {f"{module}.{name}": shape for module in modules for name, shape in block.items()}


HRM_LAYOUT = of_levels({"H_level": 4, "L_level": 4}, ATTENTION | MLP)
TRM_MLP_LAYOUT = of_levels({"L_level": 2}, TOKEN_MLP | MLP)
TRM_LAYOUT = of_levels({"L_level": 2}, ATTENTION | MLP)

HRM_YAML = """\
arch:
  H_cycles: 2
  H_layers: 4
  L_cycles: 2
  L_layers: 4
  expansion: 4
  halt_exploration_prob: 0.1
  halt_max_steps: 16
  hidden_size: 512
  loss:
    loss_type: stablemax_cross_entropy
    name: losses@ACTLossHead
  name: hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1
  num_heads: 8
  pos_encodings: rope
  puzzle_emb_ndim: 512
beta1: 0.9
beta2: 0.95
checkpoint_every_eval: true
data_path: data/sudoku-extreme-1k-aug-1000
epochs: 20000
global_batch_size: 768
lr: 0.0001
seed: 0
"""
TRM_ARCH = {
    "name": "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1",
    "loss": {"name": "losses@ACTLossHead", "loss_type": "stablemax_cross_entropy"},
    "halt_exploration_prob": 0.1, "halt_max_steps": 16, "H_cycles": 3, "L_cycles": 6, "H_layers": 0, "L_layers": 2,
    "hidden_size": 512, "num_heads": 8, "expansion": 4, "puzzle_emb_ndim": "${.hidden_size}",
    "pos_encodings": "none", "forward_dtype": "bfloat16", "mlp_t": True, "puzzle_emb_len": 16,
    "no_ACT_continue": True,
}  # fmt: skip


def zeros(layout: dict[str, tuple], prefix: str = "_orig_mod." + INNER) -> dict[str, Tensor]:
    """A state dict of this layout that takes no memory; the initial states are in bfloat16, as published."""
    dtypes = {"H_init": torch.bfloat16, "L_init": torch.bfloat16}
    return {prefix + n: torch.zeros((), dtype=dtypes.get(n)).expand(shape) for n, shape in layout.items()}


def same(ours: RecursiveReasoner, theirs: RecursiveReasoner) -> bool:
    tokens = random_tokens(ours.config)
    ids = torch.arange(len(tokens)) % ours.config.puzzles
    a, b = ours.run(tokens, 2, ids), theirs.run(tokens, 2, ids)
    return torch.equal(a.logits, b.logits) and torch.equal(a.q_halt, b.q_halt)


def refused(complaint: str, *arguments: object) -> None:
    """An import that is refused, and how."""
    with pytest.raises(InputError, match=complaint):
        import_checkpoint(*arguments)  # type: ignore[arg-type]
