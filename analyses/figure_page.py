"""A figure's page: the question, the picture as a vector, and the numbers behind it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrm_probe.files import writing
from hrm_probe.json_text import as_json
from hrm_probe.plots.plain_page import Picture, picture_page
from hrm_probe.plots.tabulating import number_tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_page(
    figure: "Figure", out: Path, name: str, about: str | None, measured: Mapping[str, Any]
) -> Path:
    """Write ``NAME.html``, which needs nothing beside it.

    Args:
        figure: the picture.
        out: folder.
        name: of the files.
        about: what the script says of itself, the question first.
        measured: the content of ``NAME.json``.
    """
    numbers = as_json(measured)
    foot = numbers.pop("provenance", {})
    question, _, rest = (about or name).strip().partition("\n")
    page = picture_page(
        question,
        rest.strip("\n"),
        [Picture(name, "", "", figure)],
        number_tables(numbers),
        foot,
        f"{name}.json",
    )
    with writing(out / f"{name}.html") as beside:
        beside.write_text(page, encoding="utf-8")
    return out / f"{name}.html"
