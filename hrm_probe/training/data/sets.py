"""The training set and the held-out set of a recipe, and whether one leaks into the other."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hrm_probe import mazes
from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.models import ModelConfig, Tasks
from hrm_probe.models.published.tasks import load_tasks, read_folder, tasks_folder
from hrm_probe.models.tasks import Asked
from hrm_probe.sudoku import Leaks, Puzzles, bundled_sets, generate, leaks, load_puzzles
from hrm_probe.sudoku.readers import is_puzzle
from hrm_probe.training.data.drawing import draw_mixed, source_shares
from hrm_probe.training.data.leaking import task_leaks
from hrm_probe.training.recipe import Recipe

GENERATE = "generate"


class DataSets(NamedTuple):
    """Puzzles to train on, puzzles to test on, and what they share."""

    train: Asked
    test: Asked
    leak: Leaks

    def model_config(self, recipe: Recipe) -> ModelConfig:
        """The model that a recipe trains on the one and tests on the other."""
        return model_config_for(recipe, self.train, self.test)


def model_config_for(recipe: Recipe, *sets: Asked) -> ModelConfig:
    """The model that a recipe trains for puzzles of one board, or for tasks: with the tokens that those have.

    Args:
        recipe: gives all else.
        sets: one or several, alike in kind and cells.
    """
    first = sets[0]
    if isinstance(first, Puzzles):
        return recipe.model_config(first.board.cells, first.board.vocab)
    tasks = [one for one in sets if isinstance(one, Tasks)]
    vocab = 1 + max(int(max(one.tokens.max(), one.answers.max())) for one in tasks)
    embeddings = 1 + max(int(one.puzzle_ids.max()) for one in tasks)
    return recipe.model_config(first.tokens.shape[1], vocab, embeddings)


def load_data(recipe: Recipe) -> DataSets:
    """Load or generate both sets of a recipe, and check that no test puzzle is a training puzzle in disguise.

    Raises:
        InputError: a set is missing or empty, the boards differ, a setting needs Sudokus, or there is a leak that the
            recipe does not allow.
    """
    train = _of_sources(_training_set(recipe), recipe)
    test = named_set(recipe.test_set, _seed_of_test(recipe.data_seed))
    if _kind(train) != _kind(test):
        raise InputError(
            f"train_set holds {_kind(train)} and test_set {_kind(test)}; choose two sets that are alike."
        )
    if isinstance(train, Tasks):
        _refuse_what_needs_sudokus(recipe)
    train = _of_size(train, test, recipe)
    found = _leaks(train, test, recipe)
    if len(found) and not recipe.allow_leak:
        raise InputError(
            f"The training set would give the test away: {found} Choose other sets, or train all the same with "
            "allow_leak=true."
        )
    return DataSets(train, test, found)


def hashes_of(data: DataSets, by_rating: bool = False) -> dict[str, str]:
    """What tells whether both sets are still those that a training began with: a hash of each one's puzzles.

    Args:
        data: both.
        by_rating: the order of the training follows ratings, which then have a hash of their own.
    """
    held = {"train": _learned(data.train), "test": _learned(data.test)}
    if by_rating:
        held["ratings"] = (data.train.rating,)
    return {
        name: hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()[:16]
        for name, arrays in held.items()
    }


def _learned(puzzles: Asked) -> tuple[np.ndarray, ...]:
    """What a training takes from puzzles; of tasks that is their embeddings and groups, too."""
    told = (puzzles.tokens, puzzles.answers)
    return (*told, puzzles.puzzle_ids, puzzles.group) if isinstance(puzzles, Tasks) else told


def named_set(name: str, seed: int, n: int | None = None) -> Asked:
    """A set by name or path, or "generate BOARD KIND COUNT" for one that is made on the spot.

    >>> named_set("generate 4x4 minimal 50", seed=0)
    Puzzles(50 of 4x4: 50 minimal)

    Args:
        name: a set that comes with the package, a file or a folder of Sudokus, or the folder of a published data set
            of other tasks; or a board or a maze's shape, a kind and a count.
        seed: for what is made.
        n: the first so many, or as many as there are; only those are made.

    Raises:
        InputError: there is no such set, or none that can be made.
    """
    if _is_made(name):
        words = name.split()
        if len(words) != 4 or not words[3].isdigit():
            raise InputError(
                f'"{name}" names no set; to make one, write "generate BOARD KIND COUNT", like '
                '"generate 4x4 minimal 500" or "generate 11x11 maze 500".'
            )
        count = int(words[3]) if n is None else min(n, int(words[3]))
        make = mazes.generate if words[2] in mazes.KINDS else generate
        return make(count, words[2], words[1], seed)
    folder = tasks_folder(name)
    puzzles = load_puzzles(name) if folder is None else load_tasks(folder)
    return puzzles if n is None else puzzles[:n]


def is_out_of_sight(name: str) -> bool:
    """Is this set named by a relative path that leads nowhere from the folder one is in?"""
    if _is_made(name) or is_puzzle(name) or name in bundled_sets():
        return False
    path = path_of(name)
    return not path.is_absolute() and not path.exists()


def _training_set(recipe: Recipe) -> Asked:
    """All that is drawn from; of tasks on disk, where that is all the same, no more than will be drawn is read."""
    if (
        recipe.train_size
        and recipe.train_mix == "set"
        and not recipe.train_sources
        and not _is_made(recipe.train_set)
    ):
        folder = tasks_folder(recipe.train_set)
        if folder is not None and _is_of_one_source(folder):
            return load_tasks(folder, recipe.train_size, recipe.data_seed)
    return named_set(recipe.train_set, recipe.data_seed)


def _is_of_one_source(folder: Path) -> bool:
    """Of tasks on disk; of several sources each makes up its share of those drawn."""
    sources = read_folder(folder).sources
    return sources is None or len(np.unique(sources)) == 1


def _is_made(name: str) -> bool:
    return name.split()[:1] == [GENERATE]


def _leaks(train: Asked, test: Asked, recipe: Recipe) -> Leaks:
    if isinstance(train, Tasks) and isinstance(test, Tasks):
        return task_leaks(train, test, recipe.turns)
    assert isinstance(train, Puzzles)
    assert isinstance(test, Puzzles)  # sets are of one kind
    return leaks(train, test)


def _seed_of_test(data_seed: int) -> int:
    """Of a generated test set: far from any seed that a training set of another run may have."""
    return int(np.random.SeedSequence([data_seed, 1]).generate_state(1)[0])


def _kind(puzzles: Asked) -> str:
    if isinstance(puzzles, Puzzles):
        return f"{puzzles.board.name} puzzles"
    return f"tasks of {puzzles.tokens.shape[1]} cells"


def _refuse_what_needs_sudokus(recipe: Recipe) -> None:
    for name, usual in (("hint_fraction", 0.0), ("keep_answers", 0)):
        if getattr(recipe, name) != usual:
            raise InputError(
                f"{name}={getattr(recipe, name):g} needs Sudokus, which train_set does not hold; leave it at {usual:g}."
            )


def _of_sources(puzzles: Asked, recipe: Recipe) -> Asked:
    if not recipe.train_sources:
        return puzzles
    known = sorted(set(puzzles.source.tolist()))
    for source in recipe.train_sources:
        if source not in known:
            named = ", ".join(filter(None, known))
            has = f"it has {named}" if named else "none of it has one"
            raise InputError(f'train_set has no source "{source}"; {has}. Set train_sources= to take all.')
    return puzzles[np.isin(puzzles.source, recipe.train_sources)]


def _of_size(train: Asked, test: Asked, recipe: Recipe) -> Asked:
    if not recipe.train_size:
        return train
    shares = source_shares(test if recipe.train_mix == "test" else train)
    return draw_mixed(train, recipe.train_size, shares, recipe.data_seed)
