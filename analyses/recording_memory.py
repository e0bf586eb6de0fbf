"""What recording needs of memory: the peak of a process, as the number of puzzles grows.

    python analyses/recording_memory.py                    # writes figures/recording_memory.json

Each recording has a process of its own, whose peak is read from /proc (Linux only).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--puzzles", type=int, nargs="+", default=[64, 128, 256, 512, 1024])
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--segments", type=int, default=16)
    parser.add_argument("--sites", nargs="+", default=["z_H", "z_L"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("figures/recording_memory.json"))
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)  # record so many here, and tell the peak
    options = parser.parse_args()
    if not Path("/proc/self/status").exists():
        parser.error("peak memory is read from /proc, which this system does not have")
    if options.one is not None:
        print(json.dumps(record_here(options)))
        return
    rows = []
    for n in options.puzzles:
        command = [sys.executable, __file__, *sys.argv[1:], "--one", str(n)]
        rows.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print(
            "{puzzles:,} puzzles: peak {peak_mb:.0f} MB, trace {trace_mb:.0f} MB".format(**rows[-1]),
            flush=True,
        )
    first, last = rows[0], rows[-1]
    growth = last["peak_mb"] - first["peak_mb"]
    print(f"The trace grew by {last['trace_mb'] - first['trace_mb']:.0f} MB, the peak by {growth:.0f} MB.")

    from hrm_probe.files import writing
    from hrm_probe.provenance import provenance

    settings = {k: getattr(options, k) for k in ("batch_size", "segments", "sites", "seed")}
    content = {"rows": rows, "peak_growth_mb": growth, **settings, "provenance": provenance()}
    with writing(options.out) as beside:
        beside.write_text(json.dumps(content, indent=2) + "\n")


def record_here(options: argparse.Namespace) -> dict[str, Any]:
    import numpy as np

    from hrm_probe.models import ModelConfig, build_model
    from hrm_probe.trace import record

    config = ModelConfig(cells=36, vocab=8, d_model=64, n_heads=4, H_layers=2, L_layers=2)
    model = build_model(config, options.seed)
    tokens = np.random.default_rng(options.seed).integers(1, config.vocab, (options.one, config.cells))
    with tempfile.TemporaryDirectory() as scratch:
        trace = record(
            model, tokens, Path(scratch) / "trace", options.sites,
            segments=options.segments, batch_size=options.batch_size,
        )  # fmt: skip
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
        return {"puzzles": options.one, "peak_mb": peak / 1e6, "trace_mb": trace.dataset.nbytes / 1e6}


if __name__ == "__main__":
    main()
