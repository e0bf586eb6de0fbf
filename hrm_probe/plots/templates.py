"""Pages from templates: the files beside the code, what is filled in, and the foot that says how a page was made."""

import html
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any


def asset(name: str, room: str = "hrm_probe.plots") -> str:
    """A file beside the code of a room: a template, a stylesheet or a script."""
    return (resources.files(room) / "assets" / name).read_text(encoding="utf-8")


def filled(template: str, parts: Mapping[str, str]) -> str:
    """A template with each ``{{name}}`` replaced; in one pass, so that nothing inserted is searched again."""
    before, *rest = template.split("{{")
    pieces = [before]
    for piece in rest:
        name, after = piece.split("}}", 1)
        pieces += [parts[name], after]
    return "".join(pieces)


def about_table(about: Mapping[str, Any]) -> str:
    """The foot of a page: how it was made."""
    cells = "".join(
        f"<tr><td>{html.escape(k)}</td><td>{html.escape(_told(v))}</td></tr>" for k, v in about.items()
    )
    return f"<h2>How this was made</h2><table>{cells}</table>"


def _told(value: Any) -> str:
    """A value of the foot: text as it is, what has parts as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
