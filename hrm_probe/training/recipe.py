"""Everything that decides a training, in one small file a person can read."""

import dataclasses
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.models.config import Architecture, Halting, Mixer, ModelConfig, Positions
from hrm_probe.near_names import near_or_all
from hrm_probe.training.precision import TrainingDtype, faster_dtype

RECIPES = Path(__file__).parent / "recipes"

Device = Literal["auto", "cpu", "cuda"]
Compile = Literal["auto", "on", "off"]


@dataclass(frozen=True)
class Recipe:
    """The settings of one training, with their reasons beside them.

    >>> recipe = Recipe().replace({"lr": "5e-4", "steps": 200})  # values may be text, as from a command line
    >>> recipe.lr
    0.0005

    Raises:
        InputError: a setting is unknown, of the wrong type or out of range; the sentence names it.
    """

    name: str = "unnamed"

    # -- the model (see ModelConfig); cells and vocabulary follow from the board --
    architecture: Architecture = "hrm"
    mixer: Mixer = "attention"
    positions: Positions = "rope"
    d_model: int = 64  # width of the states
    n_heads: int = 4
    H_layers: int = 2
    L_layers: int = 2
    H_cycles: int = 2
    L_cycles: int = 2
    prefix: int = 1  # positions before the cells, for the puzzle embedding
    expansion: float = 4.0  # hidden width of the MLPs, times 2/3, by that of what they take
    max_segments: int = 16  # after which a row must halt
    # Weights to begin with instead of random ones: a shipped model's name or a model folder, of the same shape.
    init_from: str = ""

    # -- the data --
    # A set's name, a CSV, the folder of a published data set (mazes, ARC), or "generate BOARD KIND COUNT" for puzzles
    # made on the spot (seeded by ``data_seed``): "generate 6x6 minimal 5000", "generate 11x11 maze 5000".
    train_set: str = "6x6-train"
    test_set: str = "6x6-test"
    train_sources: tuple[str, ...] = ()  # which sources of the set to train on; none named means all
    train_size: int = 0  # draw this many training puzzles, seeded by ``data_seed``; 0 takes all
    train_mix: Literal["set", "test"] = "set"  # ... in the mix of sources that the set has, or the test set
    data_seed: int = 0
    augment: bool = True  # a fresh random symmetry and relabelling for every Sudoku drawn
    turns: bool = False  # a fresh random turn or mirror image of other tasks: right for mazes, not for ARC
    hint_fraction: float = 0.0  # share of puzzles that get further clues; the analysis paper mixes half
    hint_min_blanks: int = 1  # blanks that hints leave at least; the analysis paper leaves one
    allow_leak: bool = False  # train although a test puzzle's class under symmetry is in the training set

    # -- the budget; replaced by --minutes where that is given --
    steps: int = 10_000  # one step = one segment for the whole batch
    batch_size: int = 64
    seed: int = 0

    # -- the optimiser --
    optimizer: Literal["adamw", "adam_atan2", "muon"] = "adamw"
    lr: float = 1e-3
    lr_min_ratio: float = 0.0  # cosine to zero: short runs gain most from the end of the annealing
    warmup: float = 0.02  # share of the budget
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95  # the papers' value; gradients change faster than in ordinary training
    puzzle_lr: float = 1e-3
    puzzle_weight_decay: float = 0.1
    ema_horizon: float = 0.02  # the average reaches over this share of the training so far

    # -- the loss --
    loss: Literal["stablemax", "softmax"] = "stablemax"
    loss_dtype: Literal["float64", "float32"] = "float64"
    gradient: Literal["published", "segment"] = "published"  # through the last updates only, or all of them

    # -- halting --
    # "q_learning" (HRM) halts where q_halt > q_continue and pays a second forward pass for its target;
    # "sign" (TRM) halts where q_halt > 0. "auto" takes the architecture's own.
    halting: Halting = "auto"
    # A row that halts makes room for a fresh puzzle, so that what follows an early answer is not trained on. False
    # trains all segments of every row; the halting values are learned all the same.
    early_halting: bool = True
    exploration: float = (
        0.1  # probability that a row may not halt before a random segment, drawn afresh at each
    )
    # The rows of a batch begin together, and until some halt early they end together too: every step then trains one
    # segment alone. True lets them begin at random segments, so that every step trains all.
    stagger: bool = False

    # -- curricula --
    # "plateau" deepens when the loss stops falling; "shallow" never does (CGAR's first stage throughout, as a control).
    # Models are tested and kept at full depth, however they were trained.
    depth: Literal["full", "cgar", "plateau", "shallow"] = "full"
    full_depth_by: float = 0.6  # "plateau": the share of the budget by which full depth begins; CGAR's
    supervision: Literal["uniform", "cgar", "published"] = "uniform"
    order: Literal["uniform", "easy_first"] = "uniform"  # "easy_first" draws from a growing share, by rating
    all_puzzles_by: float = 0.6  # "easy_first": the share of the budget by which all puzzles are drawn

    # -- the machine --
    # Of activations; weights and optimiser keep float32. "auto" takes bfloat16 where the machine is faster in it, and
    # float32 elsewhere; a run that is continued keeps what it began with.
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    # ... and of the finished model, which is tested and saved with it: rounding in bfloat16 would blur the small
    # movements by which settling and fixed points are told.
    kept_dtype: Literal["float32", "bfloat16"] = "float32"
    device: Device = "auto"
    compile: Compile = "auto"
    warm_graphs: bool = True  # where compiled: every stage's graph before the first step

    # -- records --
    log_every: int = 100
    evaluate_every: int = 1000
    evaluate_puzzles: int = 256  # of the test set, on the way; at the end all of it if training took as long
    checkpoint_every: int = 500
    keep_answers: int = 0  # of how many last evaluations the answers are kept, for votes among checkpoints
    answer_puzzles: int = 2000  # of the test set, or all of it if there are fewer
    answer_copies: int = 0  # symmetric copies of each that are asked too; the analysis paper asks in 9 ways

    def __post_init__(self) -> None:
        for name in _types():
            object.__setattr__(self, name, _read(name, getattr(self, name)))
        for name, choices in _choices().items():
            if getattr(self, name) not in choices:
                raise InputError(
                    f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(choices)}."
                )
        for name, kind in _types().items():
            if kind is float and not math.isfinite(getattr(self, name)):
                raise InputError(f"{name} is {getattr(self, name)}; it must be a finite number.")
            if kind in (int, float) and abs(getattr(self, name)) > _LARGEST:
                raise InputError(f"{name} is {getattr(self, name)}; it must not go beyond {_LARGEST:,}.")
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                raise InputError(f"{name} is {getattr(self, name)}; it must be greater than 0.")
        for name in _NOT_NEGATIVE:
            if getattr(self, name) < 0:
                raise InputError(f"{name} is {getattr(self, name)}; it must not be negative.")
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is {getattr(self, name)}; it is a share and must be in 0..1.")
        for name in _BELOW_ONE:
            if getattr(self, name) == 1:
                raise InputError(
                    f"{name} is 1; an average that never forgets learns nothing, so it must be below 1."
                )

    def replace(self, settings: Mapping[str, Any] | None = None, /, **changes: Any) -> "Recipe":
        """The same recipe with some settings changed; text is read as the setting's type.

        >>> Recipe().replace(steps=100).steps, Recipe().replace({"lr": "1e-4"}).lr
        (100, 0.0001)

        Args:
            settings, changes: by their names.

        Raises:
            InputError: a setting that is unknown, or takes no such value.
        """
        changed = {**(settings or {}), **changes}
        for key in changed:
            _known(key)
        return dataclasses.replace(self, **changed)

    @property
    def forward_dtype(self) -> TrainingDtype:
        """``dtype``, or for "auto" what suits the recipe's device here."""
        return faster_dtype(self.device) if self.dtype == "auto" else self.dtype

    def to_dict(self) -> dict[str, Any]:
        return {key: list(v) if isinstance(v, tuple) else v for key, v in dataclasses.asdict(self).items()}

    def model_config(self, cells: int, vocab: int, puzzles: int = 1) -> ModelConfig:
        """The model that this recipe trains, for puzzles with this many cells and tokens, and puzzle embeddings."""
        return ModelConfig(
            architecture=self.architecture, vocab=vocab, cells=cells, d_model=self.d_model, n_heads=self.n_heads,
            H_layers=self.H_layers, L_layers=self.L_layers, H_cycles=self.H_cycles, L_cycles=self.L_cycles,
            mixer=self.mixer, positions=self.positions, prefix=self.prefix, puzzles=puzzles,
            expansion=self.expansion,
            max_segments=self.max_segments, halting=self.halting, forward_dtype=self.forward_dtype,
        )  # fmt: skip


def load_recipe(recipe: "str | Path | Recipe", overrides: Mapping[str, Any] | None = None) -> Recipe:
    """A bundled recipe by name, or one from a TOML file; ``overrides`` change single settings.

    >>> load_recipe("hrm-6x6", {"lr": "1e-4"}).lr
    0.0001

    Args:
        recipe: a bundled recipe's name, a TOML file, or a Recipe to change.
        overrides: new values by the settings' names; text is read as ``--set`` reads it.

    Raises:
        InputError: no such recipe, or a setting that does not exist or does not fit.
    """
    if isinstance(recipe, Recipe):
        return recipe.replace(overrides or {})
    path = path_of(recipe)
    if not path.is_file():
        path = RECIPES / f"{recipe}.toml"
    if not path.is_file():
        raise InputError(f'There is no recipe "{recipe}"; {near_or_all(str(recipe), bundled_recipes())}.')
    try:
        settings = tomllib.loads(path.read_text())
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as UTF-8 and run again.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not valid TOML ({error}); fix it and run again.") from error
    return Recipe(name=path.stem).replace({**settings, **(overrides or {})})


def bundled_recipes() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def parse_settings(pairs: list[str]) -> dict[str, str]:
    """``["lr=1e-4"]`` as ``{"lr": "1e-4"}``, the form that command lines give.

    Raises:
        InputError: an item is not of the form key=value, or a key is set to two values.
    """
    settings: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = (part.strip() for part in pair.partition("="))
        if not separator or not key:
            raise InputError(f'--set takes key=value, not "{pair}".')
        if settings.setdefault(key, value) != value:
            raise InputError(f"{key} is set twice, to {settings[key]} and to {value}; set it once.")
    return settings


_POSITIVE = (
    "steps", "batch_size", "lr", "max_segments", "log_every", "evaluate_every", "evaluate_puzzles",
    "checkpoint_every", "expansion", "answer_puzzles",
)  # fmt: skip
_NOT_NEGATIVE = (
    "weight_decay", "puzzle_lr", "puzzle_weight_decay", "hint_min_blanks", "seed", "data_seed", "train_size",
    "keep_answers", "answer_copies",
)  # fmt: skip
_LARGEST = 2**62  # what numbers may be: beyond, seeds and counts do not fit into 64 bits everywhere
_BELOW_ONE = ("beta1", "beta2")
_SHARES = (
    "warmup", "lr_min_ratio", "hint_fraction", "exploration", "ema_horizon", "beta1", "beta2",
    "full_depth_by", "all_puzzles_by",
)  # fmt: skip


@cache
def _types() -> dict[str, Any]:
    return get_type_hints(Recipe)


@cache
def _choices() -> dict[str, tuple[str, ...]]:
    return {name: get_args(kind) for name, kind in _types().items() if get_origin(kind) is Literal}


def _known(key: str) -> None:
    """Raise an InputError that lists near names where there is no such setting."""
    if key not in _types():
        raise InputError(f'There is no setting "{key}"; {near_or_all(key, sorted(_types()))}.')


def _read(key: str, value: Any) -> Any:
    """``value`` as the type of setting ``key``."""
    kind = _types()[key]
    try:
        if get_origin(kind) is tuple:
            items = [v for v in value.split(",") if v.strip()] if isinstance(value, str) else list(value)
            return tuple(str(item).strip() for item in items)
        if kind is bool:
            return _read_bool(value)
        if kind is int:
            return _read_int(value)
        if kind is float:
            if isinstance(value, bool):
                raise TypeError
            return float(value)
        if not isinstance(value, str | Path):
            raise TypeError
        return str(value)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputError(f"{key} is {value!r}; it must be {_KINDS.get(kind, 'text')}.") from None


_KINDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple[str, ...]: "a list of names",
}


def _read_bool(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


def _read_int(value: Any) -> int:
    if isinstance(value, str):
        return int(value.replace("_", ""))
    if isinstance(value, bool) or int(value) != value:
        raise TypeError
    return int(value)
