"""``hrm-probe record MODEL --puzzles SET --out TRACE``."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hrm_probe.cli.options import (
    STANDARD_OUTPUT,
    Device,
    JsonFile,
    ModelArgument,
    SampleSize,
    at_least_one,
    forward_dtype,
    refuse_one_path_for_both,
    writable_folder,
)
from hrm_probe.cli.output import emit_json
from hrm_probe.cli.reading import read_puzzles_or_tasks
from hrm_probe.wording import counted


def record_command(
    model: ModelArgument,
    puzzles: Annotated[str, typer.Option(help="A bundled set, a file of puzzles, or a published folder.")],
    out: Annotated[
        Path,
        typer.Option(
            callback=writable_folder, help="The trace's folder: new, empty, or with --resume, an earlier one."
        ),
    ],
    n: SampleSize = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of that sample.")] = 0,
    segments: Annotated[
        int | None,
        typer.Option(callback=at_least_one, help="Segments to run; the model's own number if not given."),
    ] = None,
    sites: Annotated[str, typer.Option(help="Hook points, with commas between them.")] = "z_H,z_L",
    every: Annotated[str, typer.Option(help="cycle: every update; segment: each segment's last.")] = "cycle",
    dtype: Annotated[
        str, typer.Option(help="Precision of the states on disk: float16, float32 or float64.")
    ] = "float16",
    run_dtype: Annotated[
        str | None,
        typer.Option(
            callback=forward_dtype,
            help="Precision of the arithmetic: float32, bfloat16 or float64; the model's own if not given.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            callback=at_least_one, help="Puzzles run and stored together; chosen by size if not given."
        ),
    ] = None,
    device: Device = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the trace at --out.")] = False,
    json: JsonFile = None,
) -> None:
    """Run a model over puzzles and keep every latent state on disk, as zarr that xarray opens."""
    import hrm_probe

    refuse_one_path_for_both(out, json)
    reasoner = hrm_probe.load(model, device, run_dtype)
    length = reasoner.config.max_segments if segments is None else segments
    chosen = read_puzzles_or_tasks(puzzles, n, seed)
    names = [name.strip() for name in sites.split(",") if name.strip()]
    settings: dict[str, Any] = {
        "sites": names, "every": every, "segments": length, "dtype": dtype,
        "batch_size": batch_size, "resume": resume,
    }  # fmt: skip
    try:
        trace = hrm_probe.record(reasoner, chosen, out, **settings)
    except KeyboardInterrupt:
        _say_what_is_there(out)
        raise
    if json is not None:
        axes = {str(name): dict(array.sizes) for name, array in trace.dataset.data_vars.items()}
        content = {"trace": str(out), "puzzles": len(trace), "bytes": trace.dataset.nbytes, "axes": axes}
        emit_json(json, {**content, **trace.attributes})
    if json != STANDARD_OUTPUT:
        print(trace)


def _say_what_is_there(out: Path) -> None:
    from hrm_probe.trace import open_trace
    from hrm_probe.trace.store import holds_trace

    if holds_trace(out):
        trace = open_trace(out)
        done = f"{out} holds {len(trace):,} of {counted(trace.total, 'puzzle')}"
        print(f"hrm-probe: {done}; the same command with --resume continues.", file=sys.stderr)
