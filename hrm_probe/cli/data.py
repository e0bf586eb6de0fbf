"""``hrm-probe data``: make, download, check and split puzzle sets."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hrm_probe import sudoku
from hrm_probe.errors import InputError

app = typer.Typer(help="Make, download, check and split puzzle sets.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
FAULTS_SHOWN = 20


@app.command()
def generate(
    out: Annotated[Path, typer.Option(help="CSV file to write; gzipped if it ends in .gz.")],
    kind: Annotated[str, typer.Option(help="minimal, easy or hard.")] = "minimal",
    board: Annotated[str, typer.Option(help="4x4, 6x6 or 9x9.")] = "9x9",
    n: Annotated[int, typer.Option(help="Number of puzzles.")] = 1000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal puzzles.")] = 0,
    as_json: Json = False,
) -> None:
    """Make puzzles with exactly one solution each."""
    _needs_csv(out)
    puzzles = sudoku.generate(n, kind, board, seed)
    puzzles.to_csv(out)
    _tell(
        as_json,
        {"file": str(out), **_summary(puzzles), "kind": kind, "seed": seed},
        f"{out}: {len(puzzles):,} {kind} {puzzles.board} puzzles, mean rating {puzzles.rating.mean():.1f} guesses",
    )


@app.command()
def fetch(
    out: Annotated[Path, typer.Option(help="Folder to download into.")] = Path("sudoku-extreme"),
    file: Annotated[list[str] | None, typer.Option(help="Only this file (train.csv or test.csv).")] = None,
    as_json: Json = False,
) -> None:
    """Download the published Sudoku-Extreme (huggingface.co/datasets/sapientinc/sudoku-extreme)."""
    from hrm_probe.sudoku import fetching

    for name in file or []:
        if name not in fetching.FILES:
            raise InputError(f'Sudoku-Extreme has no file "{name}"; choose {" or ".join(fetching.FILES)}.')
    downloads = fetching.fetch(out, tuple(file or fetching.FILES))
    _tell(
        as_json,
        [{"file": str(d.path), "bytes": d.size, "sha256": d.sha256} for d in downloads],
        "\n".join(f"{d.path}: {d.size:,} bytes, sha256 {d.sha256}" for d in downloads),
    )


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="A puzzle set: CSV, text, folder of an official build, or name.")
    ],
    as_json: Json = False,
) -> None:
    """Name every row that is not a sound puzzle, and its fault. Exit status 1 if there is any."""
    report = sudoku.check(file)
    lines = [f"{file}: {fault}" for fault in report.faults[:FAULTS_SHOWN]]
    if len(report.faults) > FAULTS_SHOWN:
        lines.append(f"... and {len(report.faults) - FAULTS_SHOWN:,} more; --json lists them all")
    good = report.puzzles - len(report.faults)
    lines.append(
        f"{file}: {good:,} of {report.puzzles:,} {report.board or ''} puzzles are sound".replace("  ", " ")
    )
    _tell(as_json, report.to_dict(), "\n".join(lines))
    if not report.sound:
        raise typer.Exit(1)


@app.command()
def split(
    file: Annotated[str, typer.Argument(help="A puzzle set to split, in any form that can be loaded.")],
    train: Annotated[Path, typer.Option(help="CSV file for the part to train on.")],
    test: Annotated[Path, typer.Option(help="CSV file for the part held out.")],
    fraction: Annotated[float, typer.Option(help="Least share of the puzzles to hold out.")] = 0.1,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal splits.")] = 0,
    as_json: Json = False,
) -> None:
    """Hold out puzzles by whole symmetry classes of their solutions, so that nothing leaks."""
    _needs_csv(train)
    _needs_csv(test)
    kept, held_out = sudoku.split(sudoku.load_puzzles(file), fraction, seed)
    kept.to_csv(train)
    held_out.to_csv(test)
    _tell(
        as_json,
        {
            "train": {"file": str(train), **_summary(kept)},
            "test": {"file": str(test), **_summary(held_out)},
            "fraction": fraction,
            "seed": seed,
        },
        f"{train}: {len(kept):,} puzzles\n{test}: {len(held_out):,} puzzles, no solution of which is in {train}, "
        f"not even renamed, permuted or mirrored",
    )


def _needs_csv(path: Path) -> None:
    if not path.name.endswith((".csv", ".csv.gz")):
        raise InputError(f"{path} should end in .csv or .csv.gz: that is what is written.")


def _summary(puzzles: sudoku.Puzzles) -> dict[str, object]:
    return {
        "puzzles": len(puzzles),
        "board": puzzles.board.name,
        "mean_rating": float(puzzles.rating.mean()),
        "mean_clues": float((~puzzles.blanks).sum(axis=1).mean()),
    }


def _tell(as_json: bool, data: object, text: str) -> None:
    typer.echo(json.dumps(data, indent=2) if as_json else text)
