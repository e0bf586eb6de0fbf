"""Measure trained models and write their cards: checkpoints/NAME/card.md and figures/card_NAME.json.

    python analyses/model_cards.py [NAME ...] [--run FOLDER]

Every number of a card is measured here, on the held-out puzzles, except those of the training itself, which are
the run's own (checkpoints/NAME/training.json, copied from the run's summary.json). With --run the model of a
finished run is first taken over into checkpoints/.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import hrm_probe
from hrm_probe.files import writing
from hrm_probe.models import ModelConfig, bundled_models
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import evaluate, single_blank, stability
from hrm_probe.reasoning.accuracy import Accuracy

ROOT = Path(__file__).parents[1]
CHECKPOINTS, FIGURES = ROOT / "checkpoints", ROOT / "figures"
SEED = 0

GOOD_FOR = {
    "hrm-6x6": (
        "Studying failures on easy puzzles, lost answers and settled wrong answers: what the analysis paper "
        "(arXiv 2601.10679) reports of the published HRM, at a size that runs anywhere.",
        "Solving Sudoku. Conclusions about models of published size: this one is a hundred times smaller.",
    ),
    "hrm-6x6-mixed": (
        "Comparing with hrm-6x6: the same recipe and seed, with clues added to half of the training puzzles "
        "(the analysis paper's data mixing).",
        "Solving Sudoku; the hardest puzzles suffer from the mixing.",
    ),
    "trm-6x6": (
        "Solving 6x6 Sudoku; studying how TRM's rare failures differ from HRM's.",
        "Failures in numbers: it has few on minimal puzzles, so take the hard ones.",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="bundled models; all if none is named")
    parser.add_argument(
        "--n", type=int, help="a random sample of so many test puzzles; all of them if not given"
    )
    parser.add_argument("--run", type=Path, help="folder of a finished run, to be taken over as NAME")
    arguments = parser.parse_args()
    if arguments.run:
        if len(arguments.names) != 1:
            parser.error("--run takes over one model: name it")
        take_over(arguments.run, arguments.names[0])
    for name in arguments.names or bundled_models():
        measured = measure(name, arguments.n)
        with writing(FIGURES / f"card_{name}.json") as beside:
            beside.write_text(json.dumps(measured, indent=1) + "\n")
        training = json.loads((CHECKPOINTS / name / "training.json").read_text())
        with writing(CHECKPOINTS / name / "card.md") as beside:
            beside.write_text(card(name, training, measured))
        print(f"checkpoints/{name}/card.md")


def take_over(run: Path, name: str) -> None:
    """Copy a finished run's model and the account of its training."""
    with writing(CHECKPOINTS / name) as beside:
        shutil.copytree(run / "model", beside)
        shutil.copy(run / "summary.json", beside / "training.json")


def measure(name: str, n: int | None) -> dict[str, Any]:
    """What the card says of the trained model, on all test puzzles or a sample."""
    model = hrm_probe.load(name, device="cpu")
    puzzles = hrm_probe.load_puzzles("6x6-test", n, SEED)
    accuracy: Accuracy = evaluate(model, puzzles, progress=True)
    minimal = puzzles[puzzles.source == "minimal"]
    minimal = minimal.sample(min(400, len(minimal) // 2), SEED)
    easy = single_blank(model, minimal, seed=SEED)
    kept = stability(model, minimal, segments=64, seed=SEED)
    return {
        "model": name,
        "config": model.config.to_dict(),
        "parameters": model.n_parameters,
        "puzzles": "6x6-test",
        "n": len(puzzles),
        "seed": SEED,
        "accuracy": accuracy.summary(),
        "single_blank": easy.summary(),
        "stability": kept.summary(),
        "in_words": {"accuracy": str(accuracy), "single_blank": str(easy), "stability": str(kept)},
        "provenance": provenance(),
    }


def card(name: str, training: dict[str, Any], measured: dict[str, Any]) -> str:
    """The card's text."""
    config = ModelConfig.from_dict(measured["config"])
    by_source = measured["accuracy"]["by_source"]
    good, bad = GOOD_FOR[name]
    leak, where = training["leak_check"], training["provenance"]
    arch, cycles = config.architecture.upper(), f"{config.H_cycles} H-cycles of {config.L_cycles} L-cycles"
    layers = f"{config.H_layers}+{config.L_layers}" if config.architecture == "hrm" else f"{config.L_layers}"
    rows = "\n".join(
        f"| {source} | {part['puzzles']:,} | {part['exact_accuracy']:.1%} "
        f"[{part['interval'][0]:.1%}, {part['interval'][1]:.1%}] | {part['cell_accuracy']:.2%} |"
        for source, part in by_source.items()
    )
    by_segment = " ".join(f"{share:.1%}" for share in measured["accuracy"]["accuracy_by_segment"])
    sources = ", ".join(f"{count:,} {kind}" for kind, count in training["data"]["train_sources"].items())
    sampled = "" if measured["n"] == 3000 else f" --n {measured['n']}"
    training_line = (
        f"{training['steps']:,} steps of {training['settings']['batch_size']} in {training['minutes']:.1f} minutes "
        f"({training['cpu_seconds']:,.0f} s of processor time)"
    )
    return f"""# {name}

{arch} ({config.mixer} mixing), width {config.d_model}, {layers} layers, {cycles}, \
{measured["parameters"]:,} parameters, for 6x6 Sudoku (boxes of 2 rows by 3 columns).

**Training.** `hrm-probe train {training["recipe"]}`, seed {training["seed"]}: {training_line} on {where["machine"]}, \
torch {where["torch"]}, {training["settings"]["dtype"]}; the machine had other work at the time. Data: {sources} \
puzzles of {training["data"]["train_set"]} (made by `python -m hrm_probe.sudoku.build_bundled`), \
a random symmetry at every draw; hints in {training["settings"]["hint_fraction"]:.0%} of the draws. \
All settings are in `training.json`.

**Leak check.** {leak["test_puzzles_with_a_solution_in_training_up_to_symmetry"]} of {leak["test_puzzles"]:,} test \
puzzles have a solution that is a relabelled, permuted or transposed training solution.

**Accuracy** on 6x6-test, {config.max_segments} segments, {config.forward_dtype} \
(`hrm-probe evaluate {name} --puzzles 6x6-test{sampled}`), 95% Wilson intervals:

| source | puzzles | whole grids right | cells right |
| --- | --- | --- | --- |
{rows}

By segment, all sources: {by_segment}.

**Single blanks.** {measured["in_words"]["single_blank"]}

**Keeping what is solved.** {measured["in_words"]["stability"]}

**Good for.** {good}

**Not good for.** {bad}

Measured by `python analyses/model_cards.py {name}{sampled}`, seed {SEED}, \
{measured["provenance"]["machine"]}; all numbers in `figures/card_{name}.json`. \
One training seed: differences between seeds are not in the intervals.
"""


if __name__ == "__main__":
    main()
