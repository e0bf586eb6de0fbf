"""Small models of every kind, with weights that leave no part of the arithmetic at zero."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner, SegmentOutput, State, build_model
from hrm_probe.models.published import export_published
from tests.models.reference import IGNORED, Settings, Weights, published

# Odd sizes on purpose: nothing may hang on a board being square or on two sizes being equal.
VARIANTS = {
    "hrm_rope": ModelConfig(
        cells=16, vocab=6, d_model=24, n_heads=2, H_layers=2, L_layers=1, H_cycles=2, L_cycles=3, max_segments=3
    ),
    "hrm_learned": ModelConfig(
        cells=7, vocab=5, d_model=20, n_heads=4, H_layers=1, L_layers=2, H_cycles=3, L_cycles=1, max_segments=3,
        positions="learned", puzzles=3,
    ),
    "hrm_bare": ModelConfig(
        cells=5, vocab=9, d_model=12, n_heads=3, H_layers=1, L_layers=1, H_cycles=1, L_cycles=2, max_segments=3,
        positions="none", prefix=0,
    ),
    "hrm_mlp": ModelConfig(
        cells=6, vocab=5, d_model=8, n_heads=1, H_layers=1, L_layers=1, H_cycles=2, L_cycles=2, max_segments=3,
        positions="none", mixer="mlp", prefix=2, expansion=2.0,
    ),
    "trm_att": ModelConfig(
        architecture="trm", cells=9, vocab=7, d_model=16, n_heads=2, H_layers=0, L_layers=2, H_cycles=3, L_cycles=2,
        max_segments=3, prefix=3, puzzles=2,
    ),
    "trm_mlp": ModelConfig(
        architecture="trm", cells=11, vocab=6, d_model=18, n_heads=3, H_layers=0, L_layers=2, H_cycles=2, L_cycles=4,
        max_segments=3, prefix=4, mixer="mlp", positions="none",
    ),
}  # fmt: skip


def lively(config: ModelConfig, seed: int = 0) -> RecursiveReasoner:
    """A model whose halting values and puzzle embeddings, which start at zero, are random like all else."""
    model = build_model(config, seed)
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for parameter in (model.puzzle_emb, model.q_head.weight, model.q_head.bias):
            if parameter is not None:
                parameter.normal_(0, 0.3, generator=generator)
    return model.eval()


def in_float64(model: RecursiveReasoner) -> RecursiveReasoner:
    """The same model in double precision, its rotary tables recomputed there from their formula."""
    config = model.config.replace(forward_dtype="float64")
    wide = build_model(config).double()
    wide.load_state_dict(model.state_dict())
    d = config.d_head
    angles = np.arange(config.pos)[:, None] * config.rope_theta ** (-2 * np.arange(d // 2) / d)
    for module in wide.modules():
        if hasattr(module, "cos"):
            module.cos.copy_(torch.as_tensor(np.cos(np.tile(angles, 2)))[:, None])
            module.sin.copy_(torch.as_tensor(np.sin(np.tile(angles, 2)))[:, None])
    return wide.eval()


def settings(config: ModelConfig) -> Settings:
    rope = config.positions == "rope" and config.mixer == "attention"
    return Settings(config.H_cycles, config.L_cycles, config.n_heads, config.prefix, rope, config.rope_theta)


def weights(model: RecursiveReasoner) -> Weights:
    """The model's weights under published names, in float64."""
    return published({name: tensor.double().numpy() for name, tensor in export_published(model).items()})


def random_tokens(config: ModelConfig, batch: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, config.vocab, (batch, config.cells))


def tokens_for(model: RecursiveReasoner, batch: int = 2) -> Tensor:
    return torch.as_tensor(random_tokens(model.config, batch))


def random_state(
    config: ModelConfig, batch: int = 2, seed: int = 0, dtype: torch.dtype = torch.float64
) -> State:
    generator = torch.Generator().manual_seed(seed)
    shape = (batch, config.pos, config.d_model)
    return State(*(torch.randn(shape, dtype=dtype, generator=generator) for _ in range(2)))


def loss(output: SegmentOutput, labels: Tensor, G_continue: Tensor | None = None) -> Tensor:
    """The published loss, as in :func:`reference.loss`, in torch so that it can be differentiated."""
    logits = output.logits.double()
    s = torch.where(logits < 0, 1 / (1 - logits), logits + 1)
    log_p = (s / s.sum(-1, keepdim=True)).log()
    scored = labels != IGNORED
    picked = log_p.gather(-1, labels.where(scored, 0)[..., None])[..., 0]
    answers = -(picked.where(scored, 0).sum(1) / scored.sum(1).clamp(min=1)).sum()
    G_halt = ((logits.argmax(-1) == labels) | ~scored).all(1)
    total = answers + 0.5 * _bce(output.q_halt, G_halt)
    return total if G_continue is None else total + 0.5 * _bce(output.q_continue, G_continue)


def _bce(Q: Tensor, target: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(Q, target.to(Q.dtype), reduction="sum")
