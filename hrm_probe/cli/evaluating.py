"""``hrm-probe evaluate MODEL --puzzles SET``."""

from typing import Annotated

import typer

from hrm_probe.cli.options import (
    STANDARD_OUTPUT,
    BatchSize,
    Device,
    ForwardDtypeName,
    JsonFile,
    ModelArgument,
    SampleSize,
    at_least_one,
)
from hrm_probe.cli.output import emit_json
from hrm_probe.cli.reading import (
    read_puzzles_or_tasks,
    remark_on_several_solutions,
)
from hrm_probe.errors import InputError


def evaluate_command(
    model: ModelArgument,
    puzzles: Annotated[
        str, typer.Option(help="A bundled set, a file of puzzles with answers, or a published folder.")
    ],
    segments: Annotated[
        int | None,
        typer.Option(
            callback=at_least_one,
            help="Segments to run, the model's own number if not given; the last one counts. With --at-halt: the "
            "most to run.",
        ),
    ] = None,
    n: SampleSize = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of that sample.")] = 0,
    batch_size: BatchSize = 128,
    device: Device = None,
    dtype: ForwardDtypeName = None,
    at_halt: Annotated[
        bool,
        typer.Option("--at-halt", help="Stop each puzzle where the model halts; many times faster."),
    ] = False,
    arc: Annotated[
        bool,
        typer.Option("--arc", help="ARC's own score, by a vote of all copies; --n counts tasks."),
    ] = False,
    copies: Annotated[
        int | None,
        typer.Option(
            callback=at_least_one, help="With --arc: ask only this many copies of each task, the first ones."
        ),
    ] = None,
    json: JsonFile = None,
) -> None:
    """Solve a puzzle set and score it: exact and cell accuracy, by segment, by source and by rating (guesses)."""
    import hrm_probe
    from hrm_probe.models.published.arc import is_arc
    from hrm_probe.provenance import provenance
    from hrm_probe.reasoning.solving.accuracy import Accuracy, evaluate
    from hrm_probe.reasoning.solving.arc_score import ArcScore, arc_score
    from hrm_probe.reasoning.solving.at_halt import HaltAccuracy, evaluate_at_halt

    if arc and at_halt:
        raise InputError(
            "--arc and --at-halt exclude each other: ARC's score lets every copy run all segments."
        )
    if copies is not None and not arc:
        raise InputError("--copies belongs to --arc, ARC's own score.")
    reasoner = hrm_probe.load(model, device, dtype)
    length = reasoner.config.max_segments if segments is None else segments
    found: Accuracy | HaltAccuracy | ArcScore
    if arc:
        tests = hrm_probe.load_arc(puzzles, n, copies, seed)
        asked = len(tests.pairs)
        found = arc_score(reasoner, tests, segments=length, batch_size=batch_size, seed=seed, progress=True)
    else:
        chosen = read_puzzles_or_tasks(puzzles, n, seed)
        asked = len(chosen)
        remark_on_several_solutions(chosen)
        judge = evaluate_at_halt if at_halt else evaluate
        found = judge(reasoner, chosen, length, batch_size=batch_size, progress=True)
    if json is not None:
        settings = {
            "model": model, "puzzles": puzzles, "n": asked, "seed": seed, "segments": length,
            **({"copies": copies} if arc else {}),
            "dtype": str(reasoner.forward_dtype).removeprefix("torch."),
        }  # fmt: skip
        emit_json(json, {**settings, **found.summary(), "provenance": provenance()})
    if json != STANDARD_OUTPUT:
        print(found)
        if not isinstance(found, ArcScore):
            if isinstance(found, Accuracy):
                shares = " ".join(f"{share:.1%}" for share in found.by_segment["exact"])
                print(f"Solved after each segment: {shares}.")
            for table in (found.by_source, found.by_rating):
                if len(table) > 1:
                    print(table.to_string(float_format="{:.3f}".format))
            if is_arc(puzzles):
                print(
                    "Here each example counts by itself; --arc gives ARC's own score, by a vote of all copies."
                )
