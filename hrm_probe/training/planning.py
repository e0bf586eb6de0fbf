"""What a training is to be: its arguments, settled before anything is loaded."""

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.training.budget import Clock
from hrm_probe.training.curricula import PlateauDepth
from hrm_probe.training.curriculum import ProgressiveDepth, SupervisionWeighting
from hrm_probe.training.distributed import Group
from hrm_probe.training.precision import TrainingDtype
from hrm_probe.training.recipe import Recipe, load_recipe
from hrm_probe.training.run_folder import settings_begun_with
from hrm_probe.wording import counted

Depth = ProgressiveDepth | PlateauDepth


@dataclass(frozen=True)
class Plan:
    """What is to be trained, where and for how long.

    Attributes:
        recipe, folder, resume, minutes, clock: the arguments of ``train``, settled.
        depth, supervision: in the place of the recipe's; None for those.
    """

    recipe: Recipe
    folder: Path
    resume: bool
    minutes: float | None
    clock: Clock
    depth: Depth | None = None
    supervision: SupervisionWeighting | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What a run goes on with only unchanged."""
        return {**self.recipe.to_dict(), "minutes": self.minutes, "clock": self.clock}

    def in_one_precision(self, dtype: TrainingDtype) -> "Plan":
        """The same with what ``dtype=auto`` stands for."""
        return replace(self, recipe=self.recipe.replace(dtype=dtype))

    @property
    def curricula(self) -> dict[str, str]:
        """Those that are not the recipe's, as Python writes them."""
        own = {"depth": self.depth, "supervision": self.supervision}
        return {name: repr(one) for name, one in own.items() if one is not None}


def planned(
    group: Group,
    recipe: str | Path | Recipe | None,
    out: str | Path | None,
    *,
    resume: bool,
    minutes: float | None,
    overrides: Mapping[str, Any] | None,
    clock: Clock,
    hooked: bool,
    depth: Depth | None,
    supervision: SupervisionWeighting | None,
) -> Plan:
    """The arguments of a training, settled: a run that is named by its folder alone goes on as it was begun.

    Args:
        group: the processes that train together.
        recipe, out, resume, minutes, overrides, clock, depth, supervision: as of ``train``.
        hooked: hooks stand in the model.

    Raises:
        InputError: what does not fit together.
    """
    if recipe is None:
        begun_in = path_of(out) if out is not None and resume else None
        begun = group.by_leader(partial(settings_begun_with, begun_in))
        minutes_then, clock = begun.pop("minutes"), begun.pop("clock")
        minutes = minutes_then if minutes is None else minutes
        recipe = Recipe().replace(begun)
    with group.united():
        recipe = load_recipe(recipe, overrides)
        if clock not in get_args(Clock):
            raise InputError(f"clock is {clock!r}; it must be one of {', '.join(get_args(Clock))}.")
        # Of endless minutes no share is ever used.
        if minutes is not None and not (isinstance(minutes, int | float) and 0 < minutes < math.inf):
            raise InputError(f"minutes is {minutes!r}; it must be a finite number greater than 0.")
        if recipe.batch_size % group.size:
            raise InputError(
                f"batch_size is {recipe.batch_size}, which {group.size} processes cannot share evenly; "
                f"choose a multiple of {group.size}, or another number of processes."
            )
        if hooked:
            recipe = _uncompiled(recipe)
        _check_own(depth, supervision, recipe)
    folder = path_of(out) if out is not None else Path("runs") / recipe.name
    return Plan(
        recipe=recipe,
        folder=folder,
        resume=resume,
        minutes=minutes,
        clock=clock,
        depth=deepcopy(depth),
        supervision=supervision,
    )


def _uncompiled(recipe: Recipe) -> Recipe:
    """The recipe of a training with hooks, which run in Python."""
    if recipe.compile == "on":
        raise InputError("compile=on, but hooks cannot be compiled; train with compile=off.")
    return recipe.replace({"compile": "off"})


def _check_own(depth: object, supervision: object, recipe: Recipe) -> None:
    """Raise an InputError where curricula of one's own are none, or do not fit the recipe."""
    if depth is not None and not isinstance(depth, Depth):
        raise InputError(
            f"depth is {depth!r}; give a ProgressiveDepth or a PlateauDepth, or name one in overrides."
        )
    if supervision is None:
        return
    if not isinstance(supervision, SupervisionWeighting):
        raise InputError(
            f"supervision is {supervision!r}; give a SupervisionWeighting, or name one in overrides."
        )
    if supervision.segments != recipe.max_segments:
        raise InputError(
            f"supervision weighs {counted(supervision.segments, 'segment')}, and rows of this recipe run up to "
            f"{recipe.max_segments}; make it with segments={recipe.max_segments}."
        )
