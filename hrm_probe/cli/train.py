"""``hrm-probe train RECIPE``."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from hrm_probe.cli.options import INTERRUPTED, positive, writable_folder
from hrm_probe.errors import InputError
from hrm_probe.wording import counted


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(help="A bundled recipe's name, or a TOML file; --out FOLDER --resume needs none."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(callback=writable_folder, help="The run's folder; runs/RECIPE if not given."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Continue the run in the folder; if there is none and a recipe is given, start it.",
        ),
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(callback=positive, help="Wall-time budget in minutes, instead of the recipe's steps."),
    ] = None,
    set: Annotated[  # the option's own name
        list[str] | None,
        typer.Option(
            "--set",
            help="Change a setting: key=value. May be repeated; hrm-probe recipes RECIPE lists and explains all.",
        ),
    ] = None,
) -> None:
    """Train a model; the folder gets checkpoint.pt, model/ (also while it trains), metrics.jsonl and summary.json.

    To continue a killed run as it began: hrm-probe train --out FOLDER --resume.
    """
    from hrm_probe.training import train as run
    from hrm_probe.training.recipe import parse_settings

    if out is not None and not resume and out.resolve() == Path.cwd():
        raise InputError(f"{out} is the folder you are in; name a folder inside it with --out.")
    settings = parse_settings(set or [])
    if minutes is not None and "steps" in settings:
        raise InputError("--minutes and --set steps are two budgets; give one of them.")
    result = run(recipe, out, resume, minutes, settings)
    if not result.finished:
        typer.echo(f"Stopped at step {result.step:,}; go on with: {resuming_command(result.out)}", err=True)
        raise typer.Exit(INTERRUPTED)
    typer.echo(f"{result.out / 'model'}: {counted(result.step, 'step')}")
    for source, part in result.summary["accuracy"]["by_source"].items():
        low, high = part["interval"]
        told = f"{part['accuracy']:.1%} of {counted(part['puzzles'], 'held-out puzzle')}"
        typer.echo(f"  {source or 'all'}: {told} ({low:.1%} to {high:.1%})")
    leak = result.summary["leak_check"]
    if leaking := leak["test_puzzles_with_a_solution_in_training_up_to_symmetry"]:
        typer.echo(f"  Not truly held out: of {leaking:,} of these the solution is in the training set, too.")


def resuming_command(out: Path) -> str:
    """What to type, in a shell of each machine, to go on with a run, by as many processes as are at it now.

    What else torchrun must know of several machines, the first of them, say, was told it to begin with.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    here = int(os.environ.get("LOCAL_WORLD_SIZE", processes))
    nodes = ["--nnodes", str(processes // here)] if processes > here else []
    many = ["torchrun", *nodes, "--nproc-per-node", str(here), "-m", "hrm_probe"]
    return shlex.join([*(many if processes > 1 else ["hrm-probe"]), "train", "--out", str(out), "--resume"])
