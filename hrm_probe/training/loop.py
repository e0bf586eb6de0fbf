"""The training from its first step to its last: logging, evaluating, saving, and stopping when asked to."""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.models.tasks import Asked, puzzle_ids_of
from hrm_probe.training.answers import AnswerKeeper
from hrm_probe.training.budget import Budget
from hrm_probe.training.display import Display
from hrm_probe.training.distributed import StoppedError
from hrm_probe.training.evaluate import accuracy, solved_by_group
from hrm_probe.training.forecast import Forecast
from hrm_probe.training.metrics import FIELDS, MetricsFile, averages
from hrm_probe.training.optim import learning_rate_factor
from hrm_probe.training.trainer import Trainer
from hrm_probe.wording import counted

FEW = 4  # puzzles that tell how long one takes
SAVED_EVERY = 0.1  # of a budget in minutes, and after its first step: a short one has few steps to count by
SAVING = 0.05  # of the minutes at most, for these checkpoints


class Save(Protocol):
    def __call__(self, finished: bool, owes_evaluation: bool) -> None: ...


class Loop:
    """Runs a trainer until its budget is used or somebody interrupts it.

    Args:
        trainer: fresh, or taken up from a checkpoint.
        budget: in steps or minutes.
        held_out: the test puzzles; a sample of them is evaluated while training, with the averaged weights.
        metrics: the metrics file.
        display: what the person sees.
        save: writes the checkpoint.
        watch: called after every evaluation while training, with the trainer and the progress.
        keeper: keeps the answers of the last evaluations, if that is wanted.
        owes_evaluation: the evaluation at the trainer's step was given up when the run was interrupted.
    """

    def __init__(
        self,
        trainer: Trainer,
        budget: Budget,
        held_out: Asked,
        metrics: MetricsFile,
        display: Display,
        save: Save,
        watch: Callable[[Trainer, float], None] | None = None,
        keeper: AnswerKeeper | None = None,
        owes_evaluation: bool = False,
    ) -> None:
        self.trainer = trainer
        self.budget = budget
        self.held_out = held_out
        self.metrics = metrics
        self.display = display
        self._save = save
        self._watch = watch
        self._keeper = keeper
        self._owes_evaluation = owes_evaluation
        self.forecast = Forecast(
            budget,
            len(held_out),
            trainer.recipe.evaluate_every,
            keep=keeper.keep if keeper is not None else 0,
            answers=keeper.answers if keeper is not None else 0,
            group=trainer.group,
        )
        self._interrupted = False
        self._news: dict[str, float] = {}
        self._loaded: set[bool] = set()
        self._logged_at, self._logged_step = time.monotonic(), trainer.step
        self._save_at = math.inf if budget.minutes is None else 0.0

    def run(self) -> bool:
        """Train. True when the budget is used up, False when interrupted; either way the last state is saved.

        If it is interrupted during that save and its budget is used up, only the last evaluation remains to be made.
        """
        trainer, recipe, group = self.trainer, self.trainer.recipe, self.trainer.group
        if self.budget.minutes is not None:
            self._look_ahead()
        if recipe.warm_graphs and trainer.run_segment.is_compiled:
            progress, _ = group.agree(self.budget.progress(trainer.step), False)
            trainer.warm_graphs(progress, self.forecast.can_compile_ahead)
        self.budget.begin()
        self._refuse_a_budget_gone_before_the_first_step()
        self._logged_at = time.monotonic()
        self.forecast.begins()
        with self._interruptions():
            if self._owes_evaluation:
                with self.budget.aside(), self._left_out_of_the_speed():
                    self._look()
            while True:
                progress, interrupted = group.agree(self.budget.progress(trainer.step), self._interrupted)
                if progress >= 1.0 or interrupted:
                    break
                with self.budget.setting_up() if trainer.compiles_at(progress) else nullcontext():
                    trainer.advance(progress)
                if trainer.step % recipe.log_every == 0:
                    self._log(progress)
                with self.budget.aside(), self._left_out_of_the_speed():
                    if trainer.step % recipe.evaluate_every == 0:
                        self._look()
                    if trainer.step % recipe.checkpoint_every == 0 or progress >= self._save_at:
                        self.save(finished=False)
            if not interrupted and trainer.step % recipe.log_every:
                self._log(1.0)  # what came after the last whole window
            self.save(finished=not interrupted)
            _, interrupted = group.agree(1.0, interrupted or self._interrupted)  # in the meantime
        return not interrupted

    def time_a_few(self) -> None:
        """Time a few puzzles, for a process that took up a finished training: the last evaluation is planned by it."""
        self.forecast.evaluated(1, self._seconds_a_puzzle(self.trainer.model, self.held_out))

    def save(self, finished: bool) -> None:
        """Write a checkpoint, unless there is nothing sound to keep."""
        self._refuse_divergence(self.trainer.whole_sums())
        sound = torch.stack(
            [weights.isfinite().all() for weights in self.trainer.model.state_dict().values()]
        )
        if not sound.all():  # the loss is of the weights before the step, and does not show it yet
            raise self._diverged("Some weights are no longer numbers")
        began = time.monotonic()
        self._save(finished, self._owes_evaluation)
        seconds = time.monotonic() - began
        self.forecast.saved(seconds)
        if (minutes := self.budget.minutes) is not None:
            rest = max(SAVED_EVERY, seconds / (SAVING * 60 * minutes))
            self._save_at = self.trainer.group.by_leader(
                lambda: self.budget.progress(self.trainer.step) + rest
            )

    def final_puzzles(self) -> Asked:
        """The held-out puzzles for the last evaluation: all, or as many as a budget in minutes has time for.

        Nor does it run more segments than the training did, unless ``evaluate_puzzles`` asks for more: trying a few
        steps should not take minutes.
        """
        recipe = self.trainer.recipe
        trained = self.trainer.step * recipe.batch_size // recipe.max_segments
        number = min(self.forecast.puzzles_of_the_last_evaluation(), max(trained, recipe.evaluate_puzzles))
        every = number == len(self.held_out)
        return self.held_out if every else self.held_out.sample(number, self.trainer.recipe.data_seed)

    def _log(self, progress: float) -> None:
        trainer, recipe = self.trainer, self.trainer.recipe
        sums = trainer.take_sums()
        self._refuse_divergence(sums)
        now = time.monotonic()
        seconds = max(now - self._logged_at, 1e-9)
        steps = trainer.step - self._logged_step
        self._logged_at, self._logged_step = now, trainer.step
        means = averages(sums)
        L_cycles, H_cycles = trainer.depth.depth(progress)
        trainer.observe(progress, means["loss"])
        row = {
            "step": trainer.step,
            "progress": progress,
            "seconds": self.budget.elapsed(),
            "lr": recipe.lr * learning_rate_factor(progress, recipe.warmup, recipe.lr_min_ratio),
            **means,
            "L_cycles": L_cycles,
            "H_cycles": H_cycles,
            "blocks": trainer.blocks,
            "flops": trainer.flops,
            "steps_per_second": steps / seconds,
            # Of all steps counted: those before a checkpoint that the run was taken up from took other seconds.
            "puzzles_per_second": means["finished"] / float(sums[FIELDS.index("steps")]) * steps / seconds,
        }
        self.metrics.write(row)
        self._news |= {"loss": means["loss"]}
        if means["finished"]:
            self._news |= {"solved in training": means["finished_exact"]}
        self.display.update(
            self.budget.progress(trainer.step),
            row["steps_per_second"],
            self.budget.seconds_left(trainer.step, row["steps_per_second"]),
            ", ".join(f"{name} {value:.3f}" for name, value in self._news.items()),
        )

    def _look_ahead(self) -> None:
        """An evaluation of the model as it is kept tells how much of the minutes the last one will need.

        Answers that are kept are asked of the model in training, which may compute in another dtype.
        """
        if self._keeper is not None:
            with self.trainer.averaged(self.trainer.recipe.forward_dtype) as model:
                self.forecast.evaluated(1, self._seconds_a_puzzle(model, self.held_out))
        row = self.evaluation(as_kept=True)
        if self.trainer.step == 0:
            self.metrics.write(row)
        forecast = self.forecast
        if forecast.askings < forecast.keep:
            self.display.say(
                f"Of {self.budget.minutes:g} minutes there is time to keep the answers of "
                f"{counted(forecast.askings, 'checkpoint')}, not of {forecast.keep}: asking for those of one takes "
                f"some {forecast.seconds_to_ask:.0f} s."
            )

    def _look(self) -> None:
        """Evaluate, keep the answers, let the watcher watch; asked to stop meanwhile, leave all that for later."""
        self._owes_evaluation = True
        try:
            row = self.evaluation()
            if self._keeper is not None and self.forecast.is_among_the_last(self.trainer.step):
                with self.budget.using_kept_back():
                    self._keep_answers(self._keeper)
        except StoppedError:
            return
        self.metrics.write(row)
        self._owes_evaluation = False
        if self._watch is not None:
            self._watch(self.trainer, self.budget.progress(self.trainer.step))

    def evaluation(self, as_kept: bool = False) -> dict[str, Any]:
        """A row for the metrics file; what the last evaluation will take is foreseen by what this one took."""
        recipe = self.trainer.recipe
        sample = self.held_out.sample(min(recipe.evaluate_puzzles, len(self.held_out)), recipe.data_seed)
        reached = {"progress": self.budget.progress(self.trainer.step), "seconds": self.budget.elapsed()}
        self._load_kernels(sample, as_kept)
        if as_kept:
            sample = self._soon_asked(sample)
        began = time.monotonic()
        solved = self.evaluate(sample, as_kept)
        self.forecast.evaluated(len(sample), time.monotonic() - began, as_kept)
        at_end = accuracy(solved[-1])
        low, high = at_end["interval"]
        self._news["solved held-out"] = at_end["accuracy"]
        return {
            "step": self.trainer.step,
            **reached,
            "blocks": self.trainer.blocks,
            "flops": self.trainer.flops,
            "test_accuracy": at_end["accuracy"],
            "test_low": low,
            "test_high": high,
            "test_accuracy_by_segment": solved.mean(axis=1).round(6).tolist(),
        }

    def _soon_asked(self, sample: Asked) -> Asked:
        """As many of the sample as take a small part of the minutes."""
        with self.trainer.averaged(self.trainer.recipe.kept_dtype) as model:
            a_puzzle = self._seconds_a_puzzle(model, sample)
        return sample[: self.forecast.puzzles_of_the_first_look(a_puzzle)]

    def _seconds_a_puzzle(self, model: RecursiveReasoner, puzzles: Asked) -> float:
        """All segments of one puzzle, told by one segment of a few: of a large model all would take a minute.

        On a GPU a few take as long as a batch, so there it is a batch.
        """
        device = self.trainer.device
        few = puzzles[: puzzles_at_once(device) if device.type == "cuda" else FEW]
        for asked in (few[:1], few):  # the first time is slow for once
            began = time.monotonic()
            model.run(
                asked.tokens, segments=1, puzzle_ids=puzzle_ids_of(asked)
            ).predictions.cpu()  # a GPU is waited for
        a_segment = (time.monotonic() - began) / (len(few) * self.trainer.group.size)
        return a_segment * model.config.max_segments

    def _load_kernels(self, sample: Asked, as_kept: bool) -> None:
        """A GPU loads kernels in its first evaluation: seconds that the last one, foreseen from it, will not take."""
        on_gpu = self.trainer.device.type == "cuda"
        if on_gpu and self.budget.minutes is not None and as_kept not in self._loaded:
            self.evaluate(sample[: puzzles_at_once(self.trainer.device)], as_kept)
            self._loaded.add(as_kept)

    def _keep_answers(self, keeper: AnswerKeeper) -> None:
        with self.trainer.averaged(self.trainer.recipe.forward_dtype) as model:
            keeper.ask(model, self.trainer.step, lambda: self._interrupted)

    def evaluate(self, puzzles: Asked, as_kept: bool = False) -> np.ndarray:
        """Which puzzles the averaged weights solve, after each segment, at full depth; bool [segment, puzzle].

        Activations are those of training, or, ``as_kept``, of the model that will be kept: on a GPU that is slower.

        Raises:
            StoppedError: any process was interrupted.
        """
        trainer = self.trainer
        with trainer.averaged(
            trainer.recipe.kept_dtype if as_kept else trainer.recipe.forward_dtype
        ) as model:
            return solved_by_group(trainer.group, model, puzzles, lambda: self._interrupted)

    def _refuse_a_budget_gone_before_the_first_step(self) -> None:
        progress, _ = self.trainer.group.agree(self.budget.progress(self.trainer.step), False)
        if self.trainer.step == 0 and progress >= 1.0:
            raise InputError(
                f"A budget of {self.budget.minutes:g} min is too short for a single step: loading"
                + (", compiling" if self.trainer.run_segment.is_compiled else "")
                + f" and timing an evaluation took {self.budget.setup:.0f} s, and {self.budget.kept_back:.0f} s are "
                "kept back for the last evaluation. Give more minutes"
                + (", or train with compile=off." if self.trainer.run_segment.is_compiled else ".")
            )

    def _refuse_divergence(self, sums: Tensor) -> None:
        if not math.isfinite(float(sums[FIELDS.index("loss")])):
            raise self._diverged("The loss is no longer a number")

    def _diverged(self, what: str) -> InputError:
        return InputError(
            f"{what} at step {self.trainer.step:,}; an earlier checkpoint stays as it is. "
            "Start again with a smaller lr or a longer warmup."
        )

    @contextmanager
    def _left_out_of_the_speed(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._logged_at += time.monotonic() - began

    @contextmanager
    def _interruptions(self) -> Iterator[None]:
        """The first Ctrl-C or SIGTERM ends the training after the running step; a second one ends it at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in signals}

        def interrupt(number: int, frame: FrameType | None) -> None:
            if self._interrupted:
                raise KeyboardInterrupt
            self._interrupted = True
            self.display.say("Interrupted: saving after this step (once more to stop at once).")

        try:
            for number in signals:
                signal.signal(number, interrupt)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
