"""What is said of a recipe before it trains: settings that decide nothing beside the others, and what cannot work."""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from hrm_probe.models.tasks import Asked, Tasks
from hrm_probe.sudoku import Puzzles, count_solutions
from hrm_probe.training.curricula import PlateauDepth
from hrm_probe.training.curriculum import ProgressiveDepth
from hrm_probe.training.recipe import Recipe
from hrm_probe.wording import counted, verb

LOOKED_AT = 200  # puzzles of a set
LEAST_DECAY = 0.9  # below it nobody means the decay of an average of weights


class Need(NamedTuple):
    """Settings that decide something only where another one has it so."""

    settings: tuple[str, ...]
    is_met: Callable[[Recipe], bool]
    what: str


def _deepens(recipe: Recipe) -> bool:
    """Does any part of the training run at less than full depth?"""
    stages = ProgressiveDepth.cgar(recipe.L_cycles, recipe.H_cycles).stages
    first, full = ((stage.L_cycles, stage.H_cycles) for stage in (stages[0], stages[-1]))
    return first != full


NEEDS = (
    Need(("H_layers",), lambda r: r.architecture == "hrm", "architecture=hrm"),
    Need(("n_heads",), lambda r: r.mixer == "attention", "mixer=attention"),
    Need(("train_mix",), lambda r: r.train_size > 0, "train_size above 0"),
    Need(("hint_min_blanks",), lambda r: r.hint_fraction > 0, "hint_fraction above 0"),
    Need(("puzzle_lr", "puzzle_weight_decay"), lambda r: r.prefix > 0, "prefix above 0"),
    Need(("exploration", "stagger", "supervision"), lambda r: r.max_segments > 1, "max_segments above 1"),
    Need(("exploration",), lambda r: r.early_halting, "early_halting=true"),
    Need(("depth",), _deepens, "a full depth beyond (L_cycles, H_cycles) = (2, 1)"),
    Need(("full_depth_by",), lambda r: r.depth == "plateau", "depth=plateau"),
    Need(("all_puzzles_by",), lambda r: r.order == "easy_first", "order=easy_first"),
    Need(("answer_puzzles", "answer_copies"), lambda r: r.keep_answers > 0, "keep_answers above 0"),
)


def remarks(
    recipe: Recipe, train: Asked, minutes: float | None = None, test: Asked | None = None
) -> list[str]:
    """A sentence for each thing that the recipe asks for and does not get; none where all is as it seems.

    >>> from hrm_probe.sudoku import generate
    >>> remarks(Recipe(answer_copies=8), generate(5, "minimal", "4x4"))
    ['answer_copies=8 has no effect: it needs keep_answers above 0.']

    Args:
        recipe: whose settings are asked; those that have their default are passed over.
        train: the training set.
        minutes: the budget, where it is not the recipe's steps.
        test: the test set, if that is to be looked at, too.
    """
    usual = Recipe()
    said = []
    for settings, is_met, what in NEEDS:
        idle = [_set(recipe, name) for name in settings if getattr(recipe, name) != getattr(usual, name)]
        if idle and not is_met(recipe):
            has, needs = ("has", "it needs") if len(idle) == 1 else ("have", "they need")
            said.append(f"{' and '.join(idle)} {has} no effect: {needs} {what}.")
    if recipe.hint_fraction > 0 and train.blanks.sum(axis=1).max() <= recipe.hint_min_blanks:
        said.append(
            f"{_set(recipe, 'hint_fraction')} has no effect: no training puzzle has more blanks than "
            f"{_set(recipe, 'hint_min_blanks')}."
        )
    if recipe.turns and isinstance(train, Puzzles):
        said.append("turns=true has no effect: it is of tasks that are no Sudokus; those have augment.")
    if isinstance(train, Tasks):
        said += _of_one_answer(train)
    if recipe.mixer == "attention" and recipe.positions == "none":
        said.append(
            "mixer=attention with positions=none cannot tell one cell from another: use positions=rope."
        )
    if recipe.ema_horizon >= LEAST_DECAY:
        said.append(
            f"{_set(recipe, 'ema_horizon')} is not a decay: the average reaches over that share of the training so "
            f"far, almost to the first weights; {Recipe().ema_horizon:g} is usual."
        )
    for name, puzzles in (("train_set", train), ("test_set", test)):
        said += _of_several_solutions(name, puzzles) if isinstance(puzzles, Puzzles) else []
    return said if minutes is not None else [*said, *_of_steps(recipe)]


def _of_one_answer(train: Tasks) -> list[str]:
    """Of bits, say, the ones alone are asked for, since 0 is padding."""
    largest = int(train.answers.max())
    if train.answers.min(where=train.asked, initial=largest) < largest:
        return []
    return [
        f"train_set asks for no other token than {largest}: a model that always says so solves every task. A cell "
        "whose answer is 0 is not asked for; number the answers from 1."
    ]


def _of_several_solutions(name: str, puzzles: Puzzles) -> list[str]:
    """Of a sample of a set: of several solutions only the one that is given counts as right, and nobody can know it."""
    looked_at = puzzles.sample(min(len(puzzles), LOOKED_AT))
    several = int((count_solutions(looked_at.grids) != 1).sum())
    if not several:
        return []
    return [
        f"{name}: {several:,} of {counted(len(looked_at), 'puzzle')} looked at {verb(several, 'has', 'have')} "
        "more than one solution; any but the given one counts as wrong."
    ]


def _of_steps(recipe: Recipe) -> list[str]:
    """What the number of steps is too small for."""
    said = []
    longest = 2 * PlateauDepth.window * recipe.steps  # two windows of readings are compared
    if recipe.depth == "plateau" and recipe.log_every >= longest:
        said.append(
            f"depth=plateau deepens by full_depth_by alone: {_set(recipe, 'log_every')} is too infrequent to tell "
            f"whether the loss falls; of {recipe.steps:,} steps it must be below {longest:g}."
        )
    evaluations = ceil(recipe.steps / recipe.evaluate_every)
    if recipe.keep_answers > evaluations:
        said.append(
            f"{_set(recipe, 'keep_answers')} gets only {evaluations}: there are no more evaluations with "
            f"{_set(recipe, 'evaluate_every')}."
        )
    return said


def _set(recipe: Recipe, name: str) -> str:
    """A setting as it is set."""
    value = getattr(recipe, name)
    return f"{name}={str(value).lower() if isinstance(value, bool) else value}"
