"""``hrm-probe import WEIGHTS --out DIR``."""

import warnings
from pathlib import Path
from typing import Annotated

import typer

from hrm_probe.cli.options import writable_folder
from hrm_probe.errors import InputError


def import_command(
    weights: Annotated[Path, typer.Argument(help="A published checkpoint: step_N, .pt or .safetensors.")],
    out: Annotated[Path, typer.Option(callback=writable_folder, help="Folder to write the model into.")],
    config: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Its all_config.yaml, or JSON; inferred if not given.")
    ] = None,
) -> None:
    """Turn a published checkpoint (HRM, TRM, CGAR, the analysis paper's) into a model folder."""
    from hrm_probe.models.published import import_checkpoint

    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out} exists already; give --out a new folder.")
    with warnings.catch_warnings(record=True) as assumed:
        warnings.simplefilter("always")
        model = import_checkpoint(weights, config)
    for warning in assumed:
        typer.echo(f"note: {warning.message}", err=True)
    model.save(out)
    kind = model.config.architecture.upper()
    print(f"{kind} with {model.n_parameters:,} parameters for {model.config.cells} cells is in {out}.")
