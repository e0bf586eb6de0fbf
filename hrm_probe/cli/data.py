"""``hrm-probe data``: make, download, check and split puzzle sets."""

import json
from itertools import combinations, pairwise
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand

from hrm_probe import sudoku
from hrm_probe.cli.options import at_least_one, writable_folder
from hrm_probe.errors import InputError
from hrm_probe.files import check_file, check_folder, writing
from hrm_probe.sudoku.generator import KINDS
from hrm_probe.sudoku.puzzles import NOT_RATED
from hrm_probe.sudoku.readers import is_csv, locate
from hrm_probe.wording import counted

app = typer.Typer(help="Make, download, check and split puzzle sets.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text; > FILE saves it.")]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
FAULTS_SHOWN = 20


class Command(TyperCommand):
    """Takes ``--json -`` for ``--json``, as someone used to evaluate or record may type it."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        kept = [word for before, word in pairwise(["", *args]) if (before, word) != ("--json", "-")]
        return super().parse_args(ctx, kept)


@app.command(cls=Command)
def generate(
    out: Annotated[
        Path, typer.Option(help="New CSV file to write, gzipped if it ends in .gz; of mazes, a new folder.")
    ],
    kind: Annotated[str, typer.Option(help="minimal, easy or hard; or maze or tree-maze.")] = "minimal",
    board: Annotated[str, typer.Option(help="4x4, 6x6 or 9x9; of mazes an odd side, like 11x11.")] = "9x9",
    n: Annotated[int, typer.Option(callback=at_least_one, help="Number of puzzles.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal puzzles.")] = 0,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make puzzles with exactly one solution each; mazes as data sets of the released code."""
    if kind.endswith("maze"):
        _generate_mazes(out, kind, board, n, seed, force, as_json)
        return
    if kind not in KINDS:
        raise InputError(
            f'There is no kind of puzzle "{kind}"; choose one of {", ".join(KINDS)}, maze, tree-maze.'
        )
    _check_output(out, force)
    puzzles = sudoku.generate(n, kind, board, seed)
    puzzles.to_csv(out)
    made = counted(len(puzzles), f"{kind} {puzzles.board} puzzle")
    _tell(
        as_json,
        {"file": str(out), **_summary(puzzles), "kind": kind, "seed": seed},
        f"{out}: {made}, mean rating {puzzles.rating.mean():.1f} guesses",
    )


def _generate_mazes(out: Path, kind: str, board: str, n: int, seed: int, force: bool, as_json: bool) -> None:
    if check_folder(out).exists() and not force:
        raise InputError(f"{out} already exists; give a new folder, or --force to replace it.")
    from hrm_probe import mazes, save_tasks

    made = mazes.generate(n, kind, board, seed)
    save_tasks(made, out)
    told = {"file": str(out), "puzzles": n, "board": board, "mean_rating": float(made.rating.mean())}
    _tell(
        as_json,
        {**told, "kind": kind, "seed": seed},
        f"{out}: {counted(n, f'{board} {kind}')}, {made.rating.mean():.1f} steps to the goal on average",
    )


@app.command(cls=Command)
def fetch(
    out: Annotated[Path, typer.Option(callback=writable_folder, help="Folder to download into.")] = Path(
        "sudoku-extreme"
    ),
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


@app.command(cls=Command)
def check(
    file: Annotated[
        str, typer.Argument(help="A puzzle set: CSV, text, folder of an official build, or name.")
    ],
    as_json: Json = False,
) -> None:
    """Name every row that is not a sound puzzle, and its fault. The exit status is 1 if there is one."""
    from hrm_probe.models.published.tasks import tasks_folder

    if (folder := tasks_folder(file)) is not None:
        raise InputError(
            f"{folder} holds tasks that are no Sudokus, whose rules are what is checked; hrm_probe.load_tasks() reads "
            "it, and names what does not fit together."
        )
    report = sudoku.check(file)
    lines = [f"{file}: {fault}" for fault in report.faults[:FAULTS_SHOWN]]
    if len(report.faults) > FAULTS_SHOWN:
        lines.append(f"... and {len(report.faults) - FAULTS_SHOWN:,} more; --json lists them all")
    if report.puzzles:
        what = f"{report.board} puzzle" if report.board else "puzzle"
        verb = "is" if report.puzzles == 1 else "are"
        lines.append(f"{file}: {report.sound_puzzles:,} of {counted(report.puzzles, what)} {verb} sound")
    _tell(as_json, report.to_dict(), "\n".join(lines))
    if not report.sound:
        raise typer.Exit(1)


@app.command(cls=Command)
def split(
    file: Annotated[str, typer.Argument(help="A puzzle set to split, in any form that can be loaded.")],
    train: Annotated[Path, typer.Option(help="New CSV file for the part to train on.")],
    test: Annotated[Path, typer.Option(help="New CSV file for the part held out.")],
    fraction: Annotated[float, typer.Option(help="Hold out at least this share of the puzzles.")] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal splits.")] = 0,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Hold out puzzles by whole symmetry classes of their answers, so that nothing leaks."""
    _refuse_shared_files({"the set to split": locate(file), "--train": train, "--test": test})
    for part in (train, test):
        _check_output(part, force)
    kept, held_out = sudoku.split(sudoku.load_puzzles(file), fraction, seed)
    with writing(train) as beside_train, writing(test) as beside_test:  # neither before both are whole
        kept.to_csv(beside_train)
        held_out.to_csv(beside_test)
    _tell(
        as_json,
        {
            "train": {"file": str(train), **_summary(kept)},
            "test": {"file": str(test), **_summary(held_out)},
            "fraction": fraction,
            "seed": seed,
        },
        f"{train}: {counted(len(kept), 'puzzle')}\n{test}: {counted(len(held_out), 'puzzle')}, whose answers are not "
        f"in {train}, not even renamed, permuted or mirrored",
    )


def _check_output(path: Path, force: bool) -> None:
    if not is_csv(path):
        raise InputError(f"{path} should end in .csv or .csv.gz, the formats that are written.")
    if check_file(path).exists() and not force:
        raise InputError(f"{path} already exists; give another file, or --force to replace it.")


def _refuse_shared_files(files: dict[str, Path]) -> None:
    for (what, file), (other, target) in combinations(files.items(), 2):
        if file.resolve() == target.resolve():
            raise InputError(f"{other} names the same file as {what}, {target}; give it a file of its own.")


def _summary(puzzles: sudoku.Puzzles) -> dict[str, object]:
    rated = puzzles.rating[puzzles.rating != NOT_RATED]
    return {
        "puzzles": len(puzzles),
        "board": puzzles.board.name,
        "mean_rating": float(rated.mean()) if len(rated) else None,
        "mean_clues": float((~puzzles.blanks).sum(axis=1).mean()),
    }


def _tell(as_json: bool, data: object, text: str) -> None:
    typer.echo(json.dumps(data, indent=2, allow_nan=False) if as_json else text)
