"""What commands print for scripts."""

import json
import sys
from pathlib import Path
from typing import Any

from hrm_probe.files import writing


def write_json(content: Any, path: Path) -> None:
    """Write JSON to a file, or to standard output for "-"."""
    text = json.dumps(content, indent=2, allow_nan=True) + "\n"
    if path == Path("-"):
        sys.stdout.write(text)
        return
    with writing(path) as beside:
        beside.write_text(text)
