"""What the command lines of all analyses share: how they end, and counts that start at one."""

import argparse
import sys
from collections.abc import Callable
from functools import wraps
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


def positive(text: str) -> int:
    """The type of an option that counts something: a whole number from 1 on."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number greater than 0")
    return int(text)


def _say(sentence: str, status: int) -> int:
    print(sentence, file=sys.stderr)
    return status
