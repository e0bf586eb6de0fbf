"""The training set and the held-out set of a recipe, and whether one leaks into the other."""

import hashlib
from typing import NamedTuple

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.sudoku import Leaks, Puzzles, generate, leaks, load_puzzles
from hrm_probe.training.data.drawing import draw_mixed, source_shares
from hrm_probe.training.recipe import Recipe

GENERATE = "generate"


class DataSets(NamedTuple):
    """Puzzles to train on, puzzles to test on, and what they share."""

    train: Puzzles
    test: Puzzles
    leak: Leaks


def load_data(recipe: Recipe) -> DataSets:
    """Load or generate both sets of a recipe, and check that no test puzzle is a training puzzle in disguise.

    Raises:
        InputError: a set is missing or empty, the boards differ, or there is a leak that the recipe does not allow.
    """
    train = _of_sources(_puzzles(recipe.train_set, recipe.data_seed), recipe)
    test = _puzzles(recipe.test_set, _seed_of_test(recipe.data_seed))
    if train.board != test.board:
        raise InputError(
            f"train_set holds {train.board.name} puzzles and test_set {test.board.name} ones; use one board for both."
        )
    train = _of_size(train, test, recipe)
    found = leaks(train, test)
    if len(found) and not recipe.allow_leak:
        raise InputError(
            f"The training set would give the test away: {found} Choose other sets, or train all the same with "
            "allow_leak=true."
        )
    return DataSets(train, test, found)


def hashes_of(data: DataSets) -> dict[str, str]:
    """What tells whether both sets are still those that a training began with: a hash of each one's puzzles."""
    return {
        name: hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()[:16]
        for name, arrays in {
            "train": (data.train.tokens, data.train.answers),
            "test": (data.test.tokens, data.test.answers),
        }.items()
    }


def _seed_of_test(data_seed: int) -> int:
    """Of a generated test set: far from any seed that a training set of another run may have."""
    return int(np.random.SeedSequence([data_seed, 1]).generate_state(1)[0])


def _puzzles(name: str, seed: int) -> Puzzles:
    """A set by name or path, or "generate BOARD KIND COUNT"."""
    words = name.split()
    if not words or words[0] != GENERATE:
        return load_puzzles(name)
    if len(words) != 4 or not words[3].isdigit():
        raise InputError(
            f'"{name}" names no set; to make one, write "generate BOARD KIND COUNT", like "generate 4x4 minimal 500".'
        )
    return generate(int(words[3]), words[2], words[1], seed)


def _of_sources(puzzles: Puzzles, recipe: Recipe) -> Puzzles:
    if not recipe.train_sources:
        return puzzles
    known = sorted(set(puzzles.source.tolist()))
    for source in recipe.train_sources:
        if source not in known:
            raise InputError(f'train_set has no source "{source}"; it has {", ".join(known)}.')
    return puzzles[np.isin(puzzles.source, recipe.train_sources)]


def _of_size(train: Puzzles, test: Puzzles, recipe: Recipe) -> Puzzles:
    if not recipe.train_size:
        return train
    shares = source_shares(test if recipe.train_mix == "test" else train)
    return draw_mixed(train, recipe.train_size, shares, recipe.data_seed)
