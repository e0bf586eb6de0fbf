"""Does a step stutter where progressive depth deepens? First steps of each stage, beside the stage's usual ones.

    python analyses/stage_switch.py [RECIPE] [--steps 120] [--cold] [--set KEY=VALUE ...]

Trains for --steps steps under CGAR's depths, with every stage's graph compiled before the first step, as training
does it; with --cold also without that. Nothing compiled is taken from a cache, and processor time tells a step
that compiles from a busy machine. Writes figures/stage_switch.json.
"""

import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
import torch._inductor.config
from command_lines import described, exit_status

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.bench.measuring import some_puzzles
from hrm_probe.errors import InputError
from hrm_probe.json_text import write_json
from hrm_probe.provenance import provenance
from hrm_probe.training.recipe import Recipe, load_recipe, parse_settings
from hrm_probe.training.trainer import Trainer

FIGURES = Path(__file__).parents[1] / "figures"
FIRST = 3  # steps after a switch that could stutter
FEWEST = 20  # steps in all, so that each of three stages has some after its first


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("recipe", nargs="?", default="trm-6x6")
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--cold", action="store_true", help="also without compiling beforehand")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--out", type=Path, default=FIGURES / "stage_switch.json")
    given = parser.parse_args(arguments)
    if given.steps < FEWEST:
        raise InputError(
            f"--steps is {given.steps}; each stage needs some after its first: take {FEWEST} or more."
        )
    recipe = load_recipe(given.recipe, {"depth": "cgar", **parse_settings(given.set)})
    keep_freed_memory()
    torch._inductor.config.force_disable_caches = True  # compiling is part of the question
    results: dict[str, Any] = {}
    kinds = {"compiled before the first step": True, "compiled when first met": False}
    for name, warm in kinds.items():
        if not warm and not given.cold:
            continue
        results[name] = measure(recipe, given.steps, warm)
        print(f"{name}: {results[name]['warming_s']:.1f} s of compiling beforehand")
        for stage in results[name]["stages"]:
            first = ", ".join(f"{seconds:.3f}" for seconds in stage["first_s"])
            print(
                f"  depth (L, H) {stage['depth']} from step {stage['from_step']}: first steps {first} s, "
                f"usual {stage['usual_s']:.3f} s, the slowest first one {stage['slowest_first']:.2f} times that"
            )
    about = {"recipe": recipe.to_dict(), "threads": torch.get_num_threads(), "provenance": provenance()}
    write_json(given.out, {"runs": results, **about})
    return 0


def measure(recipe: Recipe, steps: int, warm: bool) -> dict[str, Any]:
    """Every step's seconds of processor time, stage by stage."""
    torch.compiler.reset()
    trainer = Trainer(recipe, some_puzzles(recipe))
    begun = time.perf_counter()
    if warm:
        trainer.warm_graphs()
    warming = time.perf_counter() - begun
    depths, seconds = [], []
    for step in range(steps):
        before = time.process_time()
        trainer.advance(step / steps)
        seconds.append(time.process_time() - before)
        depths.append(tuple(trainer.depth.depth(step / steps)))
    starts = [step for step in range(steps) if step == 0 or depths[step] != depths[step - 1]]
    stages = []
    for start, end in zip(starts, [*starts[1:], steps], strict=True):
        usual, first = median(seconds[start + FIRST : end]), seconds[start : start + FIRST]
        stages.append(
            {
                "depth": list(depths[start]),
                "from_step": start,
                "steps": end - start,
                "first_s": first,
                "usual_s": usual,
                "slowest_first": max(first) / usual,
            }
        )
    return {"warming_s": warming, "compiled": trainer.run_segment.is_compiled, "stages": stages}


if __name__ == "__main__":
    raise SystemExit(main())
