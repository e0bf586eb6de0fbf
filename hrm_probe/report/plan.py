"""How much is run for a report: sample sizes, what they cost, and how they shrink to fit a budget of time."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from statistics import median
from time import perf_counter
from typing import Any

import torch

from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.easy.blanks import usual_counts
from hrm_probe.reasoning.runs.curves import follow

EXPONENT_COST = (
    4  # a tangent of a segment costs this many segments at most: forward mode, attention written out
)
BLANK = 0.7  # share of the cells that minimal puzzles leave blank, on any board
UNRESTED = 1.6  # times the usual segments that runs to rest take: those that wander take twice as many
LANDSCAPE_STARTS = 16
FEWEST_PUZZLES = 128
UNTRAINED = 3  # networks of the model's shape, whose states are measured beside its own
SUPPOSED_RUNS = 5  # plainly, with either digit supposed, and the two runs that the states come from
LEAST = {
    "blanks": 24, "singles": 160, "masked": 24, "divided": 4, "long": 16, "exponents": 16, "deduced": 48,
    "supposed": 32, "spread": 24,
}  # fmt: skip
WORTH = 0.4  # a share of the samples below which longer runs are given up first
TIMES, PATIENCE = 5, 20.0  # how often a segment is timed, and for how many seconds at most
SPARED = 0.85  # of the budget goes to what can be planned; tables and pictures take the rest


@dataclass(frozen=True)
class Plan:
    """Sample sizes of a report.

    Attributes:
        puzzles: for accuracy, jumps, modes and short runs.
        blanks: puzzles for each number of blanks. (0 of these, of singles or of the landscape: they are left out, as
            for tasks that have no rules.)
        singles: grids with one blank each; one of them is tried with every cell blank.
        masked: grids with one masked row, and as many puzzles as given, run for ``masked_segments``.
        divided: puzzles run from ``starts`` disturbed starts and from ``plane`` x ``plane`` points of a plane.
        landscape: points along each side of the plane of the one puzzle that is drawn.
        long: puzzles run to the last of ``horizons``.
        exponents: puzzles whose ``tangents`` leading Lyapunov exponents are found.
        deduced: puzzles whose cells are put in order.
        supposed: puzzles beyond singles into which a guess is put, in ``SUPPOSED_RUNS`` runs each.
        spread: puzzles whose states' dimensions are measured, in the model and in ``UNTRAINED`` other networks.
    """

    puzzles: int = 2048
    blanks: int = 128
    singles: int = 400
    masked: int = 96
    masked_segments: int = 128
    divided: int = 20
    starts: int = 24
    plane: int = 5
    landscape: int = 21
    long: int = 64
    horizons: tuple[int, ...] = (16, 64, 256)
    exponents: int = 96
    tangents: int = 8
    deduced: int = 200
    supposed: int = 96
    spread: int = 100
    seed: int = 0

    def cost(self, segments: int, cells: int) -> dict[str, float]:
        """Segments of one puzzle that each part runs (tangents counted by what they cost)."""
        return {
            "puzzles": self.puzzles * segments,
            "blanks": self.blanks * len(usual_counts(BLANK * cells)) * segments,
            "singles": (self.singles + cells) * segments if self.singles else 0,
            "masked": 2 * self.masked * self.masked_segments,
            "divided": self.divided * (1 + self.starts + self.plane**2) * UNRESTED * segments,
            "landscape": (1 + LANDSCAPE_STARTS + self.landscape**2) * UNRESTED * segments
            if self.landscape
            else 0,
            "long": self.long * self.horizons[-1],
            "exponents": self.exponents * segments * (1 + self.tangents * EXPONENT_COST),
            "deduced": self.deduced * segments,
            "supposed": SUPPOSED_RUNS * self.supposed * segments,
            "spread": (1 + UNTRAINED) * self.spread * segments,
        }

    def fitted(self, seconds_each: float, minutes: float, segments: int, cells: int) -> "Plan":
        """This plan, made smaller where it would not fit.

        The puzzles that everything rests on take three tenths of the budget at most, or 128 of them; what is left is
        shared by the other parts in proportion, down to ``LEAST``, and where these need more, there are fewer
        puzzles. Runs beyond the trained length are cut before samples are.

        Args:
            seconds_each: what a segment of one puzzle takes here.
            minutes: of the whole report.
            segments, cells: of the model.
        """
        budget = 60 * minutes * SPARED / seconds_each
        fewer = replace(self, puzzles=min(self.puzzles, max(FEWEST_PUZZLES, int(0.3 * budget / segments))))
        for longest in (self.horizons[-1], 64, 32):
            shorter = fewer.cut_at(longest)
            cost = shorter.cost(segments, cells)
            fixed = cost["puzzles"] + cost["landscape"]  # not by the share
            share = min(1.0, max(budget - fixed, 0.0) / (sum(cost.values()) - fixed))
            if share > WORTH:
                break
        plan = shorter.shrunk(share)
        cost = plan.cost(segments, cells)
        left = int((budget - sum(cost.values()) + cost["puzzles"]) / segments)
        return replace(plan, puzzles=min(plan.puzzles, max(FEWEST_PUZZLES, left)))

    def minutes(
        self, seconds_each: float, segments: int, cells: int, parts: Collection[str] | None = None
    ) -> float:
        """What a report of these sizes is expected to take.

        Args:
            seconds_each, segments, cells: as in :meth:`fitted`.
            parts: which of the parts of :meth:`cost` are run; all of them if None.
        """
        cost = self.cost(segments, cells)
        return sum(cost[part] for part in (cost if parts is None else parts)) * seconds_each / SPARED / 60

    def cut_at(self, longest: int) -> "Plan":
        """No run longer than this many segments."""
        horizons = tuple(
            sorted({h for h in self.horizons if h <= longest} | {min(longest, self.horizons[-1])})
        )
        return replace(self, horizons=horizons, masked_segments=min(self.masked_segments, longest))

    def among(self, puzzles: int) -> "Plan":
        """This plan where there are only this many puzzles to draw from."""
        drawn = ("puzzles", *LEAST)
        return replace(self, **{name: min(getattr(self, name), puzzles) for name in drawn})

    def without_rules(self) -> "Plan":
        """This plan for tasks that have no rules: without what blanks cells of grids or judges them unanswered."""
        return replace(self, blanks=0, singles=0, landscape=0, deduced=0, supposed=0)

    def shrunk(self, share: float, parts: Collection[str] = tuple(LEAST)) -> "Plan":
        """Samples of this share, none below ``LEAST``; fewer other starts where little is left."""
        sizes = {
            name: min(getattr(self, name), max(least, int(share * getattr(self, name))))
            for name, least in LEAST.items()
            if name in parts
        }
        if share < WORTH:
            sizes |= {
                "plane": min(self.plane, 3),
                "starts": min(self.starts, 12),
                "landscape": min(self.landscape, 11),
            }
        return replace(self, **sizes)

    @classmethod
    def saved(cls, settings: Mapping[str, Any]) -> "Plan":
        """What :meth:`to_dict` gave; sizes that it did not know yet are the usual ones."""
        return cls(**{**settings, "horizons": tuple(settings["horizons"])})

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"horizons": list(self.horizons)}

    def describe(self, parts: Collection[str]) -> str:
        """The sizes of some parts of :meth:`cost`, in words; what is left out is not mentioned."""
        told = {
            "puzzles": f"{self.puzzles} puzzles",
            "blanks": f"{self.blanks} for each number of blanks",
            "singles": f"{self.singles} single blanks",
            "masked": f"{self.masked} {'masked rows' if self.singles else 'of them'} to segment {self.masked_segments}",
            "divided": f"{self.divided} from {self.starts} other starts and {self.plane**2} points of a plane",
            "landscape": f"one from {self.landscape**2} points of a plane",
            "long": f"{self.long} to segment {self.horizons[-1]}",
            "exponents": f"exponents of {self.exponents}",
            "deduced": f"{self.deduced} put in order",
            "supposed": f"{self.supposed} made to guess",
            "spread": f"dimensions of {self.spread}",
        }
        return "; ".join(text for part, text in told.items() if part in parts and getattr(self, part))

    def __str__(self) -> str:
        return self.describe(self.cost(1, 1))


def seconds_per_segment(model: RecursiveReasoner, puzzles: Asked) -> float:
    """What one segment of one puzzle takes on this machine, in seconds: a median, after a first, slow run.

    A slow model is run less often: not again once ``PATIENCE`` seconds are spent.
    """
    sample = puzzles[: min(puzzles_at_once(model.device), len(puzzles))]
    taken: list[float] = []
    with torch.no_grad():
        follow(model, sample[: min(8, len(sample))], 1)
        while len(taken) < TIMES and sum(taken) < PATIENCE:
            begun = perf_counter()
            follow(model, sample, 2)
            taken.append(perf_counter() - begun)
    return median(taken) / (2 * len(sample))
