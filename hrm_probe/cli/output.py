"""What commands print for scripts."""

import json
import sys
from pathlib import Path
from typing import Any

from hrm_probe.cli.options import STANDARD_OUTPUT, is_stream
from hrm_probe.files import writing


def write_json(content: Any, path: Path) -> None:
    """Write JSON to a file, or to standard output for "-"; numbers that do not exist become null."""
    from hrm_probe.reasoning.result import as_json

    text = json.dumps(as_json(content), indent=2, allow_nan=False) + "\n"
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
    elif is_stream(path):
        path.write_text(text)
    else:
        with writing(path.resolve()) as beside:  # a link stays one
            beside.write_text(text)
