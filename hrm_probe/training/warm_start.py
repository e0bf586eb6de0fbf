"""A finished model's weights, for a training to begin with."""

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner, load
from hrm_probe.training.recipe import Recipe

FREE = {
    "H_cycles",
    "L_cycles",
    "max_segments",
    "halting",
    "forward_dtype",
}  # how weights are run, not what they are


def weights_to_begin_with(recipe: Recipe) -> RecursiveReasoner | None:
    """The model that ``init_from`` names, on the CPU; None if training is to begin with random weights.

    Raises:
        InputError: there is no such model.
    """
    return load(recipe.init_from, device="cpu") if recipe.init_from else None


def take_weights(model: RecursiveReasoner, given: RecursiveReasoner, name: str) -> None:
    """Copy all weights and initial states of ``given`` into ``model``.

    Args:
        model: of the recipe; changed in place.
        given: of the same shape; cycles, segments, halting and dtypes may be others.
        name: what the recipe calls ``given``.

    Raises:
        InputError: the shapes differ; the sentence says in what.
    """
    wanted, own = _shape(model.config), _shape(given.config)
    common = [key for key in wanted if key in own]
    differing = [key for key in common if wanted[key] != own[key]]
    if differing:
        raise InputError(
            f"init_from={name} does not fit the recipe: there "
            + ", ".join(f"{key} is {own[key]} instead of {wanted[key]}" for key in differing)
            + ". Change the recipe's settings, or its sets if the board differs."
        )
    model.load_state_dict(given.state_dict())


def _shape(config: ModelConfig) -> dict[str, object]:
    unused = {"H_layers"} if config.architecture == "trm" else set()
    if config.mixer == "mlp":
        unused |= {"n_heads", "rope_theta"}
    return {key: value for key, value in config.to_dict().items() if key not in FREE | unused}
