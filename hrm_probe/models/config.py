"""What it takes to build a recursive reasoning model, and nothing else."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.near_names import near_or_all

Architecture = Literal["hrm", "trm"]
Mixer = Literal["attention", "mlp"]
Positions = Literal["rope", "learned", "none"]
Halting = Literal["auto", "q_learning", "sign"]
ForwardDtype = Literal["float32", "bfloat16", "float64"]
Sliced = TypeVar("Sliced", bound=Any)


@dataclass(frozen=True)
class ModelConfig:
    """The shape of one model. The defaults are the published HRM for 9x9 Sudoku (27,275,266 parameters).

    >>> ModelConfig(architecture="trm", mixer="mlp", positions="none", L_layers=2, H_cycles=3, L_cycles=6, prefix=16)
    ... # doctest: +SKIP

    Raises:
        InputError: a value does not fit; the sentence names it.
    """

    architecture: Architecture = "hrm"
    vocab: int = 11  # 0 padding, 1 blank, v+1 for digit v
    cells: int = 81
    d_model: int = 512
    n_heads: int = 8
    H_layers: int = 4  # ignored by TRM, whose one module serves both levels
    L_layers: int = 4
    H_cycles: int = 2
    L_cycles: int = 2
    mixer: Mixer = "attention"  # "mlp" mixes positions with a SwiGLU instead (TRM's mlp_t)
    positions: Positions = "rope"
    prefix: int = 1  # positions that the puzzle embedding takes, before the cells
    puzzles: int = 1  # number of puzzle embeddings
    expansion: float = 4.0
    max_segments: int = 16
    halting: Halting = "auto"  # the architecture's own: HRM "q_learning", TRM "sign" (see models/halting.py)
    norm_eps: float = 1e-5
    rope_theta: float = 10000.0
    forward_dtype: ForwardDtype = "float32"  # of activations; parameters are float32

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"config: {name} is {getattr(self, name)!r}; it must be one of {', '.join(allowed)}."
                )
        for name in _POSITIVE:
            if isinstance(value := getattr(self, name), np.generic):
                object.__setattr__(self, name, value := value.item())
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
                raise InputError(f"config: {name} is {value!r}; it must be a number greater than 0.")
        smallest = {"prefix": 0, "H_layers": 0 if self.architecture == "trm" else 1}
        for name in _COUNTS:
            count = whole_number(getattr(self, name), f"config: {name}", smallest.get(name, 1))
            object.__setattr__(self, name, count)
        narrowest = min(self.d_model, self.pos) if self.mixer == "mlp" else self.d_model
        if round(self.expansion * narrowest * 2 / 3) < 1:
            raise InputError(
                f"config: an expansion of {self.expansion:g} leaves an MLP no width; take 4, say."
            )
        if self.mixer == "attention" and self.d_model % self.n_heads:
            raise InputError(
                f"config: d_model {self.d_model} is not a multiple of n_heads {self.n_heads}; change one of them."
            )
        if self.mixer == "attention" and self.positions == "rope" and self.d_head % 2:
            raise InputError(f"config: rotary positions need an even head width, not {self.d_head}.")

    @property
    def pos(self) -> int:
        """Length of the sequence that the model sees: prefix, then cells."""
        return self.prefix + self.cells

    def cells_of(self, values: Sliced, *axes: int) -> Sliced:
        """The cells of an activation, without the prefix before them.

        >>> config = ModelConfig(cells=16, vocab=6, prefix=4)
        >>> config.cells_of(np.zeros((8, 20, 512))).shape
        (8, 16, 512)
        >>> config.cells_of(np.zeros((8, 8, 20, 20)), -2, -1).shape  # attention: from cell to cell
        (8, 8, 16, 16)

        Args:
            values: tensor or array with an axis of positions, or several.
            axes: which those are; the last but one if none is named, as of a state.

        Raises:
            InputError: an axis that is not as long as there are positions.
        """
        shape = tuple(np.shape(values))
        keep = [slice(None)] * len(shape)
        for axis in axes or (-2,):
            if axis not in range(-len(shape), len(shape)) or shape[axis] != self.pos:
                raise InputError(
                    f"Axis {axis} of shape {shape} is no axis of positions, of which there are {self.pos}; "
                    "name the one that is."
                )
            keep[axis] = slice(self.prefix, None)
        cells: Sliced = values[tuple(keep)]
        return cells

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the modules: HRM has two, TRM one for both levels."""
        return ("H", "L") if self.architecture == "hrm" else ("L",)

    @property
    def layers_of_H_update(self) -> int:
        """Blocks of an H-update: TRM's one module serves both levels."""
        return self.H_layers if self.architecture == "hrm" else self.L_layers

    @property
    def layers_of_segment(self) -> int:
        """Blocks that a segment passes: each cycle has ``L_cycles`` L-updates and one H-update."""
        return self.H_cycles * (self.L_cycles * self.L_layers + self.layers_of_H_update)

    @property
    def halting_rule(self) -> str:
        if self.halting != "auto":
            return self.halting
        return "q_learning" if self.architecture == "hrm" else "sign"

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ModelConfig":
        """Build a config; an unknown name is an error that lists near ones."""
        known = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in known:
                raise InputError(f"config: there is no setting {name!r}; {near_or_all(str(name), known)}.")
        return cls(**values)

    def replace(self, **changes: Any) -> "ModelConfig":
        """The same config with some values changed."""
        return ModelConfig.from_dict({**self.to_dict(), **changes})


_CHOICES: dict[str, tuple[str, ...]] = {
    name: get_args(kind) for name, kind in get_type_hints(ModelConfig).items() if get_origin(kind) is Literal
}
_POSITIVE = ("expansion", "norm_eps", "rope_theta")
_COUNTS = (
    "vocab", "cells", "d_model", "n_heads", "H_layers", "L_layers",
    "H_cycles", "L_cycles", "prefix", "puzzles", "max_segments",
)  # fmt: skip
