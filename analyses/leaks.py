"""Why do puzzles with a single blank fail? Attention to cells that no rule joins, counted, stopped and opened.

    python analyses/leaks.py [MODEL ...] [--n PUZZLES] [--counts COUNT ...] [--out DIR]
    python analyses/leaks.py --saved [--out DIR]                        draw again what was measured before

Each MODEL that attends, a shipped one or a folder, runs on the same grids with few blanks and as puzzles: untouched,
with the scores of its attention to unrelated cells lowered or raised, and as controls with those to as many unrelated
cells as there are peers, drawn at random, with those of blank cells alone, or of clues alone, and with all scores
larger, so that each head looks more sharply at what it looks at anyway. Writes leaks.{png,pdf,html,json}.
Claim: HRM fails on puzzles with a single blank (arXiv 2601.10679, claim 1). Not said there: by what.
"""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
from command_lines import asking_models, exit_status, positive
from measured import DIGITS, Measured, command_line
from sampled import sampled_puzzles

from hrm_probe import load
from hrm_probe.json_text import as_json
from hrm_probe.plots import DOUBLE_COLUMN, leak_curves, leak_shares, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import leaks
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = (
    "hrm-6x6",
    "hrm-6x6-seed1",
    "hrm-6x6-seed2",
    "hrm-6x6-mixed",
    "trm-6x6-attention",
    "trm-6x6-attention-seed1",
)
CONTROLS: dict[str, dict[str, Any]] = {
    "as many unrelated": {"edge": "as many unrelated"},
    "blanks alone": {"looking": "blanks"},
    "clues alone": {"looking": "clues"},
}
"""Beside the sweep itself, at one bias."""
STOPPED = -2.0
SHARPER = 1.5  # what all scores are multiplied by, as another control
COLUMNS = 4
HEIGHT = 1.6
XLABEL = "added to scores\nof unrelated cells"


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample="puzzles in the random sample",
        seed="of the sample, the blanks and the intervals",
    )
    parser.add_argument("--counts", type=positive, nargs="+", default=[1, 4], help="numbers of blanks")
    parser.add_argument("--segments", type=positive, default=16, help="segments of each run")
    return command_line("leaks", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """The sweep and the controls of each model; intervals by solution classes."""
    found = {}
    for name in given.models:
        model = load(name)
        puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
        how = {
            "counts": (*given.counts, "all"), "segments": given.segments, "groups": "class", "seed": given.seed,
            "progress": True,
        }  # fmt: skip
        swept = leaks(model, puzzles, **how)
        print(f"{name}. {swept}", flush=True)
        controls = {}
        for control, settings in CONTROLS.items():
            asked = leaks(model, puzzles, biases=[STOPPED], **settings, **how)
            print(f"{name}. {asked}", flush=True)
            controls[control] = asked.table[asked.table["bias"] == STOPPED].to_dict("records")
        with model.hooks([(_scores_of(swept.level), lambda scores, hook: SHARPER * scores)]):
            sharper = leaks(model, puzzles, biases=[], **how)
        print(f"{name}, scores times {SHARPER}. {sharper}", flush=True)
        controls["sharper"] = sharper.table.to_dict("records")
        found[name_of(name)] = as_json(swept.summary() | {"controls": controls}, DIGITS)
    return {
        "models": found,
        "source": given.source,
        "seed": given.seed,
        "provenance": provenance(),
    }


def _scores_of(level: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(f"{level}.") and name.endswith("hook_attn_scores")


def draw(measured: Measured) -> "Figure":
    """Of each model what is solved, and below it what share of attention goes to unrelated cells."""
    models = measured["models"]
    columns = min(COLUMNS, len(models))
    bands = -(-len(models) // columns)
    figure = new_figure(DOUBLE_COLUMN, 2 * HEIGHT * bands)
    axes = figure.subplots(2 * bands, columns, squeeze=False, sharex=True, sharey=True)
    for ax in axes.flat:
        ax.set_visible(False)
    for i, (name, found) in enumerate(models.items()):
        table = pd.DataFrame(found["table"]).astype({"from_blanks": float, "from_clues": float})
        band, column = divmod(i, columns)
        pair = axes[2 * band : 2 * band + 2, column]
        leak_curves(pair[0], table, title=name, legend=False)
        leak_shares(pair[1], table, legend=False)
        lowest = pair[1] if i + columns >= len(models) else None
        for ax in pair:
            ax.set_visible(True)
            ax.set_xlabel(XLABEL if ax is lowest else "")
            ax.tick_params(labelbottom=ax is lowest)
            ax.set_ylabel("" if column else ax.get_ylabel())
    figure.legend(*axes[1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
