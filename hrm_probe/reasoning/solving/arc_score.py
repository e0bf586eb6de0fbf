"""ARC's own score: every copy of a task answers, the copies vote, and the best K answers may be tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.dynamics.bounded_means import mean_of_shares
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_numbers
from hrm_probe.models import ArcTests, RecursiveReasoner, load_arc
from hrm_probe.models.answering import last_answers
from hrm_probe.models.checking import check_rows
from hrm_probe.models.published.arc_copies import cropped, grid_bytes
from hrm_probe.reasoning.asking import check_asked, run_length
from hrm_probe.reasoning.result import Result, columns, percent, share_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.solving.arc_votes import Ballots, Election
from hrm_probe.wording import counted


@dataclass(frozen=True)
class ArcScore(Result):
    """Score of one model on tasks of ARC.

    Attributes:
        table: one row per test input: task, input (0-based, in its task), copies (that voted), answers (how many
            different), votes and confidence (of the best answer; confidence is the mean halting probability of the
            copies that gave it), right (votes for the true output), rank (of the true output among the answers, from
            1; 0 if no copy gave it).
        by_k: one row a K: k, pass_at (mean over tasks of the share of their test inputs whose true output is among
            the best K answers), low, high; all_inputs (share of tasks of which all test inputs are solved so),
            all_inputs_low, all_inputs_high.
        examples: share of examples solved cell by cell, each copy's for itself, as ``evaluate`` of the same folder
            counts them.
        tasks: how many.
        segments: that each copy was given.
        answers: by task, for each of its test inputs the best answers, as many as the largest K; uint8 [row, column].
    """

    table: pd.DataFrame
    by_k: pd.DataFrame
    examples: Interval
    tasks: int
    segments: int
    answers: dict[str, list[list[np.ndarray]]]

    _long = ("table", "answers")

    def pass_at(self, k: int) -> Interval:
        """The score with K tries, of any K, with its 95% interval over tasks."""
        return mean_of_shares(_share_solved(self.table, k))

    def __str__(self) -> str:
        n, inputs = counted(self.tasks, "task"), counted(len(self.table), "test input")
        scores = ", ".join(f"pass@{k} {percent(self.pass_at(k))}" for k in self.by_k["k"])
        lines = [
            f"{scores} of {n} ({inputs}), by votes of {self.table['copies'].mean():.1f} copies each; one copy alone "
            f"solves {percent(self.examples)}."
        ]
        if len(self.table) > self.tasks:
            whole = ", ".join(f"{row.all_inputs:.1%} at K = {row.k}" for row in self.by_k.itertuples())
            lines.append(f"Tasks of which every test input is solved: {whole}.")
        if missing := int((self.table["copies"] == 0).sum()):
            lines.append(
                f"The data set has no copy of {counted(missing, 'test input')}, which count as not solved."
            )
        return "\n".join(lines)


def arc_score(
    model: RecursiveReasoner,
    tests: ArcTests | str | Path,
    k: int | Sequence[int] = (1, 2),
    *,
    segments: int | None = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> ArcScore:
    """How many tasks of ARC does a model solve within K tries, the tries elected by all copies of each task?

    >>> model = hrm_probe.import_checkpoint("arc/step_518071")                         # doctest: +SKIP
    >>> print(arc_score(model, "data/arc1concept-aug-1000", progress=True))            # doctest: +SKIP
    >>> arc_score(model, hrm_probe.load_arc("data/arc1concept-aug-1000", n=40, copies=20))  # doctest: +SKIP

    Every copy is put to the model with its own puzzle embedding and runs all segments. Its last answer is cropped to a
    grid, the largest rectangle of colours at the top left; the copy's symmetry and colours are undone; and the grid has
    one vote, of the confidence sigmoid(q_halt). Grids are ordered by votes, among equals by mean confidence, among
    equals of both by which was answered first, in the order of the folder. A test input is solved if its true output
    is among the first K, with all its rows, columns and cells.

    Args:
        model: with puzzle embeddings for the copies, as it was trained on this data set.
        tests: the folder of the data set, or what ``load_arc`` reads from it, which can take fewer tasks and copies.
        k: how many tries, one number or several.
        segments: that every copy runs; the model's ``max_segments`` if None.
        batch_size: copies at once; memory grows with it. The answers take one byte per cell for each different one, at
            most 0.4 GB for the 400 tasks and 1,001 copies of ARC-AGI-1.
        seed: for the interval of ``examples``, which resamples tasks.
        progress: show a bar.

    Raises:
        InputError: what :func:`hrm_probe.load_arc` refuses, a model for other cells or with too few puzzle embeddings,
            or a copy whose input is not one of its task's.

    Intervals of ``by_k`` are Wilson's at 95% over tasks (:func:`hrm_probe.dynamics.bounded_means.mean_of_shares`).

    Sources: ``arc_eval.ipynb`` of the code released with arXiv 2506.21734 (HRM), ``evaluators/arc.py`` of that with
    arXiv 2510.04871 (TRM). Both crop, undo, and order votes alike. They differ in what a task counts for: to TRM the
    share of its test inputs that are solved (``pass_at``), to HRM 1 if all are and 0 otherwise (``all_inputs``). TRM
    takes true outputs from ``test_puzzles.json``, and counts test inputs without any answer as not solved; HRM takes
    them from the unaltered copies. TRM by default lets all evaluations of a training vote together, so that its
    logged scores pool the answers of several checkpoints; here one model votes. Confidence has double precision here
    and with TRM; HRM's has single, where it is 1 from q_halt = 17 on, so that other answers may come first.
    Known inaccuracy: compared with made-up data sets in the published layouts, not with a published checkpoint of ARC.
    Where the builder found no solutions, it wrote a single black cell as the true output, which is taken for true.
    """
    tries = sorted(set(whole_numbers(k, "k")))
    if not tries:
        raise InputError("k is empty; say how many tries count, such as k=(1, 2).")
    tests = tests if isinstance(tests, ArcTests) else load_arc(tests)
    check_asked(model, tests.examples(slice(0, 1)), batch_size)
    check_rows(len(tests), model.config, tests.puzzle_ids, None)
    segments = run_length(model, segments)
    keep_freed_memory()
    ballots, solved = Ballots(), np.zeros(len(tests), bool)
    for rows in in_batches(len(tests), batch_size, "asking copies", progress, unit="copies"):
        solved[rows] = _vote(model, tests, rows, segments, ballots)

    elections = {
        task: [ballots.count((task, grid_bytes(pair.input)), pair.output) for pair in pairs]
        for task, pairs in tests.pairs.items()
    }
    table = _table(elections)
    answers = {
        task: [[answer.grid for answer in election.answers[: tries[-1]]] for election in of_task]
        for task, of_task in elections.items()
    }
    labels = np.unique([copy.task for copy in tests.copies], return_inverse=True)[1]
    examples = share_of(solved, labels, seed=seed)
    return ArcScore(
        table=table,
        by_k=_by_k(table, tries),
        examples=examples,
        tasks=len(elections),
        segments=segments,
        answers=answers,
    )


def _vote(
    model: RecursiveReasoner, tests: ArcTests, rows: slice, segments: int, ballots: Ballots
) -> np.ndarray:
    """Put a batch of copies to the model, and cast its votes; which of them it solved cell by cell, bool [example]."""
    tasks, copies = tests.examples(rows), tests.copies[rows]
    inputs = [copy.undo(grid) for copy, grid in zip(copies, cropped(tasks.tokens), strict=True)]
    keys = [(copy.task, grid_bytes(grid)) for copy, grid in zip(copies, inputs, strict=True)]
    for task, written in keys:
        if all(grid_bytes(pair.input) != written for pair in tests.pairs[task]):
            raise InputError(
                f'A copy of the task "{task}" has an input that is not among its test inputs; name the folder test of '
                "a data set, as the released code built it."
            )
    ids = tasks.puzzle_ids
    grids, q_halt = last_answers(model, tasks.tokens, segments, len(tasks), puzzle_ids=ids)
    for key, copy, grid, confidence in zip(
        keys, copies, cropped(grids), expit(q_halt.astype(float)), strict=True
    ):
        ballots.cast(key, copy.undo(grid), float(confidence))
    return np.asarray(((grids == tasks.answers) | ~tasks.asked).all(1))


def _table(elections: dict[str, list[Election]]) -> pd.DataFrame:
    rows = []
    for task, of_task in elections.items():
        for number, election in enumerate(of_task):
            best = election.answers[0] if election.answers else None
            rows.append(
                {
                    "task": task,
                    "input": number,
                    "copies": election.copies,
                    "answers": len(election.answers),
                    "votes": best.votes if best else 0,
                    "confidence": best.confidence if best else np.nan,
                    "right": election.right,
                    "rank": election.rank,
                }
            )
    return pd.DataFrame(rows)


def _share_solved(table: pd.DataFrame, k: int) -> np.ndarray:
    """Of each task, the share of its test inputs whose true output is among the best K: [task]."""
    return table["rank"].between(1, k).groupby(table["task"], sort=False).mean().to_numpy()


def _by_k(table: pd.DataFrame, tries: list[int]) -> pd.DataFrame:
    shares = [_share_solved(table, k) for k in tries]
    return pd.DataFrame(
        {
            "k": tries,
            **columns("pass_at", [mean_of_shares(share) for share in shares]),
            **columns("all_inputs", [mean_of_shares(share == 1) for share in shares]),
        }
    ).rename(columns={"pass_at_low": "low", "pass_at_high": "high"})
