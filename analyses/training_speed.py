"""The means of speed, each alone: how much longer a training step takes with one setting changed, in turns.

    python analyses/training_speed.py [RECIPE ...] [--seconds 10] [--compile off] [--only dtype optimizer]

Every variant is the recipe with one thing changed. All are built, compiled and warmed up in one process, then timed
in turns; a ratio compares seconds within a turn, so that other work on the machine falls on both. Writes
figures/training_speed.json, recipe by recipe; recipes measured before stay in it.
"""

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

import torch
from command_lines import described, exit_status, positive

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.bench.measuring import AT_THE_END, WARM_UPS, some_puzzles
from hrm_probe.bench.timing import Timing, in_turns, ratio, timed
from hrm_probe.errors import InputError
from hrm_probe.json_text import write_json
from hrm_probe.models.cost import training_cost
from hrm_probe.provenance import provenance
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.compiling import missing_compiler
from hrm_probe.training.recipe import Recipe, load_recipe
from hrm_probe.training.trainer import Trainer, choose_device

FIGURES = Path(__file__).parents[1] / "figures"
BASELINE, NOT_FUSED = "as it is", "optimizer not fused"
MEANS: dict[str, tuple[Any, ...]] = {
    "dtype": ("float32", "bfloat16"),
    "compile": ("on", "off"),
    "loss_dtype": ("float64", "float32"),
    "optimizer": get_args(get_type_hints(Recipe)["optimizer"]),
    "halting": ("q_learning", "sign"),
}


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("recipes", nargs="*", default=["trm-6x6", "hrm-6x6"])
    parser.add_argument("--only", nargs="+", choices=MEANS, default=list(MEANS))
    parser.add_argument("--batch", type=positive, help="rows in a step; the recipe's if not given")
    parser.add_argument("--seconds", type=float, default=10.0, help="seconds of timing for each variant")
    parser.add_argument("--turns", type=positive, default=9)
    parser.add_argument(
        "--compile",
        choices=("auto", "on", "off"),
        help="whether to compile the baseline; the recipe's if not given",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the bootstrap")
    parser.add_argument("--out", type=Path, default=FIGURES / "training_speed.json")
    options = parser.parse_args(arguments)
    changes = {"compile": options.compile, "batch_size": options.batch}
    given = {key: value for key, value in changes.items() if value is not None}
    recipes = {name: load_recipe(name, given) for name in options.recipes}
    results = measured_before(options.out)
    keep_freed_memory()
    # Every variant compiles the same function: let torch keep all of them, and complain rather than give up quietly.
    torch._dynamo.config.recompile_limit = 64
    torch._dynamo.config.fail_on_recompile_limit_hit = True
    for name, recipe in recipes.items():
        results[name] = measure(recipe, options)
        print(f"{name}\n{table(results[name])}\n", flush=True)
        write_json(options.out, {"recipes": results}, indent=2)
    return 0


def measured_before(file: Path) -> dict[str, Any]:
    """What the file says of each recipe; nothing if there is no file."""
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_text())["recipes"])
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{file} holds no timings of recipes; move it away, or name another --out."
        ) from None


def variants(recipe: Recipe, means: list[str]) -> dict[str, Recipe]:
    """The recipe as it is, and with each of the named settings at each of its other values."""
    # "auto" is named, so that what differs from it is known.
    can_compile = recipe.compile != "off" and missing_compiler(choose_device(recipe.device)) is None
    rule = recipe.model_config(cells=36, vocab=8).halting_rule
    named = {"compile": "on" if can_compile else "off", "halting": rule, "dtype": recipe.forward_dtype}
    base = recipe.replace(named)
    found = {BASELINE: base}
    for name in means:
        for value in MEANS[name]:
            if value != getattr(base, name) and _makes_sense(name, base):
                found[f"{name}={value}"] = base.replace({name: value})
    if "optimizer" in means and base.optimizer == "adamw":
        found[NOT_FUSED] = base
    return found


def _makes_sense(name: str, base: Recipe) -> bool:
    """Q-learning belongs to HRM, and a machine that cannot compile has one way only."""
    return not (
        (name == "halting" and base.architecture != "hrm") or (name == "compile" and base.compile == "off")
    )


def build(name: str, variant: Recipe, puzzles: Puzzles) -> Trainer:
    """The variant's trainer, before its first step."""
    trainer = Trainer(variant, puzzles)
    if name == NOT_FUSED:
        for optimizer in trainer.optimizers.network:
            for group in optimizer.param_groups:
                group.update(fused=False, foreach=True)
    return trainer


def measure(recipe: Recipe, options: argparse.Namespace) -> dict[str, Any]:
    """Build, warm up and time all variants of a recipe."""
    torch.compiler.reset()
    puzzles = some_puzzles(recipe)
    trainers, warm_up = {}, {}
    for name, variant in variants(recipe, options.only).items():
        trainers[name] = build(name, variant, puzzles)
        step = partial(trainers[name].advance, AT_THE_END)
        warm_up[name] = timed(step, trainers[name].device, WARM_UPS)
        print(f"{recipe.name}, {name}: first {WARM_UPS} steps {warm_up[name]:.1f} s", flush=True)
    steps = {name: partial(trainer.advance, AT_THE_END) for name, trainer in trainers.items()}
    device = trainers[BASELINE].device
    timings = in_turns(steps, device, options.seconds, options.turns)
    return {
        "variants": {
            name: {
                **compare(timings[name], timings[BASELINE], options.seed, device),
                "first_steps_s": warm_up[name],
                "compiled": trainer.run_segment.is_compiled,
                "flops_per_step": training_cost(
                    trainer.config, recipe.batch_size, recipe.gradient
                ).total.flops,
            }
            for name, trainer in trainers.items()
        },
        "baseline": trainers[BASELINE].recipe.to_dict(),
        "device": str(device),
        "threads": torch.get_num_threads(),
        "seed": options.seed,
        "provenance": provenance(),
    }


def compare(timing: Timing, baseline: Timing, seed: int, device: torch.device) -> dict[str, Any]:
    """How many times the baseline's seconds a step takes, with a 95% bootstrap interval over turns."""
    cpu = ratio(timing, baseline, seed, processor=True).to_dict() if device.type == "cpu" else None
    times = ratio(timing, baseline, seed).to_dict()
    return {**timing.to_dict(), "times_the_baseline": times, "times_in_processor_time": cpu}


def table(result: dict[str, Any]) -> str:
    """One line a variant, the slowest first."""
    lines = [f"{'':24}{'ms a step':>11}   times the baseline      in processor time"]
    order = sorted(result["variants"].items(), key=lambda item: -item[1]["times_the_baseline"]["estimate"])
    for name, timing in order:
        wall, cpu = timing["times_the_baseline"], timing["times_in_processor_time"]
        line = f"{name:24}{1e3 * timing['median_s']:11.2f}   {_with_interval(wall)}"
        lines.append(line + (f"   {_with_interval(cpu)}" if cpu else ""))
    return "\n".join(lines)


def _with_interval(interval: dict[str, Any]) -> str:
    return f"{interval['estimate']:5.2f} ({interval['low']:5.2f} to {interval['high']:5.2f})"


if __name__ == "__main__":
    raise SystemExit(main())
