"""``hrm-probe import WEIGHTS --out DIR``."""

import warnings
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from hrm_probe.cli.options import writable_folder
from hrm_probe.errors import InputError


def which_weights(option: typer.CallbackParam, name: str | None) -> str | None:
    from hrm_probe.models.published.weights import Use

    if name is not None and name not in (known := get_args(Use)):
        raise InputError(f"{option.opts[0]} is {name!r}; it must be one of {', '.join(known)}.")
    return name


def import_command(
    weights: Annotated[Path, typer.Argument(help="A published checkpoint: step_N, .pt or .safetensors.")],
    out: Annotated[Path, typer.Option(callback=writable_folder, help="Folder to write the model into.")],
    config: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Its all_config.yaml, or JSON; inferred if not given.")
    ] = None,
    use: Annotated[
        str | None,
        typer.Option(
            callback=which_weights, help="ema or model, for a file with both; the average (ema) if not given."
        ),
    ] = None,
) -> None:
    """Turn a published checkpoint (HRM, TRM, CGAR, the analysis paper's) into a model folder."""
    from hrm_probe.models.published import import_checkpoint
    from hrm_probe.models.published.weights import Use

    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out} already exists; give --out a new folder.")
    with warnings.catch_warnings(record=True) as assumed:
        warnings.simplefilter("always")
        model = import_checkpoint(weights, config, cast(Use | None, use))
    for warning in assumed:
        typer.echo(f"note: {warning.message}", err=True)
    model.save(out)
    kind = model.config.architecture.upper()
    print(f"{kind} with {model.n_parameters:,} parameters for {model.config.cells} cells is in {out}.")
