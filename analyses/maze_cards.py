"""Measure models for mazes and write their cards: checkpoints/NAME/card.md and figures/card_NAME.json.

    python analyses/maze_cards.py [NAME ...] [--run FOLDER]
    python analyses/maze_cards.py [NAME ...] --saved            write the cards again from what was measured before

As model_cards.py does it for Sudokus, but that accuracy on the test mazes is that of the training's last evaluation
(checkpoints/NAME/training.json), made with the model as it is kept; the rest is measured here. With --run the model of
a finished run is first taken over into checkpoints/.
"""

import argparse
from pathlib import Path
from typing import Any

from asked_depths import depth_in_words
from command_lines import described, exit_status
from model_cards import CHECKPOINTS, FIGURES, SEED, changes, flops, read_json, take_over
from model_uses import uses

import hrm_probe
from hrm_probe import mazes
from hrm_probe.dynamics import wilson
from hrm_probe.files import writing
from hrm_probe.json_text import write_json
from hrm_probe.models import ModelConfig
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import evaluate, stability
from hrm_probe.training import load_recipe
from hrm_probe.training.data import load_data

NAMES = ("hrm-maze", "hrm-maze-all-segments", "trm-maze")
"""The shipped models for mazes."""
NEAR = (2, 2)
ASKED = 200


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument(
        "names", nargs="*", default=NAMES, help="shipped models for mazes; all if none is named"
    )
    parser.add_argument("--saved", action="store_true", help="measure nothing: read figures/card_NAME.json")
    parser.add_argument("--run", type=Path, help="folder of a finished run, to be taken over as NAME")
    given: argparse.Namespace = parser.parse_args(arguments)
    if given.run and len(given.names) != 1:
        parser.error("--run takes over one model: name it")
    if given.run:
        take_over(given.run, given.names[0])
    for name in given.names:
        training = read_json(CHECKPOINTS / name / "training.json", "take the model's run over with --run")
        numbers = FIGURES / f"card_{name}.json"
        if given.saved:
            measured = read_json(numbers, "leave --saved out to measure")
        else:
            measured = measure(name, training)
            write_json(numbers, measured)
        with writing(CHECKPOINTS / name / "card.md") as beside:
            beside.write_text(card(name, training, measured))
        print(f"checkpoints/{name}/card.md")
    return 0


def measure(name: str, training: dict[str, Any]) -> dict[str, Any]:
    """What the card says: of the held-out mazes of the training, and of some whose goal is near."""
    model = hrm_probe.load(name, device="cpu")
    settings = training["settings"]
    test = load_data(load_recipe(training["recipe"], {"data_seed": settings["data_seed"]})).test
    _, shape, kind, _ = settings["test_set"].split()
    near = evaluate(model, mazes.generate(ASKED, kind, shape, SEED, NEAR))
    kept = stability(model, test.sample(min(ASKED, len(test)), SEED), segments=64, seed=SEED)
    return {
        "model": name,
        "config": model.config.to_dict(),
        "parameters": model.n_parameters,
        "shape": shape,
        "seed": SEED,
        "near": near.summary(),
        "stability": kept.summary(),
        "in_words": {"near": str(near).partition(";")[0], "stability": str(kept)},
        "provenance": provenance(),
    }


def card(name: str, training: dict[str, Any], measured: dict[str, Any]) -> str:
    """The card's text."""
    config = ModelConfig.from_dict(measured["config"])
    leak, where, settings = training["leak_check"], training["provenance"], training["settings"]
    good, bad = uses(name)
    layers = f"{config.H_layers}+{config.L_layers}" if config.architecture == "hrm" else f"{config.L_layers}"
    accuracy = training["accuracy"]
    puzzles = accuracy["all"]["puzzles"]
    by_segment = ", ".join(
        wilson(round(share * puzzles), puzzles).in_percent() for share in accuracy["by_segment"]
    )
    by_steps = ", ".join(
        f"{steps}: {_share(part)} of {part['puzzles']:,}" for steps, part in accuracy["by_rating"].items()
    )
    return f"""# {name}

{config.architecture.upper()} ({config.mixer} mixing), width {config.d_model}, {layers} layers, {config.H_cycles} \
H-cycles of {config.L_cycles} L-cycles, {measured["parameters"]:,} parameters, for mazes of {measured["shape"]} in the \
tokens of the published ones.

**Training.** `hrm-probe train {training["recipe"]}{changes(training)}`, seed {training["seed"]}: \
{training["steps"]:,} steps of {settings["batch_size"]}, {flops(config, training):.2g} floating-point operations, in \
{training["minutes"]:.1f} minutes ({training["cpu_seconds"]:,.0f} s of processor time) on a machine of \
{where["machine"]}, torch {where["torch"]}, {settings["dtype"]}, depth={settings["depth"]}. Data: \
`{settings["train_set"]}`, seed {settings["data_seed"]}, turned and mirrored at every draw. All settings are in \
`training.json`.

{depth_in_words(config, training["depths"])}\
**Leak check.** {leak["test_puzzles_with_a_solution_in_training_up_to_symmetry"]} of {leak["test_puzzles"]:,} test \
mazes are training mazes, turned or mirrored ones among them.

**Accuracy** on the test mazes (`{settings["test_set"]}`), whose goals are {_least(measured)} steps away or more, 16 \
segments, {config.forward_dtype}, 95% Wilson intervals: {_share(accuracy["all"])} of {puzzles:,}.

By steps to the goal: {by_steps}.

By segment: {by_segment}.

**Goals that are near.** Two steps away, nearer than any in training: {measured["in_words"]["near"]}.

**Keeping what is solved.** {measured["in_words"]["stability"]}

**Good for.** {good}

**Not good for.** {bad}

Measured by `python analyses/maze_cards.py {name}`, seed {SEED}, {measured["provenance"]["machine"]}; all numbers in \
`figures/card_{name}.json`. One training seed: differences between seeds are not in the intervals.
"""


def _share(part: dict[str, Any]) -> str:
    low, high = part["interval"]
    return f"{part['accuracy']:.1%} [{low:.1%}, {high:.1%}]"


def _least(measured: dict[str, Any]) -> int:
    side = int(measured["shape"].partition("x")[0])
    return side + side % 2  # between rooms there are two steps each


if __name__ == "__main__":
    raise SystemExit(main())
