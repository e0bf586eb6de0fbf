"""``hrm-probe train RECIPE``."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from hrm_probe.cli.options import positive, writable_folder

INTERRUPTED = 130


def train(
    recipe: Annotated[str, typer.Argument(help="A bundled recipe's name, or a TOML file.")],
    out: Annotated[
        Path | None,
        typer.Option(callback=writable_folder, help="The run's folder; runs/RECIPE if not given."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder; start it if there is none.")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(callback=positive, help="Budget of wall time, instead of the recipe's steps."),
    ] = None,
    set: Annotated[  # the option's own name
        list[str] | None, typer.Option("--set", help="Change a setting: key=value. May be repeated.")
    ] = None,
) -> None:
    """Train a model; the folder gets model/, summary.json, metrics.jsonl and checkpoint.pt."""
    from hrm_probe.training import train as run
    from hrm_probe.training.recipe import parse_settings

    pairs = set or []
    result = run(recipe, out, resume, minutes, parse_settings(pairs))
    if not result.finished:
        goes_on = resuming_command(recipe, result.out, minutes, pairs)
        typer.echo(f"Stopped at step {result.step:,}; go on with --resume: {goes_on}", err=True)
        raise typer.Exit(INTERRUPTED)
    typer.echo(f"{result.out / 'model'}: {result.step:,} steps")
    for source, part in result.summary["accuracy"]["by_source"].items():
        low, high = part["interval"]
        typer.echo(
            f"  {source}: {part['accuracy']:.1%} of {part['puzzles']:,} held-out puzzles ({low:.1%} to {high:.1%})"
        )


def resuming_command(recipe: str, out: Path, minutes: float | None, pairs: list[str]) -> str:
    """What to type, in a shell, to go on with a run: a run resumes under its own settings only."""
    words = ["hrm-probe", "train", recipe]
    for pair in pairs:
        words += ["--set", pair]
    if minutes is not None:
        words += ["--minutes", str(minutes)]
    return shlex.join([*words, "--out", str(out), "--resume"])
