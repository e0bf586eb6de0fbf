"""Why does attention leak with one blank: because there are more clues, by their keys, or by the query of the blank?

    python analyses/leak_scores.py [MODEL ...] [--n PUZZLES] [--out DIR]
    python analyses/leak_scores.py --saved [--out DIR]                  draw again what was measured before

Each MODEL that attends, a shipped one or a folder, runs on puzzles, and on their grids with a single one of the
puzzle's blanks left. That cell looks at the same clues in both runs. Its attention scores (before the softmax) are
taken at every update of H, or of L where there is no H, and once more with its query of one run and the clues' keys
of the other: what its query alone changes, and their keys alone. Clues are peers of the cell (a rule joins them), or
unrelated, with the cell's digit or another. Beside that: what share would go to unrelated cells if each kind of clue
kept the weight that it has in the puzzles, and there were only more of them; and what is solved with the query that
the cell has in the puzzle. Writes leak_scores.{png,pdf,html,json}.
Claim: with one blank attention leaks to unrelated cells (analyses/leaks.py). Not said there: why.
"""

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from command_lines import asking_models, exit_status, positive
from leaks import MODELS
from measured import DIGITS, Measured, command_line
from sampled import sampled_puzzles
from torch import Tensor

from hrm_probe import load
from hrm_probe.json_text import as_json
from hrm_probe.models import HookPoint, RecursiveReasoner
from hrm_probe.plots.style import DOUBLE_COLUMN, MARKERS, SERIES, new_figure, reach
from hrm_probe.provenance import provenance
from hrm_probe.reasoning.easy.easy_puzzles import blanking_order, with_blanks
from hrm_probe.reasoning.heads.attention_edges import EDGES, PEERS, edge_kinds
from hrm_probe.reasoning.heads.attention_heads import heads_of
from hrm_probe.reasoning.result import ends, group_labels, share_of
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.report.subject import name_of
from hrm_probe.sudoku import Board, Puzzles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLUES = ("peers", "unrelated, same digit", "unrelated, other digit")
CHANGES = ("query and keys", "query alone", "keys alone")
COLUMNS = 4


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=60,
        sample="puzzles in the random sample",
        seed="of the sample, the blanks and the intervals",
    )
    parser.add_argument("--segments", type=positive, default=16, help="segments of each run")
    return command_line("leak_scores", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Scores and shares of each model; intervals by solution classes."""
    found = {}
    for name in given.models:
        model = load(name)
        puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
        told = asked(model, puzzles, given.segments, given.seed)
        print(name, *(table.to_string(index=False) for table in told.values()), sep="\n", flush=True)
        found[name_of(name)] = as_json({"puzzles": len(puzzles), **told}, DIGITS)
    return {
        "models": found, "source": given.source, "segments": given.segments, "seed": given.seed,
        "provenance": provenance(),
    }  # fmt: skip


def asked(model: RecursiveReasoner, puzzles: Puzzles, segments: int, seed: int) -> dict[str, pd.DataFrame]:
    """What one blank changes in the attention of that cell.

    Returns:
        ``scores``: one row per kind of clue and change, the mean over puzzles of how much higher their scores are than
        in the puzzles as given, with ends; ``as_given``, the mean there. ``shares``: one row per run, of the cell's
        attention what goes to unrelated cells as given, with one blank, and as expected from the number of clues, over
        puzzles in which clues of both kinds tell their weight. Means over the heads of the level and all updates.
        ``solved``: one row per run, the last with one blank and that cell's query, at every update, as it was in the
        run of the puzzle.
    """
    cells = blanking_order(puzzles, 1, seed, within="puzzle")
    kinds = _clues(model, puzzles, cells[:, 0])
    given = _Looks(model, puzzles, cells[:, 0], segments)
    alone = _Looks(model, with_blanks(puzzles, cells), cells[:, 0], segments)
    scores = {
        "as given": _scores(given.queries, given.keys),
        "query and keys": _scores(alone.queries, alone.keys),
        "query alone": _scores(alone.queries, given.keys),
        "keys alone": _scores(given.queries, alone.keys),
    }
    labels, _ = group_labels(puzzles, "class")
    assert labels is not None
    rows = []
    for kind in CLUES:
        has = kinds[kind].any(1)
        means = {name: (s * kinds[kind]).sum(1)[has] / kinds[kind].sum(1)[has] for name, s in scores.items()}
        rows += [
            {"clues": kind, "change": change, "as_given": means["as given"].mean()}
            | ends("rise", mean_change(means["as given"], means[change], labels[has], seed=seed))
            for change in CHANGES
        ]
    swapped = _Looks(model, with_blanks(puzzles, cells), cells[:, 0], segments, given.queries)
    solved = [
        {"run": run} | ends("solved", share_of(looks.solved, labels, seed=seed))
        for run, looks in (("as given", given), ("one blank", alone), ("one blank, query as given", swapped))
    ]
    shares = _shares(model, puzzles, cells[:, 0], given, alone, labels, seed)
    return {"scores": pd.DataFrame(rows), "shares": shares, "solved": pd.DataFrame(solved)}


class _Looks:
    """One run: queries of one cell of each puzzle, keys of all positions, and the pattern; heads and updates apart.

    Attributes:
        queries: [update, puzzle, head, d_head]; keys: [update, puzzle, pos, head, d_head]; both as they meet.
        pattern: [update, puzzle, head, pos], the attention of that cell.
        solved: bool [puzzle].
    """

    def __init__(
        self,
        model: RecursiveReasoner,
        puzzles: Puzzles,
        cells: np.ndarray,
        segments: int,
        queries: Sequence[Tensor] | None = None,
    ) -> None:
        """``queries``, of every update, are put in the place of the cell's own."""
        level = sorted({head.level for head in heads_of(model)})[0]
        rotated = "rot_" if model.config.positions == "rope" else ""
        at, rows = torch.as_tensor(cells + model.config.prefix), torch.arange(len(puzzles))
        kept: dict[str, list[Tensor]] = {f"{rotated}q": [], f"{rotated}k": [], "pattern": []}

        def keep(x: Tensor, hook: HookPoint) -> None:
            kind = hook.name.rsplit("hook_")[-1]
            own = {"pattern": lambda: x[rows, :, at], f"{rotated}q": lambda: x[rows, at]}.get(kind, lambda: x)
            kept[kind].append(own().float().cpu())

        others = iter(queries if queries is not None else ())

        def put(x: Tensor, hook: HookPoint) -> Tensor:
            x = x.clone()
            x[rows, at] = next(others).to(x)
            return x

        points = f"{level}.blocks.*.attn.hook_"
        putting = [(f"{points}{rotated}q", put)] if queries is not None else []
        with model.hooks([*putting, *((f"{points}{kind}", keep) for kind in kept)]):
            shown = model.run(puzzles.tokens, segments).predictions[-1].cpu().numpy()
        self.solved = (shown == puzzles.answers).all(1)
        self.queries, self.keys, self.pattern = (torch.stack(values) for values in kept.values())


def _scores(queries: Tensor, keys: Tensor) -> np.ndarray:
    """Mean over heads and updates of the scores that the queries give the keys: [puzzle, pos]."""
    scores = torch.stack([torch.einsum("bhd,bkhd->bk", q, k) for q, k in zip(queries, keys, strict=True)])
    return (scores.mean(0) / queries.shape[2] / math.sqrt(queries.shape[-1])).numpy()


def _clues(model: RecursiveReasoner, puzzles: Puzzles, cells: np.ndarray) -> dict[str, np.ndarray]:
    """Of each kind, which positions are clues of the puzzle and stand so to the cell: bool [puzzle, pos]."""
    peer, unrelated = _relations(model, cells)
    prefix = model.config.prefix
    clue = np.pad(~puzzles.blanks, ((0, 0), (prefix, 0)))
    own = puzzles.answers[np.arange(len(puzzles)), cells][:, None]
    same = np.pad(puzzles.answers == own, ((0, 0), (prefix, 0)))
    return dict(zip(CLUES, (peer & clue, unrelated & clue & same, unrelated & clue & ~same), strict=True))


def _relations(model: RecursiveReasoner, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which positions are peers of each cell, and which are unrelated to it: bool [puzzle, pos]."""
    prefix = model.config.prefix
    kinds = edge_kinds(Board.of(model.config.cells), prefix)[cells + prefix]
    return np.isin(kinds, [EDGES.index(name) for name in PEERS]), kinds == EDGES.index("unrelated")


def _shares(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    cells: np.ndarray,
    given: _Looks,
    alone: _Looks,
    labels: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Attention to unrelated cells in both runs, and what the weights of the first would make it in the second."""
    peer, unrelated = (torch.as_tensor(kind) for kind in _relations(model, cells))
    clue = torch.as_tensor(np.pad(~puzzles.blanks, ((0, 0), (model.config.prefix, 0))))

    def each_gets(kind: Tensor) -> Tensor:
        """Mean attention that a position of this kind gets: [update, puzzle, head]."""
        return (given.pattern * kind[None, :, None]).sum(3) / kind.sum(1)[None, :, None]

    others = ~(peer | unrelated)  # itself and the prefix, of which both runs have as many
    to_unrelated = each_gets(unrelated & clue) * unrelated[0].sum()
    to_all = to_unrelated + each_gets(peer & clue) * peer[0].sum() + each_gets(others) * others[0].sum()
    shares = {
        "as given": (given.pattern * unrelated[None, :, None]).sum(3),
        "one blank": (alone.pattern * unrelated[None, :, None]).sum(3),
        "expected from the number of clues": to_unrelated / to_all,
    }
    has_both = ((unrelated & clue).any(1) & (peer & clue).any(1)).numpy()
    rows = []
    for name, share in shares.items():
        of = share.mean((0, 2)).numpy()[has_both]
        rows.append({"run": name} | ends("share", mean_change(0 * of, of, labels[has_both], seed=seed)))
    return pd.DataFrame(rows)


def draw(measured: Measured) -> "Figure":
    """Of each model how much one blank raises the scores of each kind of clue, and what query and keys do alone."""
    models = measured["models"]
    columns = min(COLUMNS, len(models))
    rows = -(-len(models) // columns)
    figure = new_figure(DOUBLE_COLUMN, 0.7 + 1.35 * rows)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for i, ax in enumerate(axes.flat):
        ax.set_visible(i < len(models))
    for ax, (name, found) in zip(axes.flat, models.items(), strict=False):
        table = pd.DataFrame(found["scores"])
        ax.set_title(name, fontsize=7.5)
        ax.axvline(0, color=SERIES[2], linewidth=0.6)
        for number, change in enumerate(CHANGES):
            of = table[table["change"] == change]
            middle, low, high = (of[f"rise{end}"].to_numpy(float) for end in ("", "_low", "_high"))
            place = np.arange(len(CLUES)) + 0.22 * (number - 1)
            ax.errorbar(
                middle, place, xerr=reach(middle, low, high), fmt=MARKERS[number], color=SERIES[number],
                elinewidth=0.9, label=change,
            )  # fmt: skip
        ax.set_yticks(range(len(CLUES)), CLUES)
        ax.grid(False, axis="y")
    axes[0, 0].set_ylim(len(CLUES) - 0.5, -0.5)
    for ax in axes[-1]:
        ax.set_xlabel("rise of scores")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(CHANGES))
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
