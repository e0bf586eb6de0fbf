"""What recording costs: every z_H to disk, against the same rollout without, in turns on the same batch.

    python analyses/recording_cost.py                      # writes figures/recording_cost.json

The recording is whole: fingerprint of the weights, store, conversion to float16, and the last byte handed to the
file system. With one batch nothing is hidden behind the next one's computing, so this is the dearest case.
CPU seconds are given beside wall seconds, because they suffer less from whatever else the machine does.
"""

import argparse
import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from command_lines import described, exit_status, positive

from hrm_probe.json_text import write_json
from hrm_probe.models import ModelConfig, RecursiveReasoner, build_model
from hrm_probe.provenance import provenance
from hrm_probe.trace import record

SMALL = ModelConfig(cells=36, vocab=8, d_model=64, n_heads=4, H_layers=2, L_layers=2)
PUBLISHED = ModelConfig()
CASES = {
    "6x6": (SMALL, 256),
    "published-float32": (PUBLISHED, 8),
    "published-bfloat16": (PUBLISHED.replace(forward_dtype="bfloat16"), 8),
}


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--repeats", type=positive, default=7, help="pairs of measurements (default 7)")
    parser.add_argument("--batches", type=positive, default=1, help="batches in a recording (default 1)")
    parser.add_argument("--segments", type=positive, default=16)
    parser.add_argument("--sites", nargs="+", default=["z_H"])
    parser.add_argument("--threads", type=positive, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scratch", type=Path, help="folder for the traces (default: the system's)")
    parser.add_argument("--out", type=Path, default=Path("figures/recording_cost.json"))
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    results = {}
    for name in options.cases:
        config, batch = CASES[name]
        results[name] = measure(config, batch, options)
        r = results[name]
        print(
            f"{name}: run {r['run_s']:.2f} s, record {r['record_s']:.2f} s; "
            f"{r['overhead']:+.1%} wall ({r['overhead_lowest']:+.1%} to {r['overhead_highest']:+.1%}), "
            f"{r['cpu_overhead']:+.1%} CPU; {r['recorded_mb']:.0f} MB",
            flush=True,
        )
    settings = {
        k: getattr(options, k) for k in ("repeats", "batches", "segments", "sites", "threads", "seed")
    }
    content = {"cases": results, **settings, "provenance": provenance()}
    write_json(options.out, content, indent=2)
    return 0


def measure(config: ModelConfig, batch: int, options: argparse.Namespace) -> dict[str, Any]:
    """Alternate the two, after one warm-up of each; medians, and the overhead of each pair."""
    model = build_model(config, options.seed).eval()
    rng = np.random.default_rng(options.seed)
    tokens = rng.integers(1, config.vocab, (batch * options.batches, config.cells))
    if config.forward_dtype == "bfloat16":
        model.bfloat16()  # once, instead of at every use
    scratch = Path(tempfile.mkdtemp(dir=options.scratch))
    pairs, size = [], 0.0
    try:
        for pair in range(options.repeats + 1):
            order: list[Callable[..., Any]] = [run_all, record_all]
            times = {}
            for work in order if pair % 2 else order[::-1]:
                gc.collect()
                wall, cpu = time.perf_counter(), time.process_time()
                size = work(model, tokens, batch, options, scratch / "trace") or size
                times[work] = (time.perf_counter() - wall, time.process_time() - cpu)
                shutil.rmtree(scratch / "trace", ignore_errors=True)
            if pair:
                pairs.append((times[run_all], times[record_all]))
    finally:
        shutil.rmtree(scratch)
    (run_s, run_cpu), (record_s, record_cpu) = (
        tuple(statistics.median(pair[which][clock] for pair in pairs) for clock in (0, 1)) for which in (0, 1)
    )
    overheads = [recorded[0] / plain[0] - 1 for plain, recorded in pairs]
    return {
        "parameters": model.n_parameters, "forward_dtype": config.forward_dtype, "batch": batch,
        "run_s": run_s, "record_s": record_s, "overhead": record_s / run_s - 1,
        "overhead_lowest": min(overheads), "overhead_highest": max(overheads),
        "run_cpu_s": run_cpu, "record_cpu_s": record_cpu, "cpu_overhead": record_cpu / run_cpu - 1,
        "recorded_mb": size,
    }  # fmt: skip


def run_all(model: RecursiveReasoner, tokens: np.ndarray, batch: int, options: Any, out: Path) -> None:
    for start in range(0, len(tokens), batch):
        model.run(tokens[start : start + batch], options.segments)


def record_all(model: RecursiveReasoner, tokens: np.ndarray, batch: int, options: Any, out: Path) -> float:
    trace = record(model, tokens, out, options.sites, segments=options.segments, batch_size=batch)
    return float(trace.dataset.nbytes) / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
