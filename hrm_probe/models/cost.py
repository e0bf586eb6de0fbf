"""What a model costs: floating-point operations and bytes, from its config and a batch size alone.

A segment is a list of matrix products; everything here is a sum over that list. Counted is what they do, two
operations a multiplication. Left out are norms, softmax, SiLU, rotations, the loss and the optimiser, whose
operations are few, though their time on a device short of memory bandwidth need not be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hrm_probe.models.config import ModelConfig
from hrm_probe.models.layers import mlp_width

PARAMETER_BYTES = 4  # parameters, their gradients, moments and averages are float32
DTYPE_BYTES = {"bfloat16": 2, "float32": 4, "float64": 8}
TrainedGradient = Literal["published", "segment"]


@dataclass(frozen=True)
class Product:
    """``times`` matrix products [m, k] @ [k, n]."""

    m: int
    k: int
    n: int
    times: int = 1

    @property
    def flops(self) -> int:
        return 2 * self.times * self.m * self.k * self.n

    @property
    def numbers(self) -> int:
        """Numbers read and written, each operand and the result once."""
        return self.times * (self.m * self.k + self.k * self.n + self.m * self.n)


@dataclass(frozen=True)
class Cost:
    """Operations of some matrix products, and the bytes that they read and write if no cache helps.

    ``flops / product_bytes`` is the arithmetic intensity of a roofline (Williams et al. 2009).
    """

    flops: int = 0
    product_bytes: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.flops + other.flops, self.product_bytes + other.product_bytes)

    def __mul__(self, times: int) -> "Cost":
        return Cost(self.flops * times, self.product_bytes * times)


@dataclass(frozen=True)
class TrainingCost:
    """One training step without its optimiser: one segment forward, its gradient, and Q-learning's look ahead."""

    forward: Cost
    backward: Cost
    look_ahead: Cost

    @property
    def total(self) -> Cost:
        return self.forward + self.backward + self.look_ahead


def segment_cost(config: ModelConfig, batch: int) -> Cost:
    """One segment forward.

    >>> segment_cost(ModelConfig(), batch=1).flops                      # the published HRM on 9x9
    13744807936

    Args:
        config: the model's.
        batch: puzzles at once.
    """
    return _block(config, batch) * config.layers_of_segment + _read_out(config, batch)


def training_cost(config: ModelConfig, batch: int, gradient: TrainedGradient = "published") -> TrainingCost:
    """One training step, as :func:`hrm_probe.training.segment.run_segment` does it.

    The gradient of a product takes two products of its size, one for each operand. It flows through the updates
    that ``gradient`` names: "published" is the last L- and the last H-update of HRM, the last cycle of TRM;
    "segment" is all of them. Halting by Q-learning needs a second segment forward, for its target.

    Args:
        config: the model's, at the depth that the step runs.
        batch: rows of the step.
        gradient: see above.

    Known inaccuracy: fused attention computes the scores again in its backward pass, and a compiler may compute
    activations again to save memory: that is work done, but not counted here.
    """
    forward = segment_cost(config, batch)
    backward = (
        _block(config, batch) * _differentiated_blocks(config, gradient) + _read_out(config, batch)
    ) * 2
    return TrainingCost(forward, backward, forward if config.halting_rule == "q_learning" else Cost())


def training_flops(
    config: ModelConfig,
    batch_size: int,
    schedule: Iterable[tuple[int, int, int]],
    gradient: TrainedGradient = "published",
) -> int:
    """Operations of a whole training, optimiser and evaluations left out.

    >>> config = ModelConfig(architecture="trm", L_layers=2, H_cycles=3, L_cycles=6)
    >>> cgar = training_flops(config, 768, [(300, 2, 1), (300, 4, 2), (400, 6, 3)])
    >>> round(1 - cgar / training_flops(config, 768, [(1000, 6, 3)]), 3)
    0.351

    Args:
        config: the model's.
        batch_size: rows of a step.
        schedule: (steps, L_cycles, H_cycles) of every stage; a constant depth is one stage.
        gradient: as in :func:`training_cost`.
    """
    return sum(
        steps * training_cost(config.replace(L_cycles=L, H_cycles=H), batch_size, gradient).total.flops
        for steps, L, H in schedule
    )


def parameter_count(config: ModelConfig) -> int:
    """Trained numbers, puzzle embeddings included (``n_parameters`` of a model leaves them out)."""
    d = config.d_model
    layers = config.L_layers + (config.H_layers if config.architecture == "hrm" else 0)
    blocks = layers * _block_weights(config)
    tables = 2 * config.vocab * d + (2 * d + 2)
    positions = config.pos * d if config.positions == "learned" else 0
    return blocks + tables + positions + (config.puzzles * d if config.prefix else 0)


def parameter_bytes(config: ModelConfig) -> int:
    """Bytes of the trained numbers in float32. AdamW's moments, gradients and average take four times as much more."""
    return PARAMETER_BYTES * parameter_count(config)


def largest_product(config: ModelConfig, batch: int) -> Product:
    """The linear map of a block that does most operations: what the hardware's rate is measured on."""
    return max(_linear_maps(config, batch), key=lambda product: product.flops)


def activation_bytes(config: ModelConfig, batch: int, gradient: TrainedGradient = "published") -> int:
    """Estimated bytes that a training step keeps for its backward pass, uncompiled and with attention written out.

    Per differentiated block: the input of every product, both factors of every gate, the softmax, and what each
    norm normed, in float32; below float32 also the weights that were cast. Within 10% of what autograd keeps
    (loss left out). Compiled, or with fused attention, it is less.
    """
    size, rows = DTYPE_BYTES[config.forward_dtype], batch * config.pos
    hidden = rows * mlp_width(config.d_model, config.expansion)
    norms = 2 * rows * config.d_model * max(size, 4)
    if config.mixer == "attention":
        # Inputs of W_QKV, W_O and the SwiGLU; scaled q, k and v; the pattern.
        mixing = 6 * rows * config.d_model + batch * config.n_heads * config.pos**2
    else:
        mixing = 2 * rows * config.d_model + 4 * batch * config.d_model * mlp_width(
            config.pos, config.expansion
        )
    cast = _block_weights(config) if size < 4 else 0
    block = size * (mixing + 4 * hidden + cast) + norms
    return block * _differentiated_blocks(config, gradient) + size * rows * config.d_model


def state_bytes(config: ModelConfig, batch: int) -> int:
    """Bytes of z_H and z_L of a batch."""
    return 2 * batch * config.pos * config.d_model * DTYPE_BYTES[config.forward_dtype]


def _differentiated_blocks(config: ModelConfig, gradient: TrainedGradient) -> int:
    cycles = config.H_cycles if gradient == "segment" else 1
    one_step = gradient == "published" and config.architecture == "hrm"
    return cycles * ((1 if one_step else config.L_cycles) * config.L_layers + config.layers_of_H_update)


def _block_weights(config: ModelConfig) -> int:
    return sum(product.k * product.n for product in _linear_maps(config, 1))


def _linear_maps(config: ModelConfig, batch: int) -> list[Product]:
    """The products of activations with weights in one block."""
    d, rows = config.d_model, batch * config.pos
    if config.mixer == "mlp":
        mixing = _swiglu(batch * d, config.pos, config.expansion)
    else:
        mixing = [Product(rows, d, 3 * d), Product(rows, d, d)]
    return [*mixing, *_swiglu(rows, d, config.expansion)]


def _attention_products(config: ModelConfig, batch: int) -> list[Product]:
    """The products of activations with each other in one block: scores, and values mixed by the pattern."""
    if config.mixer == "mlp":
        return []
    pos, d_head, maps = config.pos, config.d_head, batch * config.n_heads
    return [Product(pos, d_head, pos, maps), Product(pos, pos, d_head, maps)]


def _swiglu(rows: int, d: int, expansion: float) -> list[Product]:
    d_mlp = mlp_width(d, expansion)
    return [Product(rows, d, 2 * d_mlp), Product(rows, d_mlp, d)]


def _block(config: ModelConfig, batch: int) -> Cost:
    return _sum(config, _linear_maps(config, batch) + _attention_products(config, batch))


def _read_out(config: ModelConfig, batch: int) -> Cost:
    """Logits at every position, prefix included, and the halting values at the first."""
    d = config.d_model
    return _sum(config, [Product(batch * config.pos, d, config.vocab), Product(batch, d, 2)])


def _sum(config: ModelConfig, products: list[Product]) -> Cost:
    size = DTYPE_BYTES[config.forward_dtype]
    return Cost(sum(p.flops for p in products), sum(size * p.numbers for p in products))
