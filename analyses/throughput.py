"""How many 9x9 puzzles a second `run` solves at published size (27.3M parameters, 16 segments) on this machine.

    python analyses/throughput.py [--batch 32] [--repeats 3] [--compile]

Variants are timed in turns within one process, after one warm-up each; medians are reported, beside the rate of
a bare matrix product of the model's own shape in the same dtype, which is the ceiling. Random weights: the time
does not depend on them. Writes figures/throughput.json.

For comparison: the official HRM class on two cores of the same kind of machine does 1.1 puzzles a second in
bfloat16 and 0.57 in float32 (batch 32, uncompiled, measured apart; medians of three repetitions).
"""

import statistics
from functools import partial
from pathlib import Path

import torch
from command_lines import described, exit_status, positive

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.bench.ceiling import bare_product
from hrm_probe.bench.timing import timed
from hrm_probe.json_text import json_text, write_json
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.models.cost import segment_cost
from hrm_probe.models.saving import to_device_and_dtype
from hrm_probe.provenance import provenance

FIGURES = Path(__file__).parents[1] / "figures"
SEGMENTS = 16
CPU = torch.device("cpu")


def product_rate(config: ModelConfig, batch: int) -> float:
    """Operations a second of the largest matrix product in the model."""
    product, multiply = bare_product(config, batch, CPU)
    timed(multiply, CPU)
    return product.flops / statistics.median(timed(multiply, CPU) for _ in range(20))


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("--batch", type=positive, default=32)
    parser.add_argument("--repeats", type=positive, default=3)
    parser.add_argument("--threads", type=positive, default=2)
    parser.add_argument("--compile", action="store_true", help="time torch.compile too (minutes to compile)")
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    keep_freed_memory()
    config = ModelConfig()
    tokens = torch.randint(1, 11, (given.batch, 81), generator=torch.Generator().manual_seed(0))

    variants = {}
    for dtype in ("float32", "bfloat16"):
        variants[f"{dtype}, eager"] = to_device_and_dtype(build_model(config), "cpu", dtype)
    if given.compile:
        model = to_device_and_dtype(build_model(config), "cpu", "bfloat16")
        model.compile()
        variants["bfloat16, compiled"] = model
    for model in variants.values():
        model.run(tokens, segments=1)
    rates: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(given.repeats):
        for name, model in variants.items():
            rates[name].append(given.batch / timed(partial(model.run, tokens, segments=SEGMENTS), CPU))

    flops_per_puzzle = SEGMENTS * segment_cost(config, batch=1).flops
    ceilings = {
        dtype: product_rate(config.replace(forward_dtype=dtype), given.batch) / flops_per_puzzle
        for dtype in ("float32", "bfloat16")
    }
    result = {
        "puzzles_per_second": {name: [round(rate, 3) for rate in values] for name, values in rates.items()},
        "median": {name: round(statistics.median(values), 3) for name, values in rates.items()},
        "ceiling_by_matrix_product": {dtype: round(rate, 3) for dtype, rate in ceilings.items()},
        "gigaflop_per_puzzle": round(flops_per_puzzle / 1e9, 1),
        "batch": given.batch,
        "segments": SEGMENTS,
        "threads": given.threads,
        "provenance": provenance(),
    }
    write_json(FIGURES / "throughput.json", result, indent=2)
    print(json_text(result, indent=2), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
