"""What is compared, at which size, and what was published about it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hrm_probe.training import Recipe

BASELINE = "baseline"
PROBES = "probes.json"  # a run's last file: with it, the run is finished
HELD_OUT = "held-out.csv.gz"
HALFWAY = "gradients_halfway.json"
SNAPSHOTS = "snapshots"  # averaged weights after each evaluation
PATH = "path.json"  # the detectors on the snapshots, of the baseline alone

ARMS: dict[str, dict[str, str]] = {
    BASELINE: {},
    "PDC": {"depth": "cgar"},
    "HSW": {"supervision": "cgar"},
    "both": {"depth": "cgar", "supervision": "cgar"},
    "batch HSW": {"supervision": "published"},
    "plateau": {"depth": "plateau"},
    "HSW staggered": {"supervision": "cgar", "stagger": "true"},
    "shallow": {"depth": "shallow"},
}
"""Progressive depth, supervision weighting by row, both, weighting as in the published code, our own schedule,
weighting by row where the rows of the batch do not begin together, and the first depth of progressive depth alone."""

PLAIN = {"depth": "full", "supervision": "uniform", "stagger": "false"}
"""What an arm does not change: whatever the recipe says, the baseline has no curriculum."""

RECIPE = "trm-6x6"

SIZE: dict[str, Any] = {
    "L_cycles": 6, "H_cycles": 3, "dtype": "float32", "device": "cpu", "compile": "off", "log_every": 10,
    "evaluate_puzzles": 128, "checkpoint_every": 50, "loss_dtype": "float32",
}  # fmt: skip
"""Beside the recipe: the full depth of the paper, so that its stages are exact; float32, uncompiled, on one thread."""

EVALUATIONS = 16  # of each run, evenly over its steps


@dataclass(frozen=True)
class Plan:
    """What to run.

    Attributes:
        runs: folder of all runs: ``runs/ARM/seed-S``.
        steps: of each run; in minutes, about how many there will be, to space the evaluations.
        cpu_minutes: budget of each run in processor minutes of its training steps, instead of steps.
        settings: further changes to the recipe.
        held_out: minimal puzzles tested at the end, of the recipe's test set.
        probed: of these, how many the detectors see.
        batches: of each measurement of the gradient's variance.
        base: the recipe that all arms start from.
    """

    runs: Path
    steps: int
    cpu_minutes: float | None = None
    settings: dict[str, str] = field(default_factory=dict)
    held_out: int = 512
    probed: int = 128
    batches: int = 6
    base: str = RECIPE

    @property
    def mode(self) -> str:
        """ "steps" or "minutes": what all runs have equally much of."""
        return "steps" if self.cpu_minutes is None else "minutes"

    @property
    def detects(self) -> bool:
        """Do the detectors see the run as it is made? Of equal steps alone; those of equal minutes are asked later."""
        return self.mode == "steps"

    def folder(self, arm: str, seed: int) -> Path:
        return self.runs / arm.replace(" ", "-") / f"seed-{seed}"

    def recipe(self, arm: str, seed: int) -> "Recipe":
        from hrm_probe.training.recipe import load_recipe

        own = {"name": arm, "seed": seed, "steps": self.steps, "test_set": str(self.runs / HELD_OUT)}
        every = {"evaluate_every": max(self.steps // EVALUATIONS, 1)}
        return load_recipe(self.base, {**SIZE, **every, **PLAIN, **ARMS[arm], **self.settings, **own})

    @property
    def test_set(self) -> str:
        """The puzzles that those held out are taken from."""
        from hrm_probe.training.recipe import load_recipe

        return load_recipe(self.base, self.settings).test_set
