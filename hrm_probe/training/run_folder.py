"""The folder of a training: taken for one process alone, and gone on with only as it was begun."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hrm_probe.errors import InputError
from hrm_probe.files import remove_unfinished
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.saving import CONFIG
from hrm_probe.training.answers import ANSWERS
from hrm_probe.training.checkpoint import CHECKPOINT, load_checkpoint, refuse_other_settings
from hrm_probe.training.data.sets import is_out_of_sight
from hrm_probe.training.folder_lock import FolderLock
from hrm_probe.training.metrics import METRICS, is_ours
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.summary import MODEL, SUMMARY
from hrm_probe.wording import joined_words

HOOKED, DATA, CURRICULA = "hooked", "data", "curricula"
# What a run is known by only once its model and its sets are loaded, or only in Python.
KEPT_BESIDE_SETTINGS = (HOOKED, DATA, CURRICULA)
IN_WORDS = {"train": "puzzles of train_set", "test": "puzzles of test_set", "ratings": "ratings of train_set"}
"""What has a hash each in ``DATA``."""


@dataclass(frozen=True)
class Saved:
    """Where a run stands by its checkpoint; one that has none yet stands at its beginning.

    Attributes:
        settings: of the recipe, ``minutes``, ``clock``, and where hooks stood and what the puzzles were; empty for a
            run that begins.
        trainer: its whole state.
        seconds, setup, kept_back, used_of_kept_back: of the budget.
        cpu_seconds: processor time used, by all processes.
        metrics_offset: bytes of the metrics file that are this run's.
        owes_evaluation: it was interrupted in the evaluation of the step at which it stands.
        finished: all its steps are done.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    trainer: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    setup: float = 0.0
    kept_back: float = 0.0
    used_of_kept_back: float = 0.0
    cpu_seconds: float = 0.0
    metrics_offset: int = 0
    owes_evaluation: bool = False
    finished: bool = False

    @classmethod
    def of(cls, state: dict[str, Any]) -> "Saved":
        """By what a checkpoint holds; what did not exist yet when it was written has its default."""
        return cls(**{each.name: state[each.name] for each in fields(cls) if each.name in state})

    @property
    def goes_on(self) -> bool:
        """Has the run begun before?"""
        return bool(self.settings)


def open_folder(folder: Path, resume: bool, settings: dict[str, Any], lock: FolderLock) -> Saved:
    """Make the run's folder, for this process alone; give the state to go on from.

    Raises:
        InputError: the folder is a file, holds a run that is not to be resumed, one of other settings, or files of
            another training; another process is at it.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder for the run.")
    lock.make_and_take(folder)  # before reading: whoever holds it may still be saving
    state = load_checkpoint(folder)
    if state is None:
        _refuse_files_of_another(folder)
    elif not resume:
        raise InputError(
            f"{folder} already holds a run: continue it with --resume (resume=True in Python), or name another folder "
            "with --out."
        )
    else:
        then = {**Recipe().to_dict(), **state["settings"]}  # a setting that did not exist yet had its default
        if settings.get("dtype") == "auto":
            settings = {**settings, "dtype": then["dtype"]}
        refuse_other_settings(settings, _without_what_was_loaded(then), folder)
    for name in (CHECKPOINT, MODEL, SUMMARY, ANSWERS):
        remove_unfinished(folder / name)  # a checkpoint is large, and a run may be killed often
    return Saved() if state is None else Saved.of(state)


def settings_begun_with(folder: Path | None) -> dict[str, Any]:
    """Settings of the run in a folder: those of its recipe, ``minutes`` and ``clock``.

    Args:
        folder: None: no folder was named to go on with.

    Raises:
        InputError: there is no run.
    """
    if folder is None:
        raise InputError("Name a recipe, or a run to continue with --out FOLDER --resume.")
    state = load_checkpoint(folder)
    if state is None:
        raise InputError(f"Name a recipe: {folder} holds no run to go on with.")
    return _without_what_was_loaded(state["settings"])


def refuse_sets_out_of_sight(recipe: Recipe, folder: Path) -> None:
    """A run that was begun in another folder finds none of the sets that its recipe names by relative paths.

    Raises:
        InputError: names those that are not there.
    """
    named = {"train_set": recipe.train_set, "test_set": recipe.test_set}
    lost = [f"{setting}={name}" for setting, name in named.items() if is_out_of_sight(name)]
    if lost:
        raise InputError(
            f"The run in {folder} began with {joined_words(lost)}, and relative paths are read from the folder you are "
            f"in ({Path.cwd()}), where nothing of that name is; resume the run from the folder where it was begun."
        )


def refuse_what_was_not_begun_with(now: dict[str, Any], then: dict[str, Any], folder: Path) -> None:
    """A run goes on only with hooks at the same points, the same curricula, and puzzles that were checked for leaks.

    Args:
        now, then: settings of the run, with what is kept beside them.
        folder: of the run.

    Raises:
        InputError: says what is no longer the same.
    """
    if now[HOOKED] != (hooked := then.get(HOOKED, [])):
        at, ours = (", ".join(names) or "no point" for names in (hooked, now[HOOKED]))
        raise InputError(
            f"The run in {folder} began with hooks at {at}, and now they are at {ours}; go on in Python, with "
            "train(out=..., resume=True, fwd_hooks=...) and hooks at the same points, or start a new run with another "
            "--out."
        )
    if now[CURRICULA] != (curricula := then.get(CURRICULA, {})):
        began, ours = (
            ", ".join(f"{name}={one}" for name, one in own.items()) or "the recipe's"
            for own in (curricula, now[CURRICULA])
        )
        raise InputError(
            f"The run in {folder} began with {began}, and now has {ours}; go on in Python, with train(out=..., "
            "resume=True) and the same depth and supervision, or start a new run with another --out."
        )
    data, before = now[DATA], then.get(DATA, {})
    changed = [IN_WORDS[name] for name in data if before.get(name, data[name]) != data[name]]
    if changed:
        raise InputError(
            f"The {joined_words(changed)} are no longer those that the run in {folder} began with; put them back, or "
            "start a new run with another --out."
        )


def save_if_lost(model: RecursiveReasoner, folder: Path) -> None:
    """Write a finished run's model again where somebody removed it: its checkpoint holds the weights, too."""
    if not (folder / MODEL).exists():
        model.save(folder / MODEL)


def _without_what_was_loaded(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in KEPT_BESIDE_SETTINGS}


def _refuse_files_of_another(folder: Path) -> None:
    there = [name for name in (MODEL, SUMMARY, ANSWERS, CONFIG) if (folder / name).exists()]
    if there:
        raise InputError(
            f"{folder} holds {' and '.join(there)} of another training, but no checkpoint to go on from; name another "
            "folder with --out, so that nothing is lost."
        )
    if not is_ours(folder / METRICS):
        raise InputError(
            f"{folder} holds a {METRICS} that no training wrote; name another folder with --out, so that it is not "
            "lost."
        )
