"""What each shipped model is good for, and what not: the part of a card that is not measured."""

from hrm_probe.errors import InputError

OF_MAZES = (
    "Asking of another task what is asked of Sudokus; `hrm_probe.reasoning.path_growth`.",
    "Other mazes: an MLP across cells knows one shape. Standing in for published models of 30x30 mazes, which mix "
    "cells by attention.",
)
GOOD_FOR = {
    "hrm-6x6": (
        "Studying failures on easy puzzles, lost answers and settled wrong answers: what the analysis paper "
        "(arXiv 2601.10679) reports of the published HRM, at a size that runs anywhere.",
        "Solving Sudoku. Conclusions about models of published size: this one is a hundred times smaller.",
    ),
    "hrm-6x6-mixed": (
        "Comparing with hrm-6x6: the same recipe and seed, with clues added to half of the training puzzles "
        "(the analysis paper's data mixing).",
        "Failures on easy puzzles: it has none to speak of. Hard puzzles, of which it solves little more than half.",
    ),
    "trm-6x6": (
        "Solving 6x6 Sudoku; studying how TRM's rare failures differ from HRM's.",
        "Failures in numbers: it has a hundred at most among 2,000 minimal puzzles, so take the hard ones.",
    ),
    "trm-6x6-attention": (
        "Solving 6x6 Sudoku, of which it fails next to nothing; TRM's heads; comparing with trm-6x6, which mixes cells "
        "by an MLP.",
        "Failures: among 2,000 minimal puzzles it has three. Saying what attention is worth: it was trained longer "
        "than trm-6x6, and with Muon.",
    ),
    "hrm-6x6-mlp": (
        "Comparing with hrm-6x6: the same recipe and seed, with an MLP across cells in the place of attention, and "
        "four prefix positions.",
        "Failures on easy puzzles: it has none to speak of. Heads: it has none.",
    ),
    "hrm-maze": (
        "Studying how what is solved is lost: of what it solves at segment 3 hardly anything is left at segment 16. "
        + OF_MAZES[0],
        OF_MAZES[1],
    ),
    "hrm-maze-all-segments": (
        "Comparing with hrm-maze: the same recipe and seed, with all sixteen segments of every row trained, by which "
        "it keeps what it solves. " + OF_MAZES[0],
        OF_MAZES[1],
    ),
    "trm-maze": OF_MAZES,
    "hrm-9x9": (
        "The analysis paper's questions (arXiv 2601.10679) at the published HRM's size; comparing with hrm-9x9-mixed.",
        "Standing in for the published HRM: it was trained for minutes. A laptop: two CPU cores take long to run it.",
    ),
    "hrm-9x9-mixed": (
        "Comparing with hrm-9x9: the same recipe with clues added to half of the training puzzles (the analysis "
        "paper's data mixing).",
        "Standing in for the published HRM: it was trained for minutes. A laptop: two CPU cores take long to run it.",
    ),
    "trm-9x9": (
        "Solving 9x9 Sudoku; the toolkit's questions at the published TRM's size and depth.",
        "Standing in for the published TRM: it was trained for minutes. A laptop: two CPU cores take long to run it.",
    ),
    "hrm-9x9-shallow": (
        "HRM's fixed points, jumps and traps on full-size boards where no GPU is at hand; comparing with "
        "hrm-9x9-shallow-mixed.",
        "Solving Sudoku. It has a sixtieth of the published HRM's parameters and had less than a thousandth of its "
        "training; no HRM for 9x9 has been trained on a GPU yet.",
    ),
    "hrm-9x9-shallow-mixed": (
        "Comparing with hrm-9x9-shallow: the same recipe and seed, with clues added to half of the training puzzles "
        "(the analysis paper's data mixing).",
        "Solving Sudoku. It has a sixtieth of the published HRM's parameters and had less than a thousandth of its "
        "training; no HRM for 9x9 has been trained on a GPU yet.",
    ),
    "trm-9x9-shallow": (
        "The toolkit's questions on full-size boards where no GPU is at hand; what a model trained at (L, H) = (2, 1) "
        "does when it is asked at (4, 3).",
        "Solving hard Sudoku. It has a tenth of the published TRM's parameters and had less than a thousandth of its "
        "training; trm-9x9-short, which a GPU trained, solves far more.",
    ),
    "trm-9x9-short": (
        "Solving 9x9 Sudoku; the toolkit's questions at the published TRM's size. Two CPU cores take some seconds a "
        "puzzle; where a model halts (`--at-halt`) they are through much sooner.",
        "Standing in for the published TRM: it was trained for minutes at (L, H) = (2, 1), on hints and easier puzzles "
        "too. The hardest puzzles known, of which it solves 31%. Failures on easy ones: none were found.",
    ),
    "trm-9x9-cpu-shallow": (
        "Comparing with trm-9x9-cpu: the same recipe but for the depth it was trained at, and as many operations. What "
        "do fixed points, jumps and traps owe to depth?",
        "Solving hard Sudoku. It has a tenth of the published TRM's parameters and had less than a thousandth of its "
        "training; trm-9x9-short, which a GPU trained, solves far more.",
    ),
    "trm-9x9-cpu": (
        "Comparing with trm-9x9-cpu-shallow: progressive depth up to (4, 3), where the other stays at (2, 1).",
        "Solving hard Sudoku. It has a tenth of the published TRM's parameters and had less than a thousandth of its "
        "training; trm-9x9-short, which a GPU trained, solves far more.",
    ),
}


ANOTHER_SEED = "-seed"  # NAME-seed1: the recipe NAME, trained from another seed


def uses(name: str) -> tuple[str, str]:
    """What a model is good for, and what not."""
    recipe, another, _ = name.partition(ANOTHER_SEED)
    if recipe not in GOOD_FOR:
        raise InputError(
            f"Nothing is said of what {name} is good for; add {recipe!r} to GOOD_FOR of model_uses.py."
        )
    good, bad = GOOD_FOR[recipe]
    if another:
        good = f"Telling what {recipe} owes to its seed: the same recipe and puzzles, another draw of everything."
    return good, bad
