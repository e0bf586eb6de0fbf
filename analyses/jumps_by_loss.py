"""Do answers jump by the loss of training alone, or by others, too? Five curves of the same runs.

    python analyses/jumps_by_loss.py ["KIND=MODEL,MODEL,..." ...] [--n PUZZLES] [--source SOURCE] [--out DIR]
    python analyses/jumps_by_loss.py --saved [--out DIR]                draw again what was measured before

Each MODEL, a shipped one or a folder, solves test puzzles of its board. Of the answers that come after the first
segment it is asked how many come in one jump, by the loss that models are trained with (stablemax cross-entropy), by
the number of wrong cells, by ordinary cross-entropy (softmax) of the same logits, and by the logarithms of both losses;
of all of them, and of those that come at segment 4 or later, which had time to come gradually.
Writes jumps_by_loss.{png,pdf,html,json}.
Claim: answers come in one jump (arXiv 2601.10679, claim 3). Of which curve?
"""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from command_lines import described, exit_status, positive
from measured import DIGITS, Measured, command_line
from mixers import named
from sampled import sampled_puzzles

from hrm_probe import load
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, new_figure
from hrm_probe.plots.comparison import kinds_compared
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import follow, jumps
from hrm_probe.reasoning.result import group_labels, share_of
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = (
    "HRM=hrm-6x6,hrm-6x6-seed1,hrm-6x6-seed2,hrm-6x6-mixed,hrm-6x6-mlp,hrm-6x6-mlp-seed1",
    "TRM=trm-6x6,trm-6x6-seed1,trm-6x6-seed2,trm-6x6-attention,trm-6x6-attention-seed1",
)
CURVES = {
    "loss": "loss of training\n(stablemax)",
    "softmax loss": "cross-entropy\n(softmax)",
    "errors": "wrong cells",
    "log loss": "log of the loss\nof training",
    "log softmax loss": "log of the\ncross-entropy",
}
FROM = 4  # the first segment at which an answer had time to come gradually
HEIGHT = 3.4


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("kinds", nargs="*", default=KINDS, metavar="KIND=MODEL,...", help="; ".join(KINDS))
    parser.add_argument("--n", type=positive, default=1000, help="puzzles for each model to solve")
    parser.add_argument("--source", default="minimal", help="puzzles of this source of the board's test set")
    parser.add_argument("--segments", type=positive, default=16, help="segments of each run")
    parser.add_argument("--seed", type=int, default=0, help="seed of the samples and the intervals")
    return command_line("jumps_by_loss", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Shares of jumps of every model by every curve; intervals by solution classes."""
    rows: list[dict[str, Any]] = []
    for kind, names in map(named, given.kinds):
        for name in names:
            found = list(_asked(load(name), given))
            rows += [{"kind": kind, "model": name_of(name), **row} for row in found]
            told = "; ".join(_in_words(row) for row in found)
            print(f"{kind}, {name_of(name)}: {told}", flush=True)
    return {
        "values": rows,
        "n": given.n,
        "source": given.source,
        "segments": given.segments,
        "seed": given.seed,
        "provenance": provenance(),
    }


def draw(measured: Measured) -> "Figure":
    """A row per curve, a mark per model: all late answers, and those that come at segment 4 or later."""
    figure = new_figure(DOUBLE_COLUMN * 1.25, HEIGHT)
    values = pd.DataFrame(measured["values"]).astype({"estimate": float, "low": float, "high": float})
    values["measure"] = values["curve"]
    left, right = figure.subplots(1, 2, sharey=True)
    titles = ("late answers", f"those that come at segment {FROM} or later")
    for ax, late, title in zip((left, right), (False, True), titles, strict=True):
        kinds_compared(ax, values[values["late"] == late], CURVES, title=title)
        ax.set_xlabel("share that comes in one jump")
    left.get_legend().remove()
    return figure


def _asked(model: RecursiveReasoner, given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
    curves = follow(model, puzzles, given.segments)
    labels, _ = group_labels(puzzles, "class")
    for curve in CURVES:
        found = jumps(None, puzzles, curve=curve, curves=curves, groups="class", seed=given.seed).table
        jumping = (found["kind"] == "jump").to_numpy()
        for late in (False, True):
            chosen = found["late"].to_numpy() & (found["first_solved"] >= (FROM if late else 2)).to_numpy()
            share = share_of(jumping, labels, chosen, given.seed)
            yield {"curve": curve, "late": late, "answers": int(np.sum(chosen)), **as_json(share, DIGITS)}


def _in_words(row: dict[str, Any]) -> str:
    share = f"{row['estimate']:.1%}" if row["answers"] else "none"
    return f"{row['curve']} {share} of {row['answers']}" + (
        f" at segment {FROM} or later" if row["late"] else ""
    )


if __name__ == "__main__":
    raise SystemExit(main())
