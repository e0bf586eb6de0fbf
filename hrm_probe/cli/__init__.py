"""The command line: ``hrm-probe COMMAND``."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; Ctrl-C is told in a word also while it is still being loaded."""
    try:
        from hrm_probe.cli.app import main as run

        run()
    except KeyboardInterrupt:
        print("hrm-probe: interrupted.", file=sys.stderr)
        sys.exit(130)


__all__ = ["main"]
