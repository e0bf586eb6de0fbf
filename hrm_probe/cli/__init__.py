"""The command line: ``hrm-probe COMMAND``."""

from hrm_probe.cli.app import main

__all__ = ["main"]
