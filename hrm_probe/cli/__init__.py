"""The command line: ``hrm-probe COMMAND``."""

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; Ctrl-C gets one word even while it is still loading."""
    if sys.stderr is None:  # a shell closed it; what is said there is lost, and nothing of it goes to stdout
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        from hrm_probe.cli.app import main as run

        run()
    except KeyboardInterrupt:
        print("hrm-probe: interrupted.", file=sys.stderr)
        sys.exit(130)


__all__ = ["main"]
