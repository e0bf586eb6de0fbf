"""Many recipes, one after another, and the results: a table to read and JSON to keep."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.bench.measuring import CEILING, TRAINING, RecipeBench, bench_recipe
from hrm_probe.errors import InputError
from hrm_probe.provenance import provenance
from hrm_probe.training.recipe import bundled_recipes, load_recipe


def bench(
    recipes: Sequence[str] = (),
    *,
    seconds: float = 5.0,
    batch_size: int | None = None,
    minutes: float | None = None,
    overrides: Mapping[str, Any] | None = None,
    say: Callable[[str], None] = print,
) -> tuple[list[RecipeBench], dict[str, str]]:
    """Time recipes on this machine, as :func:`hrm_probe.bench.measuring.bench_recipe` does each.

    >>> benches, left_out = bench(["trm-6x6", "hrm-6x6"])                               # doctest: +SKIP
    >>> print(table(benches))                                                           # doctest: +SKIP

    Args:
        recipes: names or TOML files; all bundled ones if none is named.
        seconds, batch_size: of each, as in ``bench_recipe``.
        minutes: start no further recipe after this many; no limit if None.
        overrides: settings to change in all of them, such as ``{"compile": "off"}``.
        say: told what is going on.

    Returns:
        What was measured, and by name why a recipe was left out. A recipe that was named must run; of the
        bundled ones, those whose puzzles are not at hand are left out.

    Raises:
        InputError: a number that makes no sense, an unknown recipe, or a named recipe that cannot run here.
    """
    for name, value in (("seconds", seconds), ("batch_size", batch_size), ("minutes", minutes)):
        if value is not None and not value > 0:
            raise InputError(f"{name} is {value}; it must be greater than 0.")
    keep_freed_memory()
    for name in recipes:
        load_recipe(name, overrides)  # refuse what there is not before the first is timed
    began, done, left_out = time.monotonic(), [], {}
    for name in recipes or bundled_recipes():
        if minutes is not None and time.monotonic() - began > 60 * minutes:
            left_out[name] = f"the {minutes:g} minutes were over"
            continue
        say(f"timing {name}")
        try:
            done.append(bench_recipe(load_recipe(name, overrides), seconds, batch_size, say))
        except InputError as error:
            if recipes:
                raise
            left_out[name] = str(error)
    return done, left_out


def to_json(benches: Sequence[RecipeBench], left_out: Mapping[str, str], **settings: Any) -> dict[str, Any]:
    """What is written to the file."""
    return {
        "recipes": {bench.recipe: bench.to_dict() for bench in benches},
        "left_out": dict(left_out),
        "threads": torch.get_num_threads(),
        "not_counted": "norms, softmax, SiLU, rotations, loss and optimiser, in FLOPs; their time is counted",
        **settings,
        "provenance": provenance(),
    }


HEADER = ("recipe", "work", "batch", "ms", "95% interval", "puzzle-seg/s", "GFLOP", "GFLOP/s", "of ceiling")


def table(benches: Sequence[RecipeBench]) -> str:
    """One line per work: milliseconds a call, with the interval of their median, and rates."""
    lines: list[tuple[str, ...]] = [HEADER]
    notes = []
    for bench in benches:
        for work in bench.timings:
            lines.append(_line(bench, work))
        notes.append(_note(bench))
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    rows = ["  ".join(_aligned(line, widths)) for line in lines]
    return "\n".join([*rows, "", *notes])


def _aligned(line: tuple[str, ...], widths: list[int]) -> list[str]:
    """Words to the left, numbers to the right."""
    cells = zip(line, widths, strict=True)
    return [cell.ljust(width) if i < 2 else cell.rjust(width) for i, (cell, width) in enumerate(cells)]


def _line(bench: RecipeBench, work: str) -> tuple[str, ...]:
    interval = bench.timings[work].interval()
    seconds, flops = interval.estimate, bench.costs[work].flops
    rates = bench.rates(work)
    numbers = (
        _three_digits(1e3 * seconds),
        f"{_three_digits(1e3 * interval.low)} to {_three_digits(1e3 * interval.high)}",
        "" if work == CEILING else f"{rates['puzzle_segments_per_second']:,.0f}",
        _three_digits(flops / 1e9),
        _three_digits(rates["flops_per_second"] / 1e9),
        f"{rates['utilisation']:.1%}",
    )
    return bench.recipe, work, str(bench.batch_size), *numbers


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _note(bench: RecipeBench) -> str:
    m, k, n = bench.product.m, bench.product.k, bench.product.n
    sizes = bench.to_dict()["bytes"]
    peak = "" if bench.peak_bytes is None else f", peak {bench.peak_bytes / 2**20:,.0f} MiB"
    smaller = (
        "" if bench.batch_size == bench.recipe_batch_size else f" (recipe: batch {bench.recipe_batch_size})"
    )
    return (
        f"{bench.recipe}: {_schedule(bench)}{bench.config.forward_dtype} on {bench.device}{smaller}; "
        f"{'compiled' if bench.compiled else 'not compiled'}, first steps {bench.first_steps_s:.1f} s more; "
        f"ceiling [{m}, {k}] @ [{k}, {n}]; parameters {sizes['parameters'] / 2**20:,.1f} MiB, "
        f"kept for backward about {sizes['kept_for_backward_estimated'] / 2**20:,.0f} MiB{peak}"
    )


def _schedule(bench: RecipeBench) -> str:
    """What a step costs over the whole training, where the curriculum has further depths."""
    if bench.mean_step is None or bench.shares[TRAINING] == 1:
        return ""
    of_full = bench.mean_step / bench.timings[TRAINING].seconds
    return f"its steps on average {_three_digits(1e3 * bench.mean_step)} ms, {of_full:.2f} of full depth; "
