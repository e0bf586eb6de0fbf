"""The numbers beside a picture, as a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hrm_probe import json_text

DIGITS = 6  # significant ones: more than any of these numbers is known to


def write_rounded(path: Path, content: Mapping[str, Any]) -> Path:
    """Numbers rounded to 6 significant digits; those that do not exist are null."""
    return json_text.write_json(path, content, digits=DIGITS)
