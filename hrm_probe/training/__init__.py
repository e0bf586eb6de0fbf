"""Training recursive reasoning models: recipes, losses, optimisers, curricula, and a loop that survives."""

from hrm_probe.training.curricula import PlateauDepth
from hrm_probe.training.curriculum import ProgressiveDepth, Stage, SupervisionWeighting
from hrm_probe.training.recipe import Recipe, bundled_recipes, load_recipe
from hrm_probe.training.run import TrainingResult, train

__all__ = [
    "PlateauDepth",
    "ProgressiveDepth",
    "Recipe",
    "Stage",
    "SupervisionWeighting",
    "TrainingResult",
    "bundled_recipes",
    "load_recipe",
    "train",
]
