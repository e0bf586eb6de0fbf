"""Measure trained models and write their cards: checkpoints/NAME/card.md and figures/card_NAME.json.

    python analyses/model_cards.py [NAME ...] [--run FOLDER] [--also PUZZLES]
    python analyses/model_cards.py [NAME ...] --saved           write the cards again from what was measured before

Every number of a card is measured here, on the held-out puzzles, except those of the training itself, which are
the run's own (checkpoints/NAME/training.json, copied from the run's summary.json). With --run the model of a
finished run is first taken over into checkpoints/. With --also the model is measured on a further set too, such as
Sudoku-Extreme's test file; its puzzles stay where they are.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from asked_depths import depth_in_words
from model_uses import uses

import hrm_probe
from hrm_probe.dynamics import wilson
from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.json_text import write_json
from hrm_probe.models import ModelConfig, bundled_models
from hrm_probe.models.cost import training_flops
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import evaluate, single_blank, stability
from hrm_probe.sudoku import Board, Puzzles
from hrm_probe.training import load_recipe

ROOT = Path(__file__).parents[1]
CHECKPOINTS, FIGURES = ROOT / "checkpoints", ROOT / "figures"
SEED = 0


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="bundled models; all for Sudoku if none is named")
    parser.add_argument("--n", type=int, help="test puzzles in a random sample; all of them if not given")
    parser.add_argument("--also", type=Path, help="a further set of puzzles to measure on")
    parser.add_argument("--also-n", type=int, help="the same for those; as --n if not given")
    parser.add_argument(
        "--device", default="cpu", help="device to measure on; float32 differs a little between devices"
    )
    parser.add_argument("--saved", action="store_true", help="measure nothing: read figures/card_NAME.json")
    parser.add_argument("--run", type=Path, help="folder of a finished run, to be taken over as NAME")
    given = parser.parse_args(arguments)
    if given.run and len(given.names) != 1:
        parser.error("--run takes over one model: name it")
    try:  # by itself, without command_lines.py: a copy of this file runs wherever the package is
        write_cards(given)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 0


def write_cards(given: argparse.Namespace) -> None:
    """The card of each model named, and its numbers unless they are there already."""
    if given.run:
        take_over(given.run, given.names[0])
    names = given.names or [name for name in bundled_models() if "-maze" not in name]
    numbers = {name: FIGURES / f"card_{name}.json" for name in names}
    saved = {name: read_json(numbers[name], "leave --saved out to measure") for name in names if given.saved}
    trainings = {name: training_of(name) for name in names}
    for name in names:
        if given.saved:
            measured = saved[name]
        else:
            measured = measure(name, given.n, given.also, given.also_n or given.n, given.device)
            write_json(numbers[name], measured)
        with writing(CHECKPOINTS / name / "card.md") as beside:
            beside.write_text(card(name, trainings[name], measured))
        print(f"checkpoints/{name}/card.md")


def training_of(name: str) -> dict[str, Any]:
    """The account of a model's training; whatever else its card would lack is missed before the hours of measuring."""
    if not (CHECKPOINTS / name).is_dir():
        hrm_probe.load(name)  # tells of a wrong name which ones there are
    training = read_json(CHECKPOINTS / name / "training.json", "take the model's run over with --run")
    uses(name)
    changes(training)
    return training


def read_json(file: Path, instead: str) -> dict[str, Any]:
    if not file.is_file():
        raise InputError(f"There is no {file}; {instead}.")
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def take_over(run: Path, name: str) -> None:
    """Copy a finished run's model and the account of its training."""
    if not ((run / "model").is_dir() and (run / "summary.json").is_file()):
        raise InputError(
            f"{run} is not a finished run, with a model and a summary.json; name the folder of one."
        )
    uses(name)
    with writing(CHECKPOINTS / name) as beside:
        shutil.copytree(run / "model", beside)
        shutil.copy(run / "summary.json", beside / "training.json")


def measure(
    name: str, n: int | None, also: Path | None = None, also_n: int | None = None, device: str = "cpu"
) -> dict[str, Any]:
    """What the card says of the trained model, on all test puzzles or a sample."""
    model = hrm_probe.load(name, device=device)
    board = next(board for board in ("4x4", "6x6", "9x9") if Board.of(board).cells == model.config.cells)
    sets = {f"{board}-test": hrm_probe.load_puzzles(f"{board}-test", n, SEED)}
    if also is not None:
        sets[f"{also.parent.name}/{also.name}"] = hrm_probe.load_puzzles(also, also_n, SEED)
    accuracy = {test: evaluate(model, puzzles, progress=True) for test, puzzles in sets.items()}
    minimal = some_minimal(sets[f"{board}-test"])
    easy = single_blank(model, minimal, seed=SEED)
    kept = stability(model, minimal, segments=64, seed=SEED)
    return {
        "model": name,
        "config": model.config.to_dict(),
        "parameters": model.n_parameters,
        "board": board,
        "puzzles": {test: len(puzzles) for test, puzzles in sets.items()},
        "samples": dict(zip(sets, (n, also_n), strict=False)),
        "seed": SEED,
        "accuracy": {test: result.summary() for test, result in accuracy.items()},
        "single_blank": easy.summary(),
        "stability": kept.summary(),
        "device": device,
        "in_words": {"single_blank": str(easy), "stability": str(kept)},
        "provenance": provenance(),
    }


def some_minimal(puzzles: Puzzles) -> Puzzles:
    """Up to 400 minimal puzzles, half of all at most, for the questions that are put to a sample."""
    minimal = puzzles[puzzles.source == "minimal"]
    return minimal.sample(min(400, len(minimal) // 2), SEED)


def card(name: str, training: dict[str, Any], measured: dict[str, Any]) -> str:
    """The card's text."""
    config = ModelConfig.from_dict(measured["config"])
    good, bad = uses(name)
    leak, where, settings = training["leak_check"], training["provenance"], training["settings"]
    arch, cycles = config.architecture.upper(), f"{config.H_cycles} H-cycles of {config.L_cycles} L-cycles"
    layers = f"{config.H_layers}+{config.L_layers}" if config.architecture == "hrm" else f"{config.L_layers}"
    sources = ", ".join(f"{count:,} {kind}" for kind, count in training["data"]["train_sources"].items())
    accuracies = "\n".join(
        _accuracy(name, test, config, measured["accuracy"][test], "" if n is None else f" --n {n}")
        for test, n in measured["samples"].items()
    )
    minutes = f"{training['budget_minutes']:g}" if training.get("budget_minutes") else "M"
    budgeted = "" if training["steps"] == settings["steps"] else f" --minutes {minutes}"
    return f"""# {name}

{arch} ({config.mixer} mixing), width {config.d_model}, {layers} layers, {cycles}, \
{measured["parameters"]:,} parameters, for {measured["board"]} Sudoku.

**Training.** `hrm-probe train {training["recipe"]}{changes(training)}{budgeted}`, seed {training["seed"]}: \
{training["steps"]:,} steps of {settings["batch_size"]}, {flops(config, training):.2g} floating-point operations, in \
{training["minutes"]:.1f} minutes ({training["cpu_seconds"]:,.0f} s of processor time) on a machine of \
{where["machine"]}, torch {where["torch"]}, {settings["dtype"]}{_curricula(settings)}. Data: {sources} \
puzzles of {training["data"]["train_set"]} (made by `python -m hrm_probe.sudoku.build_bundled`), \
a random symmetry at every draw; hints in {settings["hint_fraction"]:.0%} of the draws. \
All settings are in `training.json`.{" The budget was of wall time; rate and depth followed it." if budgeted else ""}

{depth_in_words(config, training["depths"])}\
**Leak check.** {leak["test_puzzles_with_a_solution_in_training_up_to_symmetry"]} of {leak["test_puzzles"]:,} test \
puzzles have a solution that is a relabelled, permuted or transposed training solution.

{accuracies}
{_further(measured, training)}**Single blanks.** {measured["in_words"]["single_blank"]}

**Keeping what is solved.** {measured["in_words"]["stability"]}

**Good for.** {good}

**Not good for.** {bad}

Measured by `{_command(name, measured)}`, seed {SEED}, \
{measured["provenance"]["machine"]}; all numbers in `figures/card_{name}.json`. \
One training seed: differences between seeds are not in the intervals.
"""


def changes(training: dict[str, Any]) -> str:
    """How the settings of a training differ from its recipe's, as options; a budget stands for its steps."""
    usual, settings = load_recipe(training["recipe"]).to_dict(), training["settings"]
    told_otherwise = {"steps"} if training.get("budget_minutes", True) else set()
    changed = [
        key for key, value in usual.items() if settings.get(key, value) != value and key not in told_otherwise
    ]
    typed = {key: str(v).lower() if isinstance(v := settings[key], bool) else v for key in changed}
    return "".join(f" --set {key}={value}" for key, value in typed.items())


def _command(name: str, measured: dict[str, Any]) -> str:
    """What measures this model on these sets, each or a sample of it."""
    (_, n), *further = measured["samples"].items()
    words = ["python analyses/model_cards.py", name, *([] if n is None else [f"--n {n}"])]
    for test, also_n in further:
        words += [f"--also {test}", *([] if also_n is None else [f"--also-n {also_n}"])]
    if (device := measured.get("device", "cpu")) != "cpu":
        words.append(f"--device {device}")
    return " ".join(words)


def _further(measured: dict[str, Any], training: dict[str, Any]) -> str:
    """What else is to be known of the sets measured on."""
    said = []
    if measured["samples"][training["data"]["test_set"]] is not None:
        whole = training["accuracy"]["all"]
        low, high = whole["interval"]
        every = training["leak_check"]["test_puzzles"]
        tested = f"all {every:,}" if whole["puzzles"] == every else f"{whole['puzzles']:,} of the {every:,}"
        said.append(
            f"These are samples. The run itself ended at {whole['accuracy']:.1%} [{low:.1%}, {high:.1%}] of {tested} "
            f"test puzzles of {training['data']['test_set']} (`training.json`)."
        )
    if any(name.startswith("hard_sudoku/") for name in measured["puzzles"]):
        said.append(
            "hard_sudoku is in Sudoku-Extreme's mix of sources: public lists of the tdoku benchmark (17-clue puzzles, "
            "magictour, the forum's hardest) and generated puzzles. It is not distributed here; its hard part comes "
            "from the hardest lists alone, so that accuracies are lower than the same model's on Sudoku-Extreme."
        )
    return "".join(f"{sentence}\n\n" for sentence in said)


def flops(config: ModelConfig, training: dict[str, Any]) -> float:
    """Of the whole training: matrix products forward and backward, optimiser and evaluations left out."""
    depths = training.get("depths") or [
        {"steps": training["steps"], "L_cycles": config.L_cycles, "H_cycles": config.H_cycles}
    ]
    schedule = [(row["steps"], row["L_cycles"], row["H_cycles"]) for row in depths]
    settings = training["settings"]
    return float(training_flops(config, settings["batch_size"], schedule, settings["gradient"]))


def _curricula(settings: dict[str, Any]) -> str:
    usual = {"depth": "full", "supervision": "uniform", "order": "uniform", "optimizer": "adamw"}
    chosen = [f"{key}={settings[key]}" for key, value in usual.items() if settings.get(key, value) != value]
    return f", {', '.join(chosen)}" if chosen else ""


def _accuracy(name: str, test: str, config: ModelConfig, accuracy: dict[str, Any], sampled: str) -> str:
    """One set's results: by source, by rating, by segment."""
    puzzles = accuracy["counts"]["puzzles"]
    by_segment = ", ".join(
        wilson(round(share * puzzles), puzzles).in_percent() for share in accuracy["accuracy_by_segment"]
    )
    ratings = ", ".join(
        f"{rating}: {part['exact_accuracy']:.1%} [{part['interval'][0]:.1%}, {part['interval'][1]:.1%}] of "
        f"{part['puzzles']:,}"
        for rating, part in accuracy["by_rating"].items()
    )
    low, high = accuracy["exact_accuracy_interval"]
    parts = {
        **accuracy["by_source"],
        "all": {
            "puzzles": puzzles,
            "exact_accuracy": accuracy["exact_accuracy"],
            "interval": [low, high],
            "cell_accuracy": accuracy["cell_accuracy"],
        },
    }
    rows = "\n".join(
        f"| {source} | {part['puzzles']:,} | {part['exact_accuracy']:.1%} "
        f"[{part['interval'][0]:.1%}, {part['interval'][1]:.1%}] | {part['cell_accuracy']:.2%} |"
        for source, part in parts.items()
    )
    return f"""**Accuracy** on {test}, {config.max_segments} segments, {config.forward_dtype} \
(`hrm-probe evaluate {name} --puzzles {test}{sampled}`), 95% Wilson intervals:

| source | puzzles | whole grids right | cells right |
| --- | --- | --- | --- |
{rows}

By rating (guesses): {ratings}.

By segment: {by_segment}.
"""


if __name__ == "__main__":
    raise SystemExit(main())
