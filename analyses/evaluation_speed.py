"""What continuous batching saves: answers at halting, against a plain rollout of all segments, in turns.

    python analyses/evaluation_speed.py [MODEL ...] [--n 512] [--batch 64]

Both give the same answers, which is checked on the same run. Writes figures/evaluation_speed.json.
"""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from command_lines import described, exit_status, positive

import hrm_probe
from hrm_probe.allocator import keep_freed_memory
from hrm_probe.bench.timing import in_turns, ratio
from hrm_probe.json_text import write_json
from hrm_probe.models import RecursiveReasoner
from hrm_probe.provenance import provenance
from hrm_probe.reasoning.runs.continuous import halted_answers
from hrm_probe.sudoku import Puzzles

FIGURES = Path(__file__).parents[1] / "figures"


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("models", nargs="*", default=["trm-6x6", "hrm-6x6"])
    parser.add_argument("--puzzles", default="6x6-test")
    parser.add_argument("--n", type=positive, help="puzzles in the random sample; all if not given")
    parser.add_argument("--batch", type=positive, default=64)
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds for each, over all turns")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=FIGURES / "evaluation_speed.json")
    options = parser.parse_args(arguments)
    keep_freed_memory()
    puzzles = hrm_probe.load_puzzles(options.puzzles, options.n, options.seed)
    results = {}
    for name in options.models:
        results[name] = measure(hrm_probe.load(name), puzzles, options)
        print(f"{name}: {in_words(results[name])}", flush=True)
    settings = {name: getattr(options, name) for name in ("puzzles", "batch", "seconds", "seed")}
    content = {
        "models": results,
        "n": len(puzzles),
        **settings,
        "threads": torch.get_num_threads(),
        "provenance": provenance(),
    }
    write_json(options.out, content, indent=2)
    return 0


def measure(model: RecursiveReasoner, puzzles: Puzzles, options: argparse.Namespace) -> dict[str, Any]:
    """Time both in turns, and compare their answers."""
    fast: Callable[[], Any] = partial(halted_answers, model, puzzles, batch_size=options.batch)
    full: Callable[[], Any] = partial(plain, model, puzzles, options.batch)
    answers, (predictions, halted_at) = fast(), full()
    timings = in_turns({"plain": full, "continuous": fast}, model.device, options.seconds)
    wall, cpu = (
        ratio(timings["plain"], timings["continuous"], options.seed, processor) for processor in (False, True)
    )
    return {
        "speed_up": wall.to_dict(),
        "speed_up_in_processor_time": cpu.to_dict() if model.device.type == "cpu" else None,
        "puzzles_per_second": {name: len(puzzles) / timing.seconds for name, timing in timings.items()},
        "seconds": {name: timing.to_dict() for name, timing in timings.items()},
        "mean_halting_segment": float(halted_at.mean()),
        "segments_computed_a_puzzle": {
            "plain": model.config.max_segments,
            "continuous": answers.row_segments / len(puzzles),
        },
        "puzzles_that_halt_elsewhere": int((answers.halted_at != halted_at).sum()),
        "puzzles_answered_otherwise": int((answers.predictions != predictions).any(1).sum()),
        "accuracy_at_halt": float((answers.predictions == puzzles.answers).all(1).mean()),
    }


def plain(model: RecursiveReasoner, puzzles: Puzzles, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """All segments of every puzzle, then the answer at halting: predictions [puzzle, cell], halted_at [puzzle]."""
    predictions, halted_at = [], []
    for first in range(0, len(puzzles), batch):
        rollout = model.run(puzzles.tokens[first : first + batch])
        at = rollout.halted_at
        predictions.append(rollout.predictions[at - 1, torch.arange(len(at), device=at.device)].cpu().numpy())
        halted_at.append(at.cpu().numpy())
    return np.concatenate(predictions), np.concatenate(halted_at)


def in_words(result: dict[str, Any]) -> str:
    up, rate = result["speed_up"], result["puzzles_per_second"]
    other = result["puzzles_that_halt_elsewhere"] + result["puzzles_answered_otherwise"]
    return (
        f"{up['estimate']:.2f} times as fast ({up['low']:.2f} to {up['high']:.2f}); {rate['continuous']:,.1f} instead "
        f"of {rate['plain']:,.1f} puzzles a second; {result['mean_halting_segment']:.2f} segments needed, "
        f"{result['segments_computed_a_puzzle']['continuous']:.2f} computed; {other} puzzles differ"
    )


if __name__ == "__main__":
    raise SystemExit(main())
