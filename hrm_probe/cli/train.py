"""``hrm-probe train RECIPE``."""

from pathlib import Path
from typing import Annotated

import typer

INTERRUPTED = 130


def train(
    recipe: Annotated[str, typer.Argument(help="A bundled recipe's name, or a TOML file.")],
    out: Annotated[Path | None, typer.Option(help="The run's folder; runs/RECIPE if not given.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in the folder.")] = False,
    minutes: Annotated[
        float | None, typer.Option(help="Budget of wall time, instead of the recipe's steps.")
    ] = None,
    set: Annotated[  # the option's own name
        list[str] | None, typer.Option("--set", help="Change a setting: key=value. May be repeated.")
    ] = None,
) -> None:
    """Train a model; the folder gets model/, summary.json, metrics.jsonl and checkpoint.pt."""
    from hrm_probe.training import train as run
    from hrm_probe.training.recipe import parse_settings

    result = run(recipe, out, resume, minutes, parse_settings(set or []))
    if not result.finished:
        typer.echo(f"Stopped at step {result.step:,}; go on with --resume --out {result.out}.", err=True)
        raise typer.Exit(INTERRUPTED)
    typer.echo(f"{result.out / 'model'}: {result.step:,} steps")
    for source, part in result.summary["accuracy"]["by_source"].items():
        low, high = part["interval"]
        typer.echo(
            f"  {source}: {part['accuracy']:.1%} of {part['puzzles']:,} held-out puzzles ({low:.1%} to {high:.1%})"
        )
