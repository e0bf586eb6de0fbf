"""Pictures as files: a bitmap and a vector of each."""

from pathlib import Path
from typing import TYPE_CHECKING

from hrm_probe.files import writing
from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_figure(figure: "Figure", out: Path, name: str) -> list[Path]:
    """Write ``NAME.png`` and ``NAME.pdf``, without dates, so that the same numbers give the same files."""
    files = []
    with style.style():
        for ending, when in (("png", {"Software": None}), ("pdf", {"CreationDate": None})):
            with writing(out / f"{name}.{ending}") as beside:
                figure.savefig(beside, metadata=when)
            files.append(out / f"{name}.{ending}")
    return files
