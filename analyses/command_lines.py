"""What the command lines of all analyses share: how they describe themselves and end, and options that many have."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from hrm_probe.errors import InputError

BAD_INPUT = 2
INTERRUPTED = 130
P = ParamSpec("P")


def exit_status(main: Callable[P, int | None], stopped: str = "Stopped.") -> Callable[P, int]:
    """A ``main`` that gives its exit status however it ends: bad input and Ctrl-C are one sentence on stderr.

    Args:
        main: a command line; None stands for success.
        stopped: what Ctrl-C is answered with.
    """

    @wraps(main)
    def ended(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return main(*args, **kwargs) or 0
        except InputError as error:
            return _say(str(error), BAD_INPUT)
        except OSError as error:
            if error.filename is None:
                raise
            return _say(f"{error.filename} cannot be read or written: {error.strerror}.", BAD_INPUT)
        except KeyboardInterrupt:
            return _say(stopped, INTERRUPTED)

    return ended


def described(about: str | None) -> argparse.ArgumentParser:
    """A parser that helps with all that a script says of itself, line by line."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def asking_models(
    about: str | None, models: Sequence[str], *, n: int, sample: str, seed: str
) -> argparse.ArgumentParser:
    """The parser of a script that puts one question to several models, each asked for a sample of its test set.

    Args:
        about: what the script says of itself.
        models: asked if none is named.
        n: puzzles in the sample if no number is given.
        sample: what kind of sample it is.
        seed: what the seed draws, as in "of the sample".
    """
    parser = described(about)
    parser.add_argument("models", nargs="*", default=models, metavar="MODEL", help=", ".join(models))
    parser.add_argument("--source", default="minimal", help="puzzles of this source of the board's test set")
    parser.add_argument("--n", type=positive, default=n, help=sample)
    parser.add_argument("--seed", type=int, default=0, help=f"seed {seed}")
    return parser


def asked_while_trained(
    parser: argparse.ArgumentParser,
    recipe: str,
    seeds: Sequence[int],
    asked_at: Sequence[int],
    runs: Path,
) -> None:
    """Give a parser the options of trainings that are asked on the way; the arguments are their defaults."""
    parser.add_argument("--recipe", default=recipe, help="recipe to train")
    parser.add_argument("--seeds", type=int, nargs="+", default=seeds, help="seeds of the trainings")
    parser.add_argument(
        "--n", type=positive, default=200, help="held-out minimal puzzles to ask, and their grids"
    )
    steps = "steps to ask after, besides the last"
    parser.add_argument("--asked-at", type=positive, nargs="+", default=asked_at, metavar="STEP", help=steps)
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting of the recipe"
    )
    parser.add_argument("--runs", type=Path, default=runs, help="folder of the runs")


def positive(text: str) -> int:
    """The type of an option that counts something: a whole number of at least 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number greater than 0")
    return int(text)


def _say(sentence: str, status: int) -> int:
    print(sentence, file=sys.stderr)
    return status
