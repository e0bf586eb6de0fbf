"""The published equations of HRM and TRM, in plain numpy float64, to be read beside the papers.

HRM: Wang et al. 2025, arXiv 2506.21734 (section 2: the recurrence, one-step gradient, deep supervision, halting).
TRM: Jolicoeur-Martineau 2025, arXiv 2510.04871 (section 4 and its figure 3), where z_H is called y and z_L is z.
What the papers leave open (scales, layouts, where the norm sits) follows the authors' released code.

Weights are a dict under the published names, ``model.inner.`` and ``_orig_mod.`` taken off by ``published``.
Nothing here knows the package that is tested with it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Weights = dict[str, Array]

EPS = 1e-5  # of the norm
IGNORED = -100  # label of a cell that is not scored


@dataclass(frozen=True)
class Settings:
    """What the weights' shapes do not tell."""

    N: int  # cycles of one segment            (HRM: N,  TRM: T)
    T: int  # low-level updates of one cycle   (HRM: T,  TRM: n)
    heads: int
    prefix: int  # positions that hold the puzzle embedding, before the cells
    rope: bool = False
    base: float = 10000.0  # of the rotary angles


@dataclass(frozen=True)
class Segment:
    """One forward pass of the whole recursion: its answer, its state, and every state on the way."""

    logits: Array  # [batch, cell, vocab]
    Q_halt: Array  # [batch]
    Q_continue: Array  # [batch]
    z_H: Array  # [batch, pos, d_model]
    z_L: Array
    path: list[tuple[str, Array]]  # ("z_L" or "z_H", its value) after every update, in order


def published(weights: dict[str, ArrayLike]) -> Weights:
    """The weights in float64, under the names of the papers' code without its wrappers' prefixes."""
    inner = "model.inner."
    names = {name: name.removeprefix("_orig_mod.").removeprefix(inner) for name in weights}
    return {short: np.asarray(weights[name], np.float64) for name, short in names.items()}


# ---------------------------------------------------------------- pieces of a block


def rms_norm(x: Array) -> Array:
    # x / sqrt(mean(x^2) + eps), over the last axis, with no gain
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + EPS)


def silu(x: Array) -> Array:
    # x * sigmoid(x)
    return x / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def swiglu(x: Array, W_gate_up: Array, W_down: Array) -> Array:
    # W_down (silu(W_gate x) * W_up x); gate and up are stacked, gate first
    W_gate, W_up = np.split(W_gate_up, 2)
    return (silu(x @ W_gate.T) * (x @ W_up.T)) @ W_down.T


def rotate(x: Array, base: float) -> Array:
    # RoPE. The pair (x_j, x_{j + d/2}) at position p turns by the angle p * base^(-2j/d), j = 0 .. d/2 - 1.
    pos, d = x.shape[-2:]
    angle = np.arange(pos)[:, None] * base ** (-2 * np.arange(d // 2) / d)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)], -1)


def attention(x: Array, W_qkv: Array, W_o: Array, s: Settings) -> Array:
    # softmax(q k^T / sqrt(d)) v for each head; all positions see all positions
    batch, pos, width = x.shape
    d = width // s.heads
    # rows of W_qkv: all heads of q, then all of k, then all of v
    q, k, v = ((x @ W.T).reshape(batch, pos, s.heads, d).swapaxes(1, 2) for W in np.split(W_qkv, 3))
    if s.rope:
        q, k = rotate(q, s.base), rotate(k, s.base)
    z = softmax(q @ k.swapaxes(-1, -2) / np.sqrt(d)) @ v
    return z.swapaxes(1, 2).reshape(batch, pos, width) @ W_o.T


def block(x: Array, θ: Weights, name: str, s: Settings) -> Array:
    # Post-norm: x <- norm(x + mix(x)), then x <- norm(x + mlp(x))
    if f"{name}.mlp_t.down_proj.weight" in θ:
        # TRM-MLP mixes positions with a SwiGLU along them, and this first norm runs along positions, too
        xT = x.swapaxes(1, 2)
        mixed = swiglu(xT, θ[f"{name}.mlp_t.gate_up_proj.weight"], θ[f"{name}.mlp_t.down_proj.weight"])
        x = rms_norm(xT + mixed).swapaxes(1, 2)
    else:
        W_qkv, W_o = θ[f"{name}.self_attn.qkv_proj.weight"], θ[f"{name}.self_attn.o_proj.weight"]
        x = rms_norm(x + attention(x, W_qkv, W_o, s))
    return rms_norm(x + swiglu(x, θ[f"{name}.mlp.gate_up_proj.weight"], θ[f"{name}.mlp.down_proj.weight"]))


# ---------------------------------------------------------------- the recursion


def module(x: Array, θ: Weights, level: str, s: Settings) -> Array:
    # f_H or f_L: a stack of blocks on the sum of what goes in
    depth = sum(key.startswith(f"{level}.layers.") and key.endswith(".mlp.down_proj.weight") for key in θ)
    for i in range(depth):
        x = block(x, θ, f"{level}.layers.{i}", s)
    return x


def f_L(z_L: Array, z_H: Array, x: Array, θ: Weights, s: Settings) -> Array:
    # z_L <- f_L(z_L, z_H, x~; θ_L)
    return module(z_L + (z_H + x), θ, "L_level", s)


def f_H(z_H: Array, z_L: Array, θ: Weights, s: Settings) -> Array:
    # z_H <- f_H(z_H, z_L; θ_H); TRM has one network for both (its section 4.3), named L_level
    level = "H_level" if any(key.startswith("H_level.") for key in θ) else "L_level"
    return module(z_H + z_L, θ, level, s)


def f_I(tokens: NDArray[np.integer], puzzle_ids: NDArray[np.integer], θ: Weights, s: Settings) -> Array:
    # x~ = f_I(x; θ_I): the puzzle's embedding fills the first positions, its tokens' embeddings the others
    cells = θ["embed_tokens.embedding_weight"][tokens]
    batch, _, d_model = cells.shape
    front = np.zeros((batch, s.prefix * d_model))
    if "puzzle_emb.weights" in θ:
        puzzle = θ["puzzle_emb.weights"][puzzle_ids]
        front[:, : puzzle.shape[1]] = puzzle  # zeros where the embedding is narrower than its positions
    x = np.concatenate([front.reshape(batch, s.prefix, d_model), cells], axis=1)
    if "embed_pos.embedding_weight" in θ:
        x = (x + θ["embed_pos.embedding_weight"]) / np.sqrt(2)
    return np.sqrt(d_model) * x


def initial_state(batch: int, pos: int, θ: Weights) -> tuple[Array, Array]:
    # z_H^0, z_L^0: one fixed vector each, the same at every position
    return tuple(np.broadcast_to(θ[f"{level}_init"], (batch, pos, θ[f"{level}_init"].size)) for level in "HL")


def segment(
    z_H: Array,
    z_L: Array,
    tokens: NDArray[np.integer],
    θ: Weights,
    s: Settings,
    puzzle_ids: NDArray[np.integer] | None = None,
    θ_past: Weights | None = None,
) -> Segment:
    """N cycles of T updates of z_L and one of z_H, then the answer and the halting values.

    ``θ_past``, where given, makes all updates that the published training does not differentiate through: all but
    the last L- and the last H-update of HRM (section 2, "approximate gradient"), all but the last cycle of TRM
    (section 4.1). The derivative of this function in θ, with θ_past held fixed, is then the published gradient.
    """
    puzzle_ids = np.zeros(len(tokens), int) if puzzle_ids is None else puzzle_ids
    is_trm = not any(key.startswith("H_level.") for key in θ)
    past = θ if θ_past is None else θ_past
    x, x_past = f_I(tokens, puzzle_ids, θ, s), f_I(tokens, puzzle_ids, past, s)
    path = []
    for n in range(1, s.N + 1):
        for t in range(1, s.T + 1):
            differentiated = n == s.N and (is_trm or t == s.T)
            z_L = f_L(z_L, z_H, x, θ, s) if differentiated else f_L(z_L, z_H, x_past, past, s)
            path.append(("z_L", z_L))
        z_H = f_H(z_H, z_L, θ if n == s.N else past, s)
        path.append(("z_H", z_H))
    logits = z_H[:, s.prefix :] @ θ["lm_head.weight"].T  # y^ = f_O(z_H; θ_O)
    Q = (
        z_H[:, 0] @ θ["q_head.weight"].T + θ["q_head.bias"]
    )  # Q^ = θ_Q^T z_H, at the first position, before sigma
    return Segment(logits, Q[:, 0], Q[:, 1], z_H, z_L, path)


def run(
    tokens: NDArray[np.integer],
    segments: int,
    θ: Weights,
    s: Settings,
    puzzle_ids: NDArray[np.integer] | None = None,
) -> list[Segment]:
    """Deep supervision's forward pass: each segment starts from the state the last one ended in."""
    z_H, z_L = initial_state(len(tokens), s.prefix + tokens.shape[1], θ)
    done: list[Segment] = []
    for _ in range(segments):
        done.append(segment(z_H, z_L, tokens, θ, s, puzzle_ids))
        z_H, z_L = done[-1].z_H, done[-1].z_L
    return done


# ---------------------------------------------------------------- the loss


def log_stablemax(logits: Array) -> Array:
    # log(s(x_i) / sum_j s(x_j)), s(x) = x + 1 for x >= 0 and 1/(1 - x) for x < 0   (arXiv 2501.04697)
    s = np.where(logits < 0, 1 / (1 - np.minimum(logits, 0)), np.maximum(logits, 0) + 1)
    return np.log(s / s.sum(axis=-1, keepdims=True))


def log_softmax(logits: Array) -> Array:
    return np.log(softmax(logits))


def answer_loss(logits: Array, labels: NDArray[np.integer], log_p=log_stablemax) -> float:
    # sum over rows of the mean over scored cells of -log p(label)
    scored = labels != IGNORED
    picked = np.take_along_axis(log_p(logits), np.where(scored, labels, 0)[..., None], -1)[..., 0]
    return float(-np.sum(np.where(scored, picked, 0).sum(1) / np.maximum(scored.sum(1), 1)))


def binary_cross_entropy(Q: Array, target: Array) -> float:
    # -[G log sigma(Q) + (1 - G) log(1 - sigma(Q))], summed over rows
    return float(np.sum(target * np.logaddexp(0, -Q) + (1 - target) * np.logaddexp(0, Q)))


def solved(logits: Array, labels: NDArray[np.integer]) -> Array:
    # G_halt = 1 where every scored cell is right
    return np.all((logits.argmax(-1) == labels) | (labels == IGNORED), axis=1).astype(float)


def continue_target(next: Segment, last: bool = False) -> Array:
    # G_continue = sigma(Q_halt) of the next segment if that is the last allowed, else sigma(max(Q_halt, Q_continue))
    Q = next.Q_halt if last else np.maximum(next.Q_halt, next.Q_continue)
    return 1 / (1 + np.exp(-Q))


def loss(out: Segment, labels: NDArray[np.integer], G_continue: Array | None = None) -> float:
    # L = L_answer + (BCE(Q_halt, G_halt) + BCE(Q_continue, G_continue)) / 2; TRM drops the last term (section 4.6)
    total = answer_loss(out.logits, labels) + 0.5 * binary_cross_entropy(
        out.Q_halt, solved(out.logits, labels)
    )
    if G_continue is not None:
        total += 0.5 * binary_cross_entropy(out.Q_continue, G_continue)
    return total
