"""What the findings are made from: models, puzzles and rollouts, each computed once, when first asked for."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.demo.exploring import Exploration, explore
from hrm_probe.models import RecursiveReasoner, load
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.progress import track
from hrm_probe.reasoning.runs.curves import Curves, follow
from hrm_probe.reasoning.solving.accuracy import Accuracy, evaluate
from hrm_probe.reasoning.timing.jumps import Jumps, jumps
from hrm_probe.reasoning.trapping.modes import Modes, modes
from hrm_probe.reasoning.trapping.traps import Traps, traps
from hrm_probe.sudoku import Puzzles, load_puzzles


@dataclass(frozen=True)
class Settings:
    """The choices behind a demo's numbers.

    Attributes:
        model: the model most findings are about.
        mixed: the same, trained with hints mixed in; compared on easy puzzles.
        other: a model of another architecture; compared in accuracy.
        puzzles: the set.
        kind: which source of the set; all if None.
        n: puzzles drawn from it for curves, jumps and modes.
        n_blanks: puzzles for each number of blanks.
        blanks: numbers of blanks tried; the whole puzzle is added.
        stories: puzzles of the interactive page.
        restarted: puzzles run from disturbed starts, half of them failures.
        explored: of these, how many are candidates for the picture of a plane.
        starts: disturbed starts of each.
        resolution: points of a landscape along each side.
        seed: for everything drawn.
    """

    model: str = "hrm-6x6"
    mixed: str = "hrm-6x6-mixed"
    other: str = "trm-6x6"
    puzzles: str = "6x6-test"
    kind: str | None = "minimal"
    n: int = 256
    n_blanks: int = 96
    blanks: tuple[int, ...] = (1, 2, 4, 8, 16)
    stories: int = 8
    restarted: int = 40
    explored: int = 8
    starts: int = 12
    resolution: int = 41
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; files and folders by their last names, which is all that others may know of a disk."""
        named = {name: Path(getattr(self, name)).name for name in ("model", "mixed", "other", "puzzles")}
        return asdict(self) | named | {"blanks": list(self.blanks)}


@dataclass
class Evidence:
    """Models, puzzles and rollouts that the findings share.

    Args:
        settings: the choices.
        given: models that are at hand already, by their name in the settings.
    """

    settings: Settings = field(default_factory=Settings)
    given: dict[str, RecursiveReasoner] = field(default_factory=dict)
    progress: bool = True

    def __post_init__(self) -> None:
        self._models: dict[str, RecursiveReasoner] = dict(self.given)
        self._curves: dict[str, Curves] = {}
        self._jumps: dict[str, Jumps] = {}
        self._modes: dict[str, Modes] = {}
        self._explored: dict[int, Exploration] = {}

    def model(self, name: str) -> RecursiveReasoner:
        if name not in self._models:
            self._models[name] = load(name)
        return self._models[name]

    @property
    def models(self) -> dict[str, RecursiveReasoner]:
        """Those used so far, by name."""
        return dict(self._models)

    @cached_property
    def puzzles(self) -> Puzzles:
        """The puzzles of curves, jumps and modes."""
        every = load_puzzles(self.settings.puzzles)
        if self.settings.kind is not None:
            every = every[every.source == self.settings.kind]
        return every.sample(min(self.settings.n, len(every)), self.settings.seed)

    def curves(self, name: str) -> Curves:
        """What each segment of a model's run over the puzzles says."""
        if name not in self._curves:
            model = self.model(name)
            batch_size = puzzles_at_once(model.device)
            self._curves[name] = follow(
                model, self.puzzles, self.segments, batch_size=batch_size, progress=self.progress
            )
        return self._curves[name]

    def accuracy(self, name: str) -> Accuracy:
        return evaluate(self.model(name), self.puzzles, curves=self.curves(name))

    def jumps(self, name: str) -> Jumps:
        """Which answers of a model came by a jump."""
        if name not in self._jumps:
            self._jumps[name] = jumps(None, self.puzzles, curves=self.curves(name), seed=self.settings.seed)
        return self._jumps[name]

    def modes(self, name: str) -> Modes:
        """Which reasoning mode each run of a model is in."""
        if name not in self._modes:
            self._modes[name] = modes(None, self.puzzles, curves=self.curves(name), seed=self.settings.seed)
        return self._modes[name]

    @cached_property
    def traps(self) -> Traps:
        """Where the model's runs rest, and what other starts change."""
        model, curves = self.model(self.settings.model), self.curves(self.settings.model)
        return traps(
            model,
            self.puzzles,
            scales=(1.0,),
            starts=self.settings.starts,
            copies=0,
            restarted=self.settings.restarted,
            batch_size=puzzles_at_once(model.device),
            curves=curves,
            seed=self.settings.seed,
            progress=self.progress,
        )

    @cached_property
    def explorations(self) -> dict[int, Exploration]:
        """Runs from disturbed starts of the puzzles that promise most (rivals first), by row of the sample."""
        tried = self.traps.table["rescued"].notna().to_numpy()
        table = self.traps.table.fillna(0)
        rivals = table[["right_attractors", "wrong_attractors"]].min(axis=1).to_numpy(float)
        promise = np.lexsort((-table["answers"].to_numpy(), -table["rescued"].to_numpy(float), -rivals))
        rows = [int(row) for row in promise if tried[row]][: self.settings.explored] or [0]
        counted = track(rows, "disturbed starts") if self.progress else rows
        return {row: self.explore(row) for row in counted}

    def explore(self, row: int) -> Exploration:
        """Runs from disturbed starts of one puzzle of the sample."""
        if row not in self._explored:
            settings = self.settings
            model, puzzle = self.model(settings.model), self.puzzles[row]
            self._explored[row] = explore(model, puzzle, self.segments, settings.starts, settings.seed + row)
        return self._explored[row]

    @property
    def segments(self) -> int:
        """Segments of every run: the model's own number."""
        return self.model(self.settings.model).config.max_segments

    @property
    def box(self) -> tuple[int, int]:
        board = self.puzzles.board
        return board.rows, board.cols

    def describe(self, n: int) -> str:
        """For captions: how many of which puzzles, and the seed."""
        kind = f"{self.settings.kind} " if self.settings.kind else ""
        return (
            f"{n:,} held-out {kind}puzzles of {Path(self.settings.puzzles).name}, seed {self.settings.seed}"
        )

    def rng(self, purpose: int) -> np.random.Generator:
        """Random numbers that belong to one purpose, so that findings do not disturb one another."""
        return np.random.default_rng([self.settings.seed, purpose])
