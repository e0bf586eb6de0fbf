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

from command_lines import BAD_INPUT, described, exit_status, positive

from hrm_probe.errors import InputError


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("--puzzles", type=positive, nargs="+", default=[64, 128, 256, 512, 1024])
    parser.add_argument("--batch-size", type=positive, default=32)
    parser.add_argument("--segments", type=positive, default=16)
    parser.add_argument("--sites", nargs="+", default=["z_H", "z_L"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("figures/recording_memory.json"))
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)  # record so many here, and tell the peak
    options = parser.parse_args(arguments)
    if not Path("/proc/self/status").exists():
        parser.error("peak memory is read from /proc, which this system does not have")
    if options.one is not None:
        print(json.dumps(record_here(options)))
        return 0
    given = sys.argv[1:] if arguments is None else arguments
    rows = []
    for n in options.puzzles:
        rows.append(record_apart([*given, "--one", str(n)]))
        print(
            "{puzzles:,} puzzles: peak {peak_mb:.0f} MB, trace {trace_mb:.0f} MB".format(**rows[-1]),
            flush=True,
        )
    first, last = rows[0], rows[-1]
    growth = last["peak_mb"] - first["peak_mb"]
    print(f"The trace grew by {last['trace_mb'] - first['trace_mb']:.0f} MB, the peak by {growth:.0f} MB.")

    from hrm_probe.json_text import write_json
    from hrm_probe.provenance import provenance

    settings = {k: getattr(options, k) for k in ("batch_size", "segments", "sites", "seed")}
    content = {"rows": rows, "peak_growth_mb": growth, **settings, "provenance": provenance()}
    write_json(options.out, content, indent=2)
    return 0


def record_apart(arguments: list[str]) -> dict[str, Any]:
    """This script with these arguments in a process of its own; what that refuses is refused here."""
    ran = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if ran.returncode == BAD_INPUT:
        raise InputError(ran.stderr.strip())
    ran.check_returncode()
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


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
    raise SystemExit(main())
