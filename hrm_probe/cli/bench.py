"""``hrm-probe bench [RECIPE ...]``."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hrm_probe.cli.options import STANDARD_OUTPUT, at_least_one, positive, writable_file
from hrm_probe.cli.output import emit_json
from hrm_probe.errors import InputError


def bench_command(
    recipes: Annotated[
        list[str] | None, typer.Argument(help="Recipes to time; all bundled ones if none is named.")
    ] = None,
    out: Annotated[
        Path, typer.Option(callback=writable_file, help="JSON file to write; - for standard output.")
    ] = Path("figures/bench.json"),
    seconds: Annotated[
        float,
        typer.Option(
            callback=positive, help="Seconds of timing for each kind of work, compiling not counted."
        ),
    ] = 5.0,
    batch_size: Annotated[
        int | None,
        typer.Option(
            callback=at_least_one,
            help="Rows in a step; if not given, the recipe's, or fewer where that would take too long.",
        ),
    ] = None,
    minutes_limit: Annotated[
        float | None, typer.Option(callback=positive, help="Start no further recipe after this many minutes.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda; the recipe's if not given.")] = None,
    dtype: Annotated[str | None, typer.Option(help="float32 or bfloat16; the recipe's if not given.")] = None,
    compile: Annotated[str | None, typer.Option(help="auto, on or off; the recipe's if not given.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file even if it holds other recipes.")
    ] = False,
) -> None:
    """Time training steps and inference segments on this machine, beside what its matrix products would allow."""
    from hrm_probe.bench.running import bench, table, to_json
    from hrm_probe.training.recipe import load_recipe

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    overrides: dict[str, Any] = {"device": device, "dtype": dtype, "compile": compile}
    overrides = {name: value for name, value in overrides.items() if value is not None}
    settings: dict[str, Any] = {"seconds": seconds, "batch_size": batch_size, "minutes": minutes_limit}
    for name in recipes or ():
        load_recipe(name, overrides)  # what there is not is refused before what would be lost
    if recipes and not force:
        _refuse_to_lose_recipes(out, recipes)
    benches, left_out = bench(recipes or (), **settings, overrides=overrides, say=say)
    emit_json(out, to_json(benches, left_out, settings={**settings, "overrides": overrides}))
    if out != STANDARD_OUTPUT:
        print(table(benches))
        for name, reason in left_out.items():
            print(f"{name}: left out, {reason}")


def _refuse_to_lose_recipes(out: Path, recipes: list[str]) -> None:
    """Raise an InputError where the file holds recipes that are not to be timed now, or is not one of bench's."""
    try:
        lost = sorted(set(json.loads(out.read_text())["recipes"]) - set(recipes))
    except (OSError, ValueError, KeyError, TypeError):
        if out.is_file() and out.stat().st_size:
            raise InputError(
                f"{out} exists and was not written by bench; name another file with --out, or add --force."
            ) from None
        return
    if lost:
        raise InputError(
            f"{out} holds other recipes ({', '.join(lost)}), which would be lost; name another file with --out, or add "
            "--force."
        )
