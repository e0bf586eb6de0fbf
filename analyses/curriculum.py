"""What training curricula change: cost, accuracy, halting, gradients, and how the model reasons.

    python analyses/curriculum.py run --jobs 2 --seeds 5 --steps 2400 SETTINGS                  equal steps
    python analyses/curriculum.py run --jobs 2 --seeds 5 --steps 1800 SETTINGS --cpu-minutes 6  equal minutes
    python analyses/curriculum.py detect                                                        how models reason
    python analyses/curriculum.py depths                                                        models at other depths
    python analyses/curriculum.py arrivals                                                      jumps, equally late
    python analyses/curriculum.py report                                                        tables, verdicts

SETTINGS: --set batch_size=32 --set compile=auto --set dtype=bfloat16 (without a compiler leave out the last two).

Arms: a baseline; progressive depth (PDC) and supervision weighting (HSW) of arXiv 2511.08653, alone and both; HSW
as in the published code (batch HSW); our own schedule, which deepens when the loss rests (plateau); HSW with the
rows of the batch begun at random segments (HSW staggered); and a control that stays as shallow as PDC begins
(shallow). Each with the same seeds, tested on minimal puzzles, at the paper's full depth of (L, H) = (6, 3), so that
its stages are exact. All start from the recipe trm-6x6, or from --recipe, whatever curriculum that has.

`run` runs what is missing into runs/curriculum/ARM/seed-S (runs/curriculum-minutes with --cpu-minutes): finished
runs are left alone, interrupted ones go on where they stopped, and those that figures/curriculum_runs.json records
are not made again: a step is a step wherever it was made, a minute counts on the same kind of processor only, and
minutes of two kinds are never reported together. Each is one process with one thread, and minutes are those of its
processor time in training steps alone: a machine that is busy with other things changes nothing but the caches.
Runs of equal steps are put to the detectors of reasoning, and the baseline's all along their training. Of runs of equal
minutes `detect` puts the finished models to them. There, steps only space the evaluations, of which `--set
evaluate_every=240` makes fewer of the many steps of shallow arms.
`depths` asks the models of equal minutes at each of PDC's depths, whatever they were trained at. `arrivals` asks them
whether an arm's answers jump more often than another's that come equally late.
`report` reads saved runs only and writes figures/curriculum*: among them curriculum_runs.json, all that it read from
the runs, which it adds to what it finds there.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from command_lines import INTERRUPTED, described, exit_status
from curricula.arms import ARMS, RECIPE, Plan

from hrm_probe.errors import InputError

ROOT = Path(__file__).parents[1]


@partial(exit_status, stopped="Stopped; the same command continues from here.")
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    given = _parser().parse_args(arguments)
    if given.command == "report":
        return report(given.runs, given.out)
    if given.command == "depths":
        return depths(given.runs, given.out, given.puzzles)
    if given.command == "arrivals":
        return arrivals(given.runs, given.out, given.puzzles)
    if given.command == "detect":
        return detect(given.runs, given.out, given.puzzles)
    return run_one(given) if given.command == "one" else run(given)


def run(given: argparse.Namespace) -> int:
    """Run what is missing."""
    from curricula.reading import recorded_runs
    from curricula.running import run_missing

    plan = _plan(given)
    options = ["--runs", str(given.runs), "--recipe", given.recipe]
    options += ["--steps", str(given.steps), "--held-out", str(given.held_out)]
    options += ["--probed", str(given.probed), "--batches", str(given.batches)]
    options += ["--cpu-minutes", str(given.cpu_minutes)] if given.cpu_minutes is not None else []
    options += [word for pair in given.set for word in ("--set", pair)]
    recorded = recorded_runs(given.recorded, plan.mode)
    run_missing(plan, given.arms, given.seeds, given.jobs, [__file__, "one", *options], recorded)
    return 0


def run_one(given: argparse.Namespace) -> int:
    """One run, in this process."""
    from curricula.running import run_one

    return 0 if run_one(_plan(given), given.arm, given.seed) else INTERRUPTED


def report(runs: Path, out: Path) -> int:
    """Write the report of saved runs, or of what a former report read from them."""
    from curricula.reading import merged, read_runs, recorded_runs
    from curricula.report import RUNS, write_report

    from hrm_probe.json_text import as_json, write_json

    saved = out / RUNS
    found = {
        mode: as_json(merged(read_runs(folder), recorded_runs(saved, mode)))
        for mode, folder in (("steps", runs), ("minutes", _in_minutes(runs)))
    }
    if not any(found.values()):
        raise InputError(f"There is no finished run in {runs}, and no {saved}; run the experiment first.")
    write_json(saved, found, indent=None)
    for path in [*write_report(found, out), saved]:
        print(path)
    return 0


def depths(runs: Path, out: Path, puzzles: int) -> int:
    """Ask the models of equal minutes at several depths."""
    from curricula.depths import ask_depths

    for path in ask_depths(_in_minutes(runs), out, puzzles):
        print(path)
    return 0


def arrivals(runs: Path, out: Path, puzzles: int) -> int:
    """Compare the jumps of the models of equal minutes among answers that come equally late."""
    from curricula.arrivals import ask_arrivals

    for path in ask_arrivals(_in_minutes(runs), out, puzzles):
        print(path)
    return 0


def detect(runs: Path, out: Path, puzzles: int) -> int:
    """Put the models of equal minutes to the detectors."""
    from curricula.detecting import detect_saved_models

    for path in detect_saved_models(_in_minutes(runs), out, puzzles):
        print(path)
    return 0


def _plan(given: argparse.Namespace) -> Plan:
    from hrm_probe.training.recipe import parse_settings

    folder = given.runs if given.cpu_minutes is None else _in_minutes(given.runs)
    sizes = (given.held_out, given.probed, given.batches)
    return Plan(folder, given.steps, given.cpu_minutes, parse_settings(given.set), *sizes, base=given.recipe)


def _in_minutes(runs: Path) -> Path:
    return runs.with_name(f"{runs.name}-minutes")


def _parser() -> argparse.ArgumentParser:
    parser = described(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("run", "run what is missing"), ("one", "one run, in this process")):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            "--runs", type=Path, default=ROOT / "runs" / "curriculum", help="folder of the runs"
        )
        command.add_argument("--recipe", default=RECIPE, help="recipe that all arms start from")
        command.add_argument("--steps", type=int, required=True, help="steps of each run")
        command.add_argument("--cpu-minutes", type=float, help="budget of each run, instead of steps")
        command.add_argument("--held-out", type=int, default=512, help="puzzles to test at the end")
        command.add_argument("--probed", type=int, default=128, help="puzzles that the detectors see")
        command.add_argument(
            "--batches", type=int, default=6, help="batches for each measurement of gradients"
        )
        command.add_argument("--set", action="append", default=[], help="change a setting: key=value")
        if name == "run":
            command.add_argument("--jobs", type=int, default=2, help="runs at a time")
            command.add_argument("--seeds", type=int, default=5, help="seeds of each arm")
            command.add_argument(
                "--recorded",
                type=Path,
                default=ROOT / "figures" / "curriculum_runs.json",
                help="runs not to repeat",
            )
            command.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
        else:
            command.add_argument("arm", choices=list(ARMS))
            command.add_argument("seed", type=int)
    for name, text in (
        ("detect", "put finished models of equal minutes to the detectors"),
        ("depths", "ask finished models of equal minutes at other depths"),
        (
            "arrivals",
            "compare the jumps of finished models of equal minutes among answers that come equally late",
        ),
        ("report", "make figures, tables and verdicts from saved runs"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            "--runs", type=Path, default=ROOT / "runs" / "curriculum", help="folder of the runs"
        )
        command.add_argument("--out", type=Path, default=ROOT / "figures", help="where figures go")
        if name != "report":
            command.add_argument("--puzzles", type=int, default=128, help="held-out puzzles to ask")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
