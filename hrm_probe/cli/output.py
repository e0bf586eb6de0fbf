"""What commands print for scripts."""

import sys
from pathlib import Path
from typing import Any

from hrm_probe.cli.options import STANDARD_OUTPUT, is_stream


def emit_json(path: Path, content: Any) -> None:
    """Write JSON to a file, or to standard output for "-"; numbers that do not exist become null."""
    from hrm_probe import json_text  # it takes pandas, which --help should not wait for

    if path == STANDARD_OUTPUT:
        sys.stdout.write(json_text.json_text(content, indent=2))
    elif is_stream(path):
        path.write_text(json_text.json_text(content, indent=2))
    else:
        json_text.write_json(path.resolve(), content, indent=2)  # a link stays one


def what_is_written_to(out: Path) -> str:
    """A sentence on the folder of an answer."""
    return f"Written to {out}: {', '.join(sorted(file.name for file in out.iterdir()))}."
