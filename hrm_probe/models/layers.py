"""The parts of a block: norm, rotary positions, attention, SwiGLU. All follow the published arithmetic.

Shapes: x is [batch, pos, d_model] throughout. Weights are stored in float32 and cast to the dtype of the
activations where they are used; norms and rotations compute in float32.

What the hook points of a block hold (``z_H``, ``z_L`` and ``hook_embed`` are [batch, pos, d_model], ``logits``
[batch, cell, vocab], the halting values [batch]). Positions are not cells: ``config.prefix`` of them come first,
and ``config.cells_of`` leaves these out.

==================================  =====================================================================
``attn.hook_q``, ``hook_k``         [batch, pos, head, d_head], before rotation; ``hook_rot_q``, ``hook_rot_k`` after
``attn.hook_v``, ``hook_z``         [batch, pos, head, d_head]; head 2 of z is ``z[:, :, 2]``
``attn.hook_attn_scores``           [batch, head, query pos, key pos], before the softmax
``attn.hook_pattern``               [batch, head, query pos, key pos]
``hook_attn_out``, ``hook_mix_out`` [batch, pos, d_model], of attention, or of the MLP across positions
``hook_resid_mid``                  [batch, pos, d_model], after the norm
``mlp.hook_pre``                    [batch, pos, d_mlp], the gate before its silu; ``hook_pre_linear`` what is gated
``mlp.hook_post``                   [batch, pos, d_mlp]
``token_mlp.hook_pre`` and so on    [batch, d_model, d_token_mlp], of the MLP across positions
``hook_mlp_out``                    [batch, pos, d_model]
``hook_resid_post``                 [batch, pos, d_model], after the norm
==================================  =====================================================================
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hrm_probe.models.config import ModelConfig
from hrm_probe.models.hooks import HookPoint


def rms_norm(x: Tensor, eps: float) -> Tensor:
    """x / sqrt(mean(x^2) + eps) over the last axis, without a gain (Zhang & Sennrich 2019, eq. 4)."""
    wide = x if x.dtype == torch.float64 else x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + eps)).to(x.dtype)


def truncated_normal(shape: tuple[int, ...], std: float, generator: torch.Generator) -> Tensor:
    """A normal cut off at two of its own standard deviations and rescaled, so that ``std`` is the real one."""
    weight = torch.empty(shape)
    if std == 0:
        return weight.zero_()
    # The standard deviation of a unit normal cut off at +-2.
    cut = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))
    nn.init.trunc_normal_(weight, 0.0, 1.0, -2.0, 2.0, generator=generator)
    return weight.mul_(std / cut)


ALIGNMENT = 8  # numbers of 16 bits in the 16 bytes at which tensor cores read


def wants_alignment(x: Tensor, weight: Tensor) -> bool:
    """Is this a product on tensor cores whose rows, of 97 positions say, lie where those do not read?"""
    return x.is_cuda and x.dtype == torch.bfloat16 and any(n % ALIGNMENT for n in weight.shape)


def aligned_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The same linear map, with zeros that fill both axes of the weight up to a multiple of ``ALIGNMENT``."""
    d_out, d_in = weight.shape
    more_out, more_in = -d_out % ALIGNMENT, -d_in % ALIGNMENT
    x, weight = F.pad(x, (0, more_in)), F.pad(weight, (0, more_in, 0, more_out))
    bias = None if bias is None else F.pad(bias, (0, more_out))
    return F.linear(x, weight, bias)[..., :d_out]


class Linear(nn.Module):
    """A linear map whose weight is cast to the activations' dtype; initialised as LeCun does, 1/sqrt(d_in)."""

    def __init__(self, d_in: int, d_out: int, generator: torch.Generator, bias: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(truncated_normal((d_out, d_in), 1 / math.sqrt(d_in), generator))
        self.bias = nn.Parameter(torch.zeros(d_out)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.weight.to(x.dtype), None if self.bias is None else self.bias.to(x.dtype)
        return aligned_linear(x, weight, bias) if wants_alignment(x, weight) else F.linear(x, weight, bias)


class Rotary(nn.Module):
    """Rotary positions (Su et al. 2021), halves rotated against each other; prefix positions count too.

    The tables follow from the config, and are in float32 at least, whatever the model is cast to: as published.
    """

    cos: Tensor
    sin: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self._shape = config.pos, config.d_head, config.rope_theta
        for name, table in zip(("cos", "sin"), self._tables(), strict=True):
            self.register_buffer(name, table, persistent=False)  # [pos, 1, d_head]

    def _tables(self) -> tuple[Tensor, Tensor]:
        pos, d_head, theta = self._shape
        # The order of operations is the published one, so that the table is theirs bit for bit.
        exponents = torch.arange(0, d_head, 2, dtype=torch.float32) / d_head
        frequencies = 1 / theta**exponents
        angles = torch.outer(torch.arange(pos, dtype=torch.float32), frequencies).repeat(
            1, 2
        )  # [pos, d_head]
        return angles.cos()[:, None], angles.sin()[:, None]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Rotary":
        super()._apply(fn, recurse)
        device, dtype = self.cos.device, torch.promote_types(self.cos.dtype, torch.float32)
        self.cos, self.sin = (table.to(device, dtype) for table in self._tables())
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Rotate queries or keys, [batch, pos, head, d_head]."""
        wide = x if x.dtype == torch.float64 else x.float()
        first, second = wide.chunk(2, dim=-1)
        return (wide * self.cos + torch.cat((-second, first), dim=-1) * self.sin).to(x.dtype)


class Attention(nn.Module):
    """Multi-head self-attention in both directions, no mask, no bias.

    On a GPU, while nobody looks at scores or pattern, torch's fused attention computes it; as soon as somebody
    does, or a function transform (jvp, vmap) is at work, the same is written out. The two agree to rounding.
    """

    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.rotary = Rotary(config) if config.positions == "rope" else None
        self.W_QKV = Linear(config.d_model, 3 * config.d_model, generator)
        self.W_O = Linear(config.d_model, config.d_model, generator)
        self.hook_q = HookPoint()  # [batch, pos, head, d_head], before rotation
        self.hook_k = HookPoint()  # [batch, pos, head, d_head], before rotation
        self.hook_v = HookPoint()  # [batch, pos, head, d_head]
        if self.rotary is not None:
            self.hook_rot_q = HookPoint()  # [batch, pos, head, d_head]
            self.hook_rot_k = HookPoint()  # [batch, pos, head, d_head]
        self.hook_attn_scores = HookPoint()  # [batch, head, pos, pos], query by key, before the softmax
        self.hook_pattern = HookPoint()  # [batch, head, pos, pos]
        self.hook_z = HookPoint()  # [batch, pos, head, d_head]

    def forward(self, x: Tensor) -> Tensor:
        batch, pos, d_model = x.shape
        qkv = self.W_QKV(x).view(batch, pos, 3, self.n_heads, d_model // self.n_heads)
        q, k, v = qkv.unbind(2)  # each [batch, pos, head, d_head]
        q, k, v = self.hook_q(q), self.hook_k(k), self.hook_v(v)
        if self.rotary is not None:
            q, k = self.hook_rot_q(self.rotary(q)), self.hook_rot_k(self.rotary(k))
        looked_into = self.hook_attn_scores.watched or self.hook_pattern.watched or _transformed()
        if fuses(q) and not looked_into:
            z = F.scaled_dot_product_attention(*(t.transpose(1, 2) for t in (q, k, v))).transpose(1, 2)
        else:
            z = self._written_out(q, k, v)
        return self.W_O(self.hook_z(z).reshape(batch, pos, d_model))

    def _written_out(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        q, k, v = (t.transpose(1, 2) for t in (q, k, v))  # each [batch, head, pos, d_head]
        scores = (q / math.sqrt(q.shape[-1])) @ k.mT
        pattern = self.hook_pattern(self.hook_attn_scores(scores).softmax(-1))
        return (pattern @ v).transpose(1, 2)


def fuses(q: Tensor) -> bool:
    """Is fused attention the faster one? On a CPU it is not, and its backward pass is many times slower."""
    return q.is_cuda


def _transformed() -> bool:
    """Is a torch.func transform or forward-mode differentiation running? Fused attention knows neither."""
    if torch.compiler.is_compiling():
        return False
    return (
        torch._C._functorch.peek_interpreter_stack() is not None
        or torch.autograd.forward_ad._current_level >= 0
    )


def mlp_width(d: int, expansion: float) -> int:
    """d_mlp of a SwiGLU on vectors of width d: 2/3 of the expansion, rounded up to a multiple of 256."""
    return -(-round(expansion * d * 2 / 3) // 256) * 256


class SwiGLU(nn.Module):
    """W_out (silu(W_gate x) * (W_in x)), with 2/3 of the expansion, rounded up to a multiple of 256 (Shazeer 2020)."""

    def __init__(self, d: int, expansion: float, generator: torch.Generator) -> None:
        super().__init__()
        d_mlp = mlp_width(d, expansion)
        self.W_gate_in = Linear(d, 2 * d_mlp, generator)
        self.W_out = Linear(d_mlp, d, generator)
        # [batch, pos, d_mlp]; across positions [batch, d_model, d_token_mlp]
        self.hook_pre = HookPoint()  # the gate before its silu
        self.hook_pre_linear = HookPoint()  # what is gated
        self.hook_post = HookPoint()

    def forward(self, x: Tensor) -> Tensor:
        gate, linear = self.W_gate_in(x).chunk(2, dim=-1)
        return self.W_out(self.hook_post(F.silu(self.hook_pre(gate)) * self.hook_pre_linear(linear)))


class Block(nn.Module):
    """One post-norm layer: mix positions (attention, or a SwiGLU across them), then a SwiGLU in each position."""

    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.eps = config.norm_eps
        self.attn: Attention | None = None
        self.token_mlp: SwiGLU | None = None
        if config.mixer == "attention":
            self.attn = Attention(config, generator)
            self.hook_attn_out = HookPoint()  # [batch, pos, d_model]
        else:
            self.token_mlp = SwiGLU(config.pos, config.expansion, generator)
            self.hook_mix_out = HookPoint()  # [batch, pos, d_model]
        self.mlp = SwiGLU(config.d_model, config.expansion, generator)
        self.hook_resid_mid = HookPoint()  # [batch, pos, d_model], after the norm
        self.hook_mlp_out = HookPoint()  # [batch, pos, d_model]
        self.hook_resid_post = HookPoint()  # [batch, pos, d_model], after the norm

    def forward(self, x: Tensor) -> Tensor:
        x = self.hook_resid_mid(self._mix(x))
        return self.hook_resid_post(rms_norm(x + self.hook_mlp_out(self.mlp(x)), self.eps))

    def _mix(self, x: Tensor) -> Tensor:
        if self.attn is not None:
            return rms_norm(x + self.hook_attn_out(self.attn(x)), self.eps)
        assert self.token_mlp is not None
        mixed = self.hook_mix_out(self.token_mlp(x.mT).mT)
        # The published model norms over positions here, not over d_model.
        return rms_norm((x + mixed).mT, self.eps).mT


class Level(nn.Module):
    """A stack of blocks that updates one state: z <- blocks(z + injection)."""

    def __init__(self, config: ModelConfig, n_layers: int, generator: torch.Generator) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(config, generator) for _ in range(n_layers))

    def forward(self, z: Tensor, injection: Tensor) -> Tensor:
        z = z + injection
        for block in self.blocks:
            z = block(z)
        return z
