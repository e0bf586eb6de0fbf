"""Make the puzzle sets that travel with the package: ``python -m hrm_probe.sudoku.build_bundled [FOLDER]``.

Equal seeds give equal files. No solution class of a test set occurs in its training set.
"""

import sys
from pathlib import Path

import numpy as np

from hrm_probe.sudoku.canonical import class_keys
from hrm_probe.sudoku.generator import generate, grids_in_standard_names
from hrm_probe.sudoku.puzzles import Puzzles
from hrm_probe.sudoku.readers import BUNDLED
from hrm_probe.sudoku.splits import leaks, split

SEED = 2026
EVERY = 5
"""One class in so many of the 6x6 solution classes is held out."""

TRAIN_6X6 = {"minimal": 18_000, "easy": 6_000, "hard": 6_000}
TEST_6X6 = {"minimal": 2_000, "easy": 500, "hard": 500}
TRAIN_9X9 = {"minimal": 600, "easy": 400, "hard": 1_000}
TEST_9X9 = {"minimal": 400, "easy": 200, "hard": 400}


def held_out_classes(seed: int = SEED) -> np.ndarray:
    """Keys of the 6x6 solution classes that only ``6x6-test`` uses.

    The 49 classes hold from 48 to 3,456 of every 39,168 grids. They are lined up by size and every fifth is
    taken from a random start, so that small, middling and large classes are held out alike.
    """
    keys, sizes = np.unique(class_keys(grids_in_standard_names("6x6")), return_counts=True)
    start = np.random.default_rng(seed).integers(EVERY)
    return keys[np.argsort(sizes, kind="stable")][start::EVERY]


def build_6x6(seed: int = SEED) -> tuple[Puzzles, Puzzles]:
    """(train, test) on 6x6 boards; solutions are uniform over the grids of their side's classes."""
    held_out = held_out_classes(seed)

    def for_test(grids: np.ndarray) -> np.ndarray:
        return np.isin(class_keys(grids), held_out)

    def for_training(grids: np.ndarray) -> np.ndarray:
        return ~for_test(grids)

    train = [
        generate(n, kind, "6x6", seed + i, for_training) for i, (kind, n) in enumerate(TRAIN_6X6.items())
    ]
    test = [generate(n, kind, "6x6", seed + 10 + i, for_test) for i, (kind, n) in enumerate(TEST_6X6.items())]
    return shuffled(Puzzles.join(train), seed), shuffled(Puzzles.join(test), seed)


def build_9x9(seed: int = SEED) -> tuple[Puzzles, Puzzles]:
    """(train, test) on 9x9 boards."""
    trains, tests = [], []
    for i, kind in enumerate(TRAIN_9X9):
        made = generate(TRAIN_9X9[kind] + TEST_9X9[kind], kind, "9x9", seed + 20 + i)
        train, test = split(made, TEST_9X9[kind] / len(made), seed)
        trains.append(train)
        tests.append(test)
    return shuffled(Puzzles.join(trains), seed), shuffled(Puzzles.join(tests), seed)


def shuffled(puzzles: Puzzles, seed: int) -> Puzzles:
    """Each puzzle once, in random order, so that any stretch of a set is a fair sample of it."""
    _, first = np.unique(puzzles.tokens, axis=0, return_index=True)
    return puzzles[np.random.default_rng(seed).permutation(np.sort(first))]


def main(folder: Path = BUNDLED) -> None:
    for board, build in (("6x6", build_6x6), ("9x9", build_9x9)):
        train, test = build()
        shared = leaks(train, test)
        assert len(shared) == 0, shared
        for name, puzzles in ((f"{board}-train", train), (f"{board}-test", test)):
            path = folder / f"{name}.csv.gz"
            puzzles.to_csv(path)
            print(f"{path}: {puzzles}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
