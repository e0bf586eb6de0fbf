"""How long a run stays in a state, and how often it escapes."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hrm_probe.dynamics.intervals import wilson
from hrm_probe.errors import InputError


def dwell_times(labels: ArrayLike) -> pd.DataFrame:
    """Every unbroken stay of every run, a row each.

    >>> dwell_times([[0, 0, 1, 1, 1]])[["state", "start", "length", "ended"]].values.tolist()
    [[0, 0, 2, True], [1, 2, 3, False]]

    Args:
        labels: whole numbers [n, time]; -1 for "in no attractor", which is a state like any other here.

    Returns:
        DataFrame with columns run, state, start, length (in steps), ended (False: still there when the recording
        stopped, so the true stay is longer), next (the state it left for; -2 where it did not end).

    Raises:
        InputError: labels not [n, time], or not whole numbers.
    """
    states = _checked(labels)
    n, time = states.shape
    if n == 0 or time == 0:
        return pd.DataFrame(
            {name: [] for name in ("run", "state", "start", "length", "ended", "next")}
        ).astype(int)
    begins = np.ones((n, time), dtype=bool)
    begins[:, 1:] = states[:, 1:] != states[:, :-1]
    run, start = np.nonzero(begins)
    last_of_run = np.append(run[1:] != run[:-1], True)
    end = np.where(last_of_run, time, np.append(start[1:], time))
    state = states[run, start]
    following = np.where(last_of_run, -2, np.append(state[1:], -2))
    return pd.DataFrame(
        {
            "run": run,
            "state": state,
            "start": start,
            "length": end - start,
            "ended": ~last_of_run,
            "next": following,
        }
    )


def escapes(labels: ArrayLike, *, level: float = 0.95) -> pd.DataFrame:
    """Rate of escape from each state: exits over the steps at which an exit could have been seen.

    Args:
        labels: whole numbers [n, time].
        level: for the Wilson interval of the rate.

    Returns:
        DataFrame, a row per state: state, visits, exits, steps (at risk), rate (exits a step), low, high, and
        mean_dwell = 1 / rate, which counts stays cut off by the end of the recording correctly if the rate is
        constant (inf where no exit was seen).

    Raises:
        InputError: labels not [n, time], or not whole numbers.

    Known inaccuracy: the interval takes steps as independent, as for a Markov chain; with few runs that differ
    in nature (some trapped, some free) it is too narrow.
    """
    states = _checked(labels)
    stays = dwell_times(states)
    before, after = states[:, :-1], states[:, 1:]
    rows = []
    for state in np.unique(states):
        at_risk = int((before == state).sum())
        exits = int(((before == state) & (after != state)).sum())
        rate = wilson(exits, at_risk, level)
        mean = at_risk / exits if exits else np.inf
        rows.append(
            (
                int(state),
                int((stays.state == state).sum()),
                exits,
                at_risk,
                rate.estimate,
                rate.low,
                rate.high,
                mean,
            )
        )
    names = ["state", "visits", "exits", "steps", "rate", "low", "high", "mean_dwell"]
    return pd.DataFrame(rows, columns=names)


def transitions(labels: ArrayLike) -> pd.DataFrame:
    """Counts of moves from state (row) to state (column) between successive times, stays included."""
    states = _checked(labels)
    names, codes = np.unique(states, return_inverse=True)
    codes = codes.reshape(states.shape)
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, (codes[:, :-1].ravel(), codes[:, 1:].ravel()), 1)
    return pd.DataFrame(counts, index=pd.Index(names, name="from"), columns=pd.Index(names, name="to"))


def _checked(labels: ArrayLike) -> NDArray[np.int64]:
    states = np.asarray(labels)
    if states.ndim != 2:
        raise InputError(f"labels must have shape [n, time], a row for each run, not {list(states.shape)}.")
    if states.size and not (np.issubdtype(states.dtype, np.integer) or states.dtype == bool):
        raise InputError("labels must be whole numbers, -1 for no attractor.")
    return states.astype(np.int64)
