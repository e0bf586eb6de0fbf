"""Guess scaling: does asking again, in another way, help, and what does it cost?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, whole_number
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.models.answering import last_answers
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.near_names import names_among
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import (
    Asked,
    check_asked,
    check_sudoku,
    run_length,
)
from hrm_probe.reasoning.guessing.votes import VOTES, solved_by_vote, votes_among
from hrm_probe.reasoning.result import Groups, Result, group_labels, percent, share_of
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.runs.perturbing import disturbed_start, noise_like
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.sudoku import Puzzles, symmetric_copies
from hrm_probe.wording import counted

Source = Literal["relabelling", "start", "noise", "models", "models+relabelling"]


@dataclass(frozen=True)
class Guesses(Result):
    """Accuracy against the number of guesses.

    Attributes:
        table: one row per (source, vote, guesses): accuracy, low, high, segments (forward passes of the whole
            recursion that one puzzle costs).
        gains: one row per (source, vote): what the most guesses gain over one, low, high, from pairs of puzzles.
        predictions: by source, tokens [guess, puzzle, cell], mapped back to the puzzle as it was asked.
        q_halt: by source, [guess, puzzle], halting values beside them.
        single: accuracy of the plain run of the first model.
        puzzles: how many; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    gains: pd.DataFrame
    predictions: dict[str, np.ndarray]
    q_halt: dict[str, np.ndarray]
    single: Interval
    puzzles: int
    resampled: str

    _long = ("predictions", "q_halt")

    def summary(self) -> dict[str, Any]:
        """Everything but the guesses themselves, ready for JSON, with what each vote means."""
        return {**super().summary(), "votes": as_json(VOTES)}

    def __str__(self) -> str:
        lines = [f"One guess solves {percent(self.single)} of {counted(self.puzzles, 'puzzle')}."]
        most = self.table[self.table["guesses"] == self.table.groupby("source")["guesses"].transform("max")]
        lines += [
            f"  {row.guesses:>3} guesses by {row.source}, {row.vote}: {row.accuracy:.1%} "
            f"[{row.low:.1%}, {row.high:.1%}] for {row.segments} segments"
            for row in most.itertuples()
        ]
        return "\n".join(lines)


def guesses(
    model: RecursiveReasoner | Sequence[RecursiveReasoner],
    puzzles: Asked,
    *,
    sources: Source | Sequence[Source] | None = None,
    n_guesses: int = 8,
    scale: float = 1.0,
    noise: float = 0.3,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Guesses:
    """More guesses solve more puzzles, if a model guesses: ask again from elsewhere, and vote.

    >>> print(guesses(load("hrm-6x6"), load_puzzles("6x6-test", 100)))               # doctest: +SKIP
    >>> guesses([model_a, model_b, model_c], puzzles, sources=["models"])            # doctest: +SKIP

    Guess 0 is always the plain run of the first model. The others come, by source, from

    - "relabelling": random symmetric copies of the puzzle, answers mapped back;
    - "start": noise of standard deviation ``scale`` on the initial state (states have root mean square 1);
    - "noise": noise of standard deviation ``noise`` on z_H and z_L before every segment;
    - "models": the plain run of the other models, one guess per model;
    - "models+relabelling": copies, put to the models in turn.

    Every vote (``VOTES`` says how each works) takes the guesses of the last segment in the order they were made;
    a tie goes to the guess made first. Accuracy is the share of puzzles whose elected grid is the answer.

    Args:
        model: one model, or several for the same board.
        puzzles: what to solve, or ``Tasks``, which have neither symmetric copies nor lawful grids: there guesses come
            from "start", "noise" and "models" only, and the vote "first lawful" is left out; answers only judge, but
            for the vote that says so.
        sources: which of "relabelling", "start", "noise", "models" and "models+relabelling"; all that the models and
            the puzzles allow if None.
        n_guesses: guesses per puzzle, the plain run among them ("models" has as many as there are models).
        scale: size of the noise of "start".
        noise: size of that of "noise".
        segments: how many each guess takes; the first model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once; noise is drawn batch by batch, so another number of them draws other noise.
        seed: for the noise, the copies and the resampling.
        progress: show a bar.

    Raises:
        InputError: an unknown source, no guesses, "models" with one model, relabelling of tasks, or noise that is no
            finite number.

    Source: Ren & Liu, arXiv 2601.10679, section 5 (input perturbation, model bootstrapping); how that paper's code
    counts for several checkpoints, which needs the answer, is :func:`published_count`. "noise" with the vote "surest"
    is the probabilistic TRM of Sghaier, Parviz and Jolicoeur-Martineau, arXiv 2605.19943.
    """
    models = list(model) if isinstance(model, Sequence) else [model]
    if not models:
        raise InputError("There is no model to ask for guesses; give at least one.")
    for asked in models:
        check_asked(asked, puzzles, batch_size, seed)
    chosen = _check(models, puzzles, sources, n_guesses)
    segments, scale = run_length(models[0], segments), finite_number(scale, "scale")
    noise = finite_number(noise, "noise")
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(int(seed))
    ask = partial(last_answers, segments=segments, batch_size=batch_size, puzzle_ids=puzzle_ids_of(puzzles))
    plain = ask(models[0], puzzles.tokens)

    def disturbed(rows: int) -> State:
        return disturbed_start(models[0], rows, scale, generator)

    def shaken(state: State) -> State:
        return State(*(z + noise * noise_like(z, generator) for z in state))

    predictions: dict[str, np.ndarray] = {}
    q_halt: dict[str, np.ndarray] = {}
    for source in chosen:
        n = len(models) if source == "models" else n_guesses
        runs = [plain]
        for i in track(range(1, n), f"guessing by {source}", unit="guesses", show=progress):
            asked = models[i % len(models)] if source.startswith("models") else models[0]
            if isinstance(puzzles, Puzzles) and source.endswith("relabelling"):
                copies = symmetric_copies(puzzles, rng)
                grids, halting = ask(asked, copies.puzzles.tokens)
                runs.append((copies.map_back(grids), halting))
            elif source == "start":
                runs.append(ask(asked, puzzles.tokens, start=disturbed))
            elif source == "noise":
                runs.append(ask(asked, puzzles.tokens, before_each=shaken))
            else:
                runs.append(ask(asked, puzzles.tokens))
        predictions[source] = where_asked(np.stack([grids for grids, _ in runs]), puzzles.answers)
        q_halt[source] = np.stack([halting for _, halting in runs])

    return judge_guesses(puzzles, predictions, q_halt, segments, groups=groups, seed=seed)


def judge_guesses(
    puzzles: Asked,
    predictions: Mapping[str, np.ndarray],
    q_halt: Mapping[str, np.ndarray],
    segments: int,
    *,
    groups: Groups = None,
    seed: int = 0,
) -> Guesses:
    """Every vote among guesses that were made already.

    Args:
        puzzles: what was asked, as it was asked.
        predictions: by source, tokens [guess, puzzle, cell]; the first guess is the same in all sources.
        q_halt: by source, [guess, puzzle].
        segments: that each guess took.
        groups, seed: as in :func:`guesses`.
    """
    labels, resampled = group_labels(puzzles, groups)
    alone = (next(iter(predictions.values()))[0] == puzzles.answers).all(-1)
    rows, gains = [], []
    for source, answers in predictions.items():
        n = len(answers)
        counts = sorted({2**i for i in range(n.bit_length()) if 2**i <= n} | {n})
        for vote in votes_among(puzzles):
            for k in counts:
                right = solved_by_vote(vote, puzzles, answers[:k], q_halt[source][:k])
                interval = share_of(right, labels, seed=seed)
                rows.append((source, vote, k, interval.estimate, interval.low, interval.high, k * segments))
            gain = mean_change(alone, right, labels, seed=seed)
            gains.append((source, vote, n, gain.estimate, gain.low, gain.high))
    return Guesses(
        table=pd.DataFrame(
            rows, columns=["source", "vote", "guesses", "accuracy", "low", "high", "segments"]
        ),
        gains=pd.DataFrame(gains, columns=["source", "vote", "guesses", "gain", "low", "high"]),
        predictions=dict(predictions),
        q_halt=dict(q_halt),
        single=share_of(alone, labels, seed=seed),
        puzzles=len(puzzles),
        resampled=resampled,
    )


def _check(
    models: list[RecursiveReasoner], puzzles: Asked, sources: Source | Sequence[Source] | None, n_guesses: int
) -> list[str]:
    alone, together = ["relabelling", "start", "noise"], ["models", "models+relabelling"]
    if sources is None:
        chosen = alone + together if len(models) > 1 else alone
        if not isinstance(puzzles, Puzzles):
            chosen = [source for source in chosen if not source.endswith("relabelling")]
    else:
        chosen = names_among(sources, alone + together, "source of guesses")
    for source in chosen:
        if source in together and len(models) < 2:
            raise InputError(f"Guesses by {source!r} need at least two models; pass a list of them.")
        if source.endswith("relabelling"):
            check_sudoku(
                puzzles, f"Guesses by {source!r} ask symmetric copies", "ask other sources, such as 'start'"
            )
    whole_number(n_guesses, "n_guesses")
    return chosen
