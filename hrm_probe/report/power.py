"""How many puzzles a question needs, before any is asked."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import stats

from hrm_probe.dynamics.intervals import wilson_bounds
from hrm_probe.errors import InputError

USUAL_POWER = 0.9


@dataclass(frozen=True)
class Power:
    """What a sample of this many independent cases can show.

    Attributes:
        claim: name of the claim.
        n: cases.
        threshold, alternative: share under the claim's threshold, and the share it should be told from.
        power: chance that the whole 95% interval lies beyond the threshold if the alternative is true.
        needed: the cases that give a power of 90%.
    """

    claim: str
    n: int
    threshold: float
    alternative: float
    power: float
    needed: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.n} cases tell {self.alternative:.0%} from {self.threshold:.0%} with a chance of {self.power:.0%} "
            f"(90% needs {self.needed})"
        )


def power_of(claim: str, n: int, threshold: float, alternative: float) -> Power:
    """What ``n`` cases can show; see :class:`Power`.

    >>> print(power_of("easy", 96, 0.01, 0.1))
    96 cases tell 10% from 1% with a chance of 100% (90% needs 38)

    Known inaccuracy: cases are taken as independent; puzzles of one solution class need not be.
    """
    return Power(
        claim,
        n,
        threshold,
        alternative,
        power(n, threshold, alternative),
        sample_size(threshold, alternative),
    )


@lru_cache(maxsize=4096)
def power(n: int, threshold: float, alternative: float, level: float = 0.95) -> float:
    """Exact chance that Wilson's interval of a binomial count lies wholly on the alternative's side.

    Args:
        n: cases.
        threshold, alternative: shares between 0 and 1, not equal.
        level: for the interval.

    Raises:
        InputError: shares out of range, or equal.
    """
    if not (0 <= threshold <= 1 and 0 <= alternative <= 1) or threshold == alternative:
        raise InputError(
            f"Threshold and alternative are two different shares from 0 to 1, not {threshold} and {alternative}."
        )
    if n < 1:
        return 0.0
    counts = np.arange(n + 1)
    low, high = wilson_bounds(counts, n, level)
    beyond = low > threshold if alternative > threshold else high < threshold
    return float(stats.binom.pmf(counts, n, alternative)[beyond].sum())


@lru_cache(maxsize=256)
def sample_size(
    threshold: float, alternative: float, wanted: float = USUAL_POWER, most: int = 100_000
) -> int:
    """The fewest cases from which on the power stays at ``wanted`` or above.

    Power goes up and down a little with n, for counts are whole; a search by doubling and halving finds where it
    first gets there, and the next dozen are looked at.
    """
    low, high = 1, 2
    while power(high, threshold, alternative) < wanted:
        low, high = high, 2 * high
        if high > most:
            raise InputError(f"More than {most:,} cases are needed to tell {alternative} from {threshold}.")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle, threshold, alternative) >= wanted else (middle, high)
    while min(power(n, threshold, alternative) for n in range(high, high + 12)) < wanted:
        high += 1
    return high
