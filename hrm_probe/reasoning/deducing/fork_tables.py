"""What a model shows while forks show the wrong digit, and while they show the right one."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hrm_probe.dynamics.bounded_means import wider_where_few_decide
from hrm_probe.dynamics.intervals import Interval, bootstrap
from hrm_probe.reasoning.deducing.forks import Forks
from hrm_probe.reasoning.result import alike, ends, labels_of
from hrm_probe.reasoning.runs.outcomes import by_outcome
from hrm_probe.reasoning.statistics.means import mean_if_any
from hrm_probe.reasoning.statistics.ordered_pairs import ordered_pairs

SHARES = ("following_wrong", "following_right", "others_wrong", "others_right")
EFFECTS = (*SHARES, "difference")
LATE = 7
"""Rounds from which on refutations are counted together, as few come so late."""


def fork_table(found: Forks, digits: np.ndarray) -> pd.DataFrame:
    """One row per fork: shares of all reads in which its cell shows the wrong and the right digit, and the last read.

    Args:
        found: n forks.
        digits: [puzzle, read, cell], what the model shows.
    """
    shown = digits[found.puzzle, :, found.cell]  # [fork, read]
    wrong = shown == found.wrong[:, None]
    return pd.DataFrame(
        {
            "puzzle": found.puzzle,
            "cell": found.cell,
            "wrong_digit": found.wrong,
            "refuted_in": found.refuted_in,
            "wrong": wrong.mean(1),
            "right": (shown == found.right[:, None]).mean(1),
            "ends_wrong": wrong[:, -1],
        }
    )


def following_table(found: Forks, digits: np.ndarray) -> pd.DataFrame:
    """One row per conclusion of a fork that shows both its digits at some reads.

    Args:
        found: forks.
        digits: [puzzle, read, cell], what the model shows.

    Returns:
        ``puzzle``, ``fork``, ``round``; ``following_wrong``, ``following_right``: the share of the reads in which the
        fork shows the wrong digit (the right one) that show the conclusion, too; ``others_wrong``, ``others_right``:
        the mean of that over the statements of its stratum that do not follow; ``difference``: by how much the first
        two differ, minus that of the last two.
    """
    parts = []
    for fork, statements in _by_fork(found):
        shown = digits[found.puzzle[fork]]  # [read, cell]
        at_fork = shown[:, found.cell[fork]]
        reads = {"wrong": at_fork == found.wrong[fork], "right": at_fork == found.right[fork]}
        if all(here.any() for here in reads.values()):
            parts.append(
                _following(found, fork, statements, {name: shown[here] for name, here in reads.items()})
            )
    return _together(parts)


def supposed_table(found: Forks, wrong: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    """The same from two runs, of all reads, in one of which the fork is made to hold its wrong digit.

    Args:
        found: one fork of each puzzle, in the order of ``wrong`` and ``right``.
        wrong, right: [puzzle, read, cell], what the model shows.
    """
    return _together(
        [
            _following(found, fork, statements, {"wrong": wrong[fork], "right": right[fork]})
            for fork, statements in _by_fork(found)
        ]
    )


def _by_fork(found: Forks) -> Iterator[tuple[int, pd.DataFrame]]:
    for _, statements in found.statements.groupby("fork"):
        yield int(statements["fork"].iloc[0]), statements


def _following(
    found: Forks, fork: int, statements: pd.DataFrame, shown: dict[str, np.ndarray]
) -> pd.DataFrame:
    """The rows of one fork; ``shown`` [read, cell] while it is wrong, and while it is right."""
    cell, digit = statements["cell"].to_numpy(int), statements["digit"].to_numpy(int)
    shares = {name: (reads[:, cell] == digit).mean(0) for name, reads in shown.items()}
    rows = statements[["round", "stratum"]].assign(**shares)
    follows = rows["round"] > 0
    others = rows[~follows].groupby("stratum")[["wrong", "right"]].mean().add_prefix("others_")
    rows = rows[follows].rename(columns={"wrong": "following_wrong", "right": "following_right"})
    return rows.join(others, on="stratum").assign(puzzle=found.puzzle[fork], fork=fork)[_FOLLOWING]


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(parts or [pd.DataFrame(columns=_FOLLOWING)])
    lift = {kind: table[f"{kind}_wrong"] - table[f"{kind}_right"] for kind in ("following", "others")}
    return table.assign(difference=lift["following"] - lift["others"]).reset_index(drop=True)


_FOLLOWING = ["puzzle", "fork", "round", *SHARES]


def by_puzzle(following: pd.DataFrame) -> pd.DataFrame:
    """Means over the conclusions of a fork, then over the forks of a puzzle: one row per puzzle, which is the index."""
    values = following[["puzzle", "fork", *EFFECTS]].astype(float)
    return values.groupby(["puzzle", "fork"]).mean().groupby("puzzle").mean()


def effect_table(
    following: pd.DataFrame, solved: np.ndarray, labels: np.ndarray | None, seed: int
) -> tuple[pd.DataFrame, dict[str, Interval]]:
    """One row per group of puzzles, with ends; and the difference of each group that has one."""
    means = by_puzzle(following)
    rows, differences = [], {}
    for name, among in by_outcome(solved[means.index.to_numpy(int)]).items():
        chosen = means[among]
        if len(chosen):
            told = _intervals(chosen, labels, seed)
            differences[name] = told["difference"]
            rows.append({"puzzles_of": name, "puzzles": len(chosen)} | _spread(told))
    return pd.DataFrame(rows, columns=_with_ends("puzzles_of", "puzzles")), differences


def following_by_round(following: pd.DataFrame, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    """One row per round of conclusions: the same means over puzzles, with ends."""
    rows = []
    for number in sorted(following["round"].unique()):
        of_round = following[following["round"] == number]
        means = by_puzzle(of_round)
        told = _intervals(means, labels, seed)
        rows.append({"round": number, "puzzles": len(means), "conclusions": len(of_round)} | _spread(told))
    return pd.DataFrame(rows, columns=_with_ends("round", "puzzles", "conclusions"))


def refutation_table(
    at_forks: pd.DataFrame, solved: np.ndarray, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    """One row per round in which singles refute wrong digits, ``LATE`` and later in one, 0 those they do not refute.

    Returns:
        ``forks``; ``shown``: the share of reads in which they are shown; ``ever``: the share shown at any read;
        ``forks_unsolved`` and, of them, ``kept``: the share shown at the end. Means over forks, the first and the last
        with ends.
    """
    late = np.minimum(at_forks["refuted_in"], LATE)
    unsolved = ~solved[at_forks["puzzle"].to_numpy(int)]
    rows = []
    for number in [*range(1, LATE + 1), 0]:
        here = (late == number).to_numpy()
        failing = here & unsolved
        row = {
            "refuted_in": number,
            "forks": int(here.sum()),
            "ever": (at_forks["wrong"][here] > 0).mean(),
            "forks_unsolved": int(failing.sum()),
        }
        for name, chosen, column in (("shown", here, "wrong"), ("kept", failing, "ends_wrong")):
            if chosen.any():
                row |= ends(name, mean_over_forks(at_forks[chosen], column, labels, seed))
        rows.append(row)
    kinds = ["refuted_in", "forks", "shown", "shown_low", "shown_high", "ever", "forks_unsolved", "kept"]
    return pd.DataFrame(rows, columns=[*kinds, "kept_low", "kept_high"])


def mean_over_forks(at_forks: pd.DataFrame, column: str, labels: np.ndarray | None, seed: int) -> Interval:
    """The mean of a share over forks, resampled by puzzles or by groups of them."""
    sums = at_forks.groupby("puzzle")[column].agg(["sum", "count"]).astype(float)
    own = labels_of(labels, sums.index.to_numpy(int))
    found = bootstrap(
        lambda rows: rows[:, 0].sum() / rows[:, 1].sum(), sums.to_numpy(), groups=own, seed=seed
    )
    return wider_where_few_decide(found, sums["sum"] / sums["count"], own, alike(labels))


def sooner_refuted_less_shown(
    at_forks: pd.DataFrame, labels: np.ndarray | None, seed: int
) -> tuple[pd.Series, Interval | None]:
    """Of two wrong digits of one puzzle, that are shown unequally long: is the sooner refuted shown for less time?

    Returns:
        The share of such pairs by puzzle (NaN where there are none; what singles do not refute counts as refuted last),
        and the mean over puzzles; 0.5 where refutation plays no part.
    """
    last = int(at_forks["refuted_in"].max()) + 1
    refuted = at_forks["refuted_in"].where(at_forks["refuted_in"] > 0, last)
    shares = pd.Series(
        {
            puzzle: ordered_pairs(refuted[rows.index].to_numpy(), rows["wrong"].to_numpy()).share
            for puzzle, rows in at_forks.groupby("puzzle")
        },
        dtype=float,
    )
    own = labels_of(labels, shares.index.to_numpy(int))
    return shares, mean_if_any(shares.to_numpy(), own, seed)


def _intervals(means: pd.DataFrame, labels: np.ndarray | None, seed: int) -> dict[str, Interval]:
    own = labels_of(labels, means.index.to_numpy(int))
    told = {name: bootstrap(np.mean, means[name].to_numpy(), groups=own, seed=seed) for name in EFFECTS}
    return {
        name: wider_where_few_decide(found, means[name], own, alike(labels)) if name in SHARES else found
        for name, found in told.items()
    }


def _spread(told: dict[str, Interval]) -> dict[str, float]:
    return {name: value for kind, found in told.items() for name, value in ends(kind, found).items()}


def _with_ends(*first: str) -> list[str]:
    return [*first, *(f"{name}{end}" for name in EFFECTS for end in ("", "_low", "_high"))]
