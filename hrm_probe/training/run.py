"""From a recipe to a trained model in a folder."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.errors import InputError
from hrm_probe.files import remove_unfinished
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.hooks import HookFunction, NamesFilter
from hrm_probe.models.saving import CONFIG
from hrm_probe.training.answers import ANSWERS, AnswerKeeper
from hrm_probe.training.budget import Budget, Clock
from hrm_probe.training.checkpoint import (
    CHECKPOINT,
    load_checkpoint,
    refuse_other_settings,
    save_checkpoint,
)
from hrm_probe.training.data.sets import fingerprint, load_data
from hrm_probe.training.display import Display
from hrm_probe.training.distributed import Group, joined_processes
from hrm_probe.training.evaluate import solved_by_group
from hrm_probe.training.folder_lock import FolderLock
from hrm_probe.training.loop import Loop
from hrm_probe.training.metrics import METRICS, MetricsFile, is_ours
from hrm_probe.training.recipe import Recipe, load_recipe
from hrm_probe.training.remarks import remarks
from hrm_probe.training.summary import MODEL, SUMMARY, read_summary, summarise, write_summary
from hrm_probe.training.trainer import Trainer
from hrm_probe.training.warm_start import weights_to_begin_with
from hrm_probe.wording import counted

OF_THE_RUN = (
    "hooked",
    "data",
)  # what a checkpoint keeps beside the settings, and a run goes on with only if it is the same
Hooks = Sequence[tuple[NamesFilter, HookFunction]]


@dataclass(frozen=True)
class TrainingResult:
    """What came of a training.

    Attributes:
        model: with the averaged weights, at full depth, and without the hooks that it was trained with.
        out: the folder: ``checkpoint.pt``, ``model/`` (the averaged weights, from the first checkpoint on),
            ``metrics.jsonl``, ``answers.npz`` where answers are kept, and ``summary.json`` once finished.
        step: steps taken.
        finished: False if it was interrupted, in its last evaluation too; resume it to go on.
        summary: what ``summary.json`` holds; empty unless finished.
    """

    model: RecursiveReasoner
    out: Path
    step: int
    finished: bool
    summary: dict[str, Any]


def train(
    recipe: str | Path | Recipe | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    minutes: float | None = None,
    overrides: Mapping[str, Any] | None = None,
    clock: Clock = "wall",
    watch: Callable[[Trainer, float], None] | None = None,
    fwd_hooks: Hooks = (),
) -> TrainingResult:
    """Train a model by a recipe, into a folder.

    >>> result = train("toy-4x4", "runs/toy")                               # doctest: +SKIP
    >>> result.summary["accuracy"]["all"]["accuracy"]                       # doctest: +SKIP

    What does a model learn that must do without a part of itself? Hooks stand in every step and every evaluation:

    >>> train("hrm-6x6", "runs/no-mlp", fwd_hooks=[("H.blocks.0.hook_mlp_out", lambda x, hook: 0 * x)])
    ...                                                                     # doctest: +SKIP

    A run that was killed goes on from its last checkpoint with ``resume=True``; on a CPU it then ends in weights
    that are bit-identical to those of an undisturbed run with the same number of threads (on a GPU, and with a
    budget in minutes, it ends in others). Ctrl-C saves and stops.

    Started by ``torchrun``, the processes train one model together, each with its share of every batch: the losses
    are those of one process, but for rounding. The first process alone writes, and a run may go on with another
    number of processes.

    Args:
        recipe: a bundled recipe's name, a TOML file, or a Recipe. None goes on with the run in ``out`` as it was
            begun, its minutes and clock included.
        out: the folder; ``runs/RECIPE`` if not given.
        resume: go on with the run in ``out``; starts it if there is no checkpoint yet and a recipe is given.
        minutes: budget of wall time, used instead of ``steps``: learning rate and curricula follow the share of it
            that is used, and the finished model is there when it is over. Sets that are slow to load or a first
            compilation count too; importing torch, before the call, does not.
        overrides: settings to change, such as ``{"lr": 1e-4}``; values may be text.
        clock: what ``minutes`` are: wall time, or processor time of this process in training steps; see
            :class:`hrm_probe.training.budget.Budget`.
        watch: called with the trainer and the progress (0..1) after every evaluation while training, the model at
            full depth; it must leave everything as it finds it.
        fwd_hooks: pairs (name, function) as ``model.hooks`` takes them, under which the model is trained and
            evaluated, uncompiled. A training step is one segment of rows that stand at different ones, and hooks are
            told segment 1 in it; only in evaluations do they know which it is. ``summary.json`` says where they
            stood. The model that is kept has none: give it the same ones when it is used. A run goes on with hooks at
            the same points only; that the functions are the same is for the caller to see to.

    Raises:
        InputError: a setting or set that does not fit; a run in ``out`` when not resuming, or one that another
            process is at; other settings than those of the run to resume, or hooks at other points; neither a
            recipe nor a run; ``compile=on`` with hooks; a loss that is no longer a number.
        HookError: a name of ``fwd_hooks`` that matches nothing.
    """
    with joined_processes() as group, FolderLock() as lock:
        return _train(group, lock, recipe, out, resume, minutes, overrides, clock, watch, fwd_hooks)


def _train(
    group: Group,
    lock: FolderLock,
    recipe: str | Path | Recipe | None,
    out: str | Path | None,
    resume: bool,
    minutes: float | None,
    overrides: Mapping[str, Any] | None,
    clock: Clock,
    watch: Callable[[Trainer, float], None] | None,
    fwd_hooks: Hooks,
) -> TrainingResult:
    if recipe is None:
        begun = group.by_leader(partial(_settings_begun_with, out, resume))
        budget_then, clock = begun.pop("minutes"), begun.pop("clock")
        for name in OF_THE_RUN:
            begun.pop(name, None)
        minutes = budget_then if minutes is None else minutes
        recipe = Recipe().replace(begun)
    with group.united():
        recipe = load_recipe(recipe, overrides)
        if minutes is not None and not 0 < minutes < math.inf:  # of endless minutes no share is ever used
            raise InputError(f"minutes is {minutes}; it must be a finite number greater than 0.")
        if recipe.batch_size % group.size:
            raise InputError(
                f"batch_size is {recipe.batch_size}, which {group.size} processes cannot share evenly; "
                f"choose a multiple of {group.size}, or another number of processes."
            )
        if fwd_hooks:
            recipe = _uncompiled(recipe)
    folder = Path(out) if out is not None else Path("runs") / recipe.name
    settings = {**recipe.to_dict(), "minutes": minutes, "clock": clock}
    saved = group.by_leader(partial(_open_folder, folder, resume, settings, lock))
    spent, setup = (saved["seconds"], saved["setup"]) if saved else (0.0, 0.0)
    kept_back = saved.get("kept_back", 0.0) if saved else 0.0
    planned = saved.get("planned", 0.0) if saved else 0.0
    budget = Budget(recipe.steps, minutes, spent, setup, clock, kept_back, planned)
    keep_freed_memory()

    with Display(recipe.name, silent=not group.leads) as display, ExitStack() as hooked:
        with group.united():
            data = load_data(recipe)
            begins_as = None if saved else weights_to_begin_with(recipe)
            trainer = Trainer(recipe, data.train, display.say, group, begins_as)
            hooked.enter_context(trainer.model.hooks(fwd_hooks, must_fire=False))
            settings["hooked"] = [name for name, point in trainer.model.hook_dict.items() if point.watched]
            settings["data"] = fingerprint(data)
            if saved:
                then = saved["settings"]
                refuse_other_settings(
                    {"hooked": settings["hooked"]}, {"hooked": then.get("hooked", [])}, folder
                )
                _refuse_other_puzzles(settings["data"], then.get("data", {}), folder)
        for remark in remarks(recipe, data.train, minutes, data.test) if not saved else ():
            display.say(remark)
        if begins_as is not None:
            display.say(
                f"It begins with the weights of {recipe.init_from}; what those were trained on is in no leak check."
            )
        if resume and not saved:
            display.say(f"There is no run in {folder} to go on with: this one starts at step 0.")
        if saved:
            trainer.load_state_dict(saved["trainer"])
            if saved["finished"] and (summary := group.by_leader(partial(read_summary, folder))):
                display.say(f"The run in {folder} is finished: nothing is left to do.")
                trainer.finish()
                group.by_leader(partial(_save_if_lost, trainer.model, folder / MODEL))
                return TrainingResult(trainer.model, folder, trainer.step, True, summary)
            display.say(f"Going on from step {trainer.step:,} of the run in {folder}.")
            if (
                before := saved["trainer"]["stream"].get("device", trainer.device.type)
            ) != trainer.device.type:
                display.say(
                    f"It began on {before} and goes on on {trainer.device.type}, with other random draws."
                )
            del saved["trainer"]  # several times the size of the model, in every process
        path = folder / METRICS if group.leads else None
        metrics = MetricsFile(path, keep=saved["metrics_offset"] if saved else 0)
        cpu_before, cpu_start = (saved["cpu_seconds"] if saved else 0.0), cpu_seconds()

        def cpu_spent() -> float:
            return cpu_before + sum(group.gather(cpu_seconds() - cpu_start))

        def save(finished: bool) -> None:
            state = {
                "settings": settings,
                "trainer": trainer.state_dict(),
                "seconds": budget.elapsed(),
                "setup": budget.setup,
                "kept_back": budget.kept_back,
                "planned": budget.planned,
                "cpu_seconds": cpu_spent(),
                "metrics_offset": metrics.offset,
                "finished": finished,
                "owes_evaluation": loop.owes_evaluation,
            }

            def write() -> None:
                if not finished or not (folder / CHECKPOINT).exists():
                    # First: a model alone would pass for another training's.
                    save_checkpoint(folder, {**state, "finished": False})
                with trainer.averaged(recipe.kept_dtype) as model:
                    model.save(folder / MODEL)
                if finished:
                    save_checkpoint(folder, state)  # last: a run that is told to be finished has its model

            group.by_leader(write)

        keeper = None
        if recipe.keep_answers:
            asked = data.test.sample(min(recipe.answer_puzzles, len(data.test)), recipe.data_seed)
            keeper = AnswerKeeper(
                folder,
                asked,
                recipe.keep_answers,
                trainer.step,
                group,
                recipe.answer_copies,
                recipe.data_seed,
            )
        owes_evaluation = bool(saved and saved.get("owes_evaluation", False))
        loop = Loop(trainer, budget, data.test, metrics, display, save, watch, keeper, owes_evaluation)
        try:
            finished = bool(saved and saved["finished"]) or loop.run()
        finally:
            metrics.close()
        trainer.finish()
        if saved and saved["finished"]:
            group.by_leader(partial(_save_if_lost, trainer.model, folder / MODEL))
        if not finished:
            return TrainingResult(trainer.model, folder, trainer.step, False, {})
        display.say(f"Trained; the model is in {folder / MODEL}.")
        try:
            with budget.aside():
                if keeper is not None and not keeper.has(trainer.step):
                    if loop.has_time_to_ask():
                        with trainer.computing_in(recipe.dtype):  # as the checkpoints before were asked
                            keeper.ask(trainer.model, trainer.step)
                    else:
                        display.say("The minutes leave no time to keep the answers of the last step.")
                tested = loop.final_puzzles()
                display.say(f"Now it is asked {counted(len(tested), 'held-out puzzle')}.")
                solved = solved_by_group(group, trainer.model, tested)
        except KeyboardInterrupt:
            return TrainingResult(trainer.model, folder, trainer.step, False, {})
        cpu = cpu_spent()

        def write() -> dict[str, Any]:
            account = summarise(trainer, budget, data, tested, solved, cpu, settings["hooked"])
            write_summary(folder, account)
            return account

        return TrainingResult(trainer.model, folder, trainer.step, True, group.by_leader(write))


def _refuse_other_puzzles(now: dict[str, str], then: dict[str, str], folder: Path) -> None:
    """A run goes on only with the puzzles it began with: what was found of leaks was found of those."""
    changed = [f"{name}_set" for name in now if then.get(name, now[name]) != now[name]]
    if changed:
        raise InputError(
            f"The puzzles of {' and '.join(changed)} are no longer those that the run in {folder} began with; put "
            "them back, or start a new run with another --out."
        )


def _save_if_lost(model: RecursiveReasoner, folder: Path) -> None:
    """The weights of a finished run are in its checkpoint, too."""
    if not folder.exists():
        model.save(folder)


def _uncompiled(recipe: Recipe) -> Recipe:
    """The recipe of a training with hooks, which run in Python."""
    if recipe.compile == "on":
        raise InputError("compile=on, but hooks cannot be compiled; train with compile=off.")
    return recipe.replace({"compile": "off"})


def _open_folder(
    folder: Path, resume: bool, settings: dict[str, Any], lock: FolderLock
) -> dict[str, Any] | None:
    """Make the run's folder, for this process alone; give the checkpoint to go on from, if there is one."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder for the run.")
    lock.make_and_take(folder)  # before reading: whoever holds it may still be saving
    saved = load_checkpoint(folder)
    if saved is not None and not resume:
        raise InputError(
            f"{folder} already holds a run: go on with it by --resume, or name another folder by --out."
        )
    if saved is not None:
        then = {**Recipe().to_dict(), **saved["settings"]}  # a setting that did not exist yet had its default
        for name in OF_THE_RUN:
            then.pop(name, None)  # what those are now, the model and the sets will tell
        refuse_other_settings(settings, then, folder)
    if saved is None and (
        there := [name for name in (MODEL, SUMMARY, ANSWERS, CONFIG) if (folder / name).exists()]
    ):
        raise InputError(
            f"{folder} holds {' and '.join(there)} of another training, but no checkpoint to go on from; name another "
            "folder by --out, so that nothing is lost."
        )
    if saved is None and not is_ours(folder / METRICS):
        raise InputError(
            f"{folder} holds a {METRICS} that is no training's; name another folder by --out, so that it is not lost."
        )
    for name in (CHECKPOINT, MODEL, SUMMARY, ANSWERS):
        remove_unfinished(folder / name)  # a checkpoint is large, and a run may be killed often
    return saved


def _settings_begun_with(out: str | Path | None, resume: bool) -> dict[str, Any]:
    """Settings of the run in a folder: those of its recipe, ``minutes`` and ``clock``."""
    saved = load_checkpoint(Path(out)) if out is not None and resume else None
    if saved is None:
        if resume and out is not None:
            raise InputError(f"Name a recipe: {out} holds no run to go on with.")
        raise InputError("Name a recipe, or a run to go on with by --out FOLDER --resume.")
    settings: dict[str, Any] = saved["settings"]
    return settings


def cpu_seconds() -> float:
    """Processor time of this process and its finished children (compilers)."""
    return sum(os.times()[:4])
