"""From a recipe to a trained model in a folder."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.hooks import HookFunction, NamesFilter
from hrm_probe.models.tasks import Asked
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.answers import AnswerKeeper
from hrm_probe.training.budget import Budget, Clock
from hrm_probe.training.checkpoint import CHECKPOINT, save_checkpoint
from hrm_probe.training.curricula import PlateauDepth
from hrm_probe.training.curriculum import ProgressiveDepth, SupervisionWeighting
from hrm_probe.training.data.sets import hashes_of, load_data
from hrm_probe.training.display import Display
from hrm_probe.training.distributed import Group, joined_processes
from hrm_probe.training.evaluate import solved_by_group
from hrm_probe.training.folder_lock import FolderLock
from hrm_probe.training.loop import Loop
from hrm_probe.training.metrics import METRICS, MetricsFile
from hrm_probe.training.planning import Plan, planned
from hrm_probe.training.precision import TrainingDtype
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.remarks import remarks
from hrm_probe.training.run_folder import (
    CURRICULA,
    DATA,
    HOOKED,
    Saved,
    open_folder,
    refuse_sets_out_of_sight,
    refuse_what_was_not_begun_with,
    save_if_lost,
)
from hrm_probe.training.summary import MODEL, read_summary, summarise, write_summary
from hrm_probe.training.trainer import Trainer
from hrm_probe.training.warm_start import weights_to_begin_with
from hrm_probe.wording import counted, verb

Hooks = Sequence[tuple[NamesFilter, HookFunction]]
Watch = Callable[[Trainer, float], None]


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        state = "finished" if self.finished else "not finished: resume it to go on"
        told = self.summary.get("accuracy", {}).get("all")
        solved = f"; it solves {told['solved']:,} of {told['puzzles']:,} held-out puzzles" if told else ""
        return f"TrainingResult({counted(self.step, 'step')} in {self.out}, {state}{solved})"


def train(
    recipe: str | Path | Recipe | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    minutes: float | None = None,
    overrides: Mapping[str, Any] | None = None,
    clock: Clock = "wall",
    watch: Watch | None = None,
    fwd_hooks: Hooks = (),
    depth: ProgressiveDepth | PlateauDepth | None = None,
    supervision: SupervisionWeighting | None = None,
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
        depth, supervision: a curriculum of your own in the place of the recipe's, such as
            ``ProgressiveDepth((Stage(0.5, 1, 1), Stage(1.0, 6, 3)))``. The model is tested and kept at the recipe's
            full depth all the same. ``summary.json`` has them under ``curricula``; to go on, give the same ones.

    Raises:
        InputError: a setting or set that does not fit; a run in ``out`` when not resuming, or one that another
            process is at; other settings or curricula than those of the run to resume, or hooks at other points;
            neither a recipe nor a run; ``compile=on`` with hooks; a loss that is no longer a number.
        HookError: a name of ``fwd_hooks`` that matches nothing.
    """
    with joined_processes() as group, FolderLock() as lock:
        plan = planned(
            group,
            recipe,
            out,
            resume=resume,
            minutes=minutes,
            overrides=overrides,
            clock=clock,
            hooked=bool(fwd_hooks),
            depth=depth,
            supervision=supervision,
        )
        saved = group.by_leader(partial(open_folder, plan.folder, plan.resume, plan.settings, lock))
        dtype = group.by_leader(partial(_precision, plan, saved))
        with Display(plan.recipe.name, silent=not group.leads) as display:
            if plan.recipe.dtype == "auto" and dtype == "float32" and not saved.goes_on:
                display.say(
                    "It computes in float32: this machine has no instructions of its own for bfloat16."
                )
            run = Run(plan.in_one_precision(dtype), saved, group, display)
            with run.trainer.model.hooks(fwd_hooks, must_fire=False):
                return run.to_its_end(watch)


def _precision(plan: Plan, saved: Saved) -> TrainingDtype:
    """That of the run to go on with, which another machine may have begun; else the recipe's."""
    begun_in: TrainingDtype | None = saved.settings.get("dtype")
    return begun_in or plan.recipe.forward_dtype


class Run:
    """One training, and what stands around its steps: taking it up, saving it, and its last evaluation.

    Args:
        plan: what is to be trained.
        saved: where it stands.
        group: the processes that train together.
        display: what the person sees.
    """

    def __init__(self, plan: Plan, saved: Saved, group: Group, display: Display) -> None:
        self.plan = plan
        self.saved = saved
        self.group = group
        self.display = display
        recipe = plan.recipe
        self.budget = Budget(
            recipe.steps,
            plan.minutes,
            spent=saved.seconds,
            setup=saved.setup,
            clock=plan.clock,
            kept_back=saved.kept_back,
            used_of_kept_back=saved.used_of_kept_back,
        )
        keep_freed_memory()
        with group.united():
            if saved.goes_on:
                refuse_sets_out_of_sight(recipe, plan.folder)
            self.data = load_data(recipe)
            begins_as = None if saved.goes_on else weights_to_begin_with(recipe)
            self.trainer = Trainer(
                recipe, self.data.train, display.say, group, begins_as, plan.depth, plan.supervision,
                self.data.model_config(recipe),
            )  # fmt: skip
        self.settings = plan.settings
        self._keeper: AnswerKeeper | None = None
        self._cpu_began = cpu_seconds()

    def to_its_end(self, watch: Watch | None = None) -> TrainingResult:
        """Do all that is left to do, with the hooks that stand in the model; not finished if it is interrupted."""
        hook_points = self.trainer.model.hook_dict
        self.settings[HOOKED] = [name for name, point in hook_points.items() if point.watched]
        self.trainer.model.trained_with_hooks = tuple(self.settings[HOOKED])
        self.settings[DATA] = hashes_of(self.data, by_rating=self.plan.recipe.order == "easy_first")
        self.settings[CURRICULA] = self.plan.curricula
        if not self.saved.goes_on:
            self._say_how_it_begins()
        else:
            self._take_up()
            if self.saved.finished and (summary := self._summary_written_before()):
                return self._result(summary)
        with closing(self._metrics_file()) as metrics:
            loop = self._loop(metrics, watch)
            trained = self.saved.finished or loop.run()
        self.trainer.finish()
        if not trained:
            return self._result()
        if self.saved.finished:
            self._save_if_lost()
        self.display.say(f"Trained; the model is in {self.plan.folder / MODEL}.")
        try:
            with self.budget.aside():
                if self.saved.finished and self.budget.keeps_back:
                    loop.time_a_few()
                self._ask_for_the_last_answers(loop)
                tested = loop.final_puzzles()
                of_all = f" of {len(self.data.test):,}" if len(tested) < len(self.data.test) else ""
                kind = "test puzzle" if len(self.data.leak) else "held-out puzzle"
                self.display.say(f"Testing it on {counted(len(tested), kind)}{of_all}.")
                model, tell = self.trainer.model, self._tell_how_many_are_asked
                solved = solved_by_group(self.group, model, tested, None, tell)
        except KeyboardInterrupt:
            return self._result()
        return self._result(self._summarised(tested, solved))

    def _tell_how_many_are_asked(self, asked: int, of: int) -> None:
        if self.display.due:
            self.display.show(1.0, f"tested on {asked:,} of {of:,}")

    def _say_how_it_begins(self) -> None:
        recipe, folder = self.plan.recipe, self.plan.folder
        for remark in remarks(recipe, self.data.train, self.plan.minutes, self.data.test):
            self.display.say(remark)
        if leaking := len(self.data.leak):
            self.display.say(
                f"{leaking:,} of {counted(len(self.data.test), 'test puzzle')} {verb(leaking, 'has', 'have')} a "
                "solution that is in the training set, as a symmetric copy at least, as allow_leak=true allows: their "
                "accuracy is no held-out one."
            )
        if recipe.init_from:
            self.display.say(
                f"It begins with the weights of {recipe.init_from}; the leak check does not cover what those were "
                "trained on."
            )
        if self.plan.resume:
            self.display.say(f"There is no run in {folder} to go on with: this one starts at step 0.")

    def _take_up(self) -> None:
        """Go on from the checkpoint, whose state of the trainer is let go of: it is several times the model's size."""
        with self.group.united():
            refuse_what_was_not_begun_with(self.settings, self.saved.settings, self.plan.folder)
        trainer, before = self.trainer, self.saved.trainer["stream"].get("device", self.trainer.device.type)
        trainer.load_state_dict(self.saved.trainer)
        self.saved.trainer.clear()
        if self.saved.finished:
            return
        self.display.say(f"Going on from step {trainer.step:,} of the run in {self.plan.folder}.")
        if before != trainer.device.type:
            self.display.say(
                f"It began on {before} and continues on {trainer.device.type}, with other random draws."
            )

    def _summary_written_before(self) -> dict[str, Any] | None:
        """Of a finished run; None if it was interrupted in its last evaluation, which is then to be made."""
        summary = self.group.by_leader(partial(read_summary, self.plan.folder))
        if summary:
            self.display.say(f"The run in {self.plan.folder} is finished: nothing is left to do.")
            self.trainer.finish()
            self._save_if_lost()
        return summary

    def _metrics_file(self) -> MetricsFile:
        path = self.plan.folder / METRICS if self.group.leads else None
        return MetricsFile(path, keep=self.saved.metrics_offset)

    def _loop(self, metrics: MetricsFile, watch: Watch | None) -> Loop:
        recipe, trainer, held_out = self.plan.recipe, self.trainer, self.data.test
        if recipe.keep_answers and isinstance(held_out, Puzzles):
            asked = held_out.sample(min(recipe.answer_puzzles, len(held_out)), recipe.data_seed)
            self._keeper = AnswerKeeper(
                self.plan.folder,
                asked,
                recipe.keep_answers,
                trainer.step,
                self.group,
                copies=recipe.answer_copies,
                seed=recipe.data_seed,
            )
        return Loop(
            trainer,
            self.budget,
            held_out,
            metrics,
            self.display,
            save=partial(self._save, metrics),
            watch=watch,
            keeper=self._keeper,
            owes_evaluation=self.saved.owes_evaluation,
        )

    def _save(self, metrics: MetricsFile, finished: bool, owes_evaluation: bool) -> None:
        saved = Saved(
            settings=self.settings,
            trainer=self.trainer.state_dict(),
            seconds=self.budget.elapsed(),
            setup=self.budget.setup,
            kept_back=self.budget.kept_back,
            used_of_kept_back=self.budget.used_of_kept_back,
            cpu_seconds=self._cpu_spent(),
            metrics_offset=metrics.offset,
            owes_evaluation=owes_evaluation,
            finished=finished,
        )
        self.group.by_leader(partial(self._write, saved))

    def _write(self, saved: Saved) -> None:
        folder = self.plan.folder
        if not saved.finished or not (folder / CHECKPOINT).exists():
            # First: a model alone would pass for another training's.
            save_checkpoint(folder, {**vars(saved), "finished": False})
        with self.trainer.averaged(self.plan.recipe.kept_dtype) as model:
            model.save(folder / MODEL)
        if saved.finished:
            save_checkpoint(folder, vars(saved))  # last: a run that is told to be finished has its model

    def _save_if_lost(self) -> None:
        self.group.by_leader(partial(save_if_lost, self.trainer.model, self.plan.folder))

    def _ask_for_the_last_answers(self, loop: Loop) -> None:
        keeper, trainer = self._keeper, self.trainer
        if keeper is None or keeper.has(trainer.step):
            return
        if not loop.forecast.can_ask_at_the_end():
            self.display.say("The minutes leave no time to keep the answers of the last step.")
            return
        with trainer.computing_in(self.plan.recipe.forward_dtype):  # as the checkpoints before were asked
            keeper.ask(trainer.model, trainer.step)

    def _summarised(self, tested: Asked, solved: np.ndarray) -> dict[str, Any]:
        cpu_spent = self._cpu_spent()

        def write() -> dict[str, Any]:
            summary = summarise(
                self.trainer,
                self.budget,
                self.data,
                tested,
                solved,
                cpu_spent,
                hooked=self.settings[HOOKED],
                curricula=self.settings[CURRICULA],
            )
            write_summary(self.plan.folder, summary)
            return summary

        return self.group.by_leader(write)

    def _result(self, summary: dict[str, Any] | None = None) -> TrainingResult:
        """Finished if there is a summary."""
        trainer = self.trainer
        return TrainingResult(
            trainer.model, self.plan.folder, trainer.step, summary is not None, summary or {}
        )

    def _cpu_spent(self) -> float:
        """Processor time of all processes, earlier ones included; to be called by all of them."""
        return self.saved.cpu_seconds + sum(self.group.gather(cpu_seconds() - self._cpu_began))


def cpu_seconds() -> float:
    """Processor time of this process and its finished children (compilers)."""
    return sum(os.times()[:4])
