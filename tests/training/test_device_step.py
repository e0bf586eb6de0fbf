"""A training step happens on the device alone: rehearsed on one that holds shapes and dtypes, but no numbers.

Whoever asks such a tensor for a number, as a host that waits for its GPU would, raises; so does mixing devices.
"""

import pytest
import torch

from hrm_probe.models import build_model
from hrm_probe.training import load_recipe
from hrm_probe.training.curriculum import SupervisionWeighting
from hrm_probe.training.data.stream import Batch
from hrm_probe.training.optim import Optimizers
from hrm_probe.training.segment import empty_carry, run_segment

ROWS, DEVICE = 4, torch.device("meta")


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
@pytest.mark.parametrize("supervision", ["uniform", "cgar", "published"])
@pytest.mark.parametrize(
    "name", ["hrm-9x9", "hrm-9x9-mixed", "trm-9x9", "trm-9x9-short", "hrm-6x6", "trm-6x6"]
)
def test_nobody_waits_for_the_device(name: str, supervision: str, dtype: str) -> None:
    cells, vocab = (81, 11) if "9x9" in name else (36, 8)
    settings = {"dtype": dtype, "supervision": supervision, "d_model": 32, "n_heads": 2, "batch_size": ROWS}
    recipe = load_recipe(name, settings)
    model = build_model(recipe.model_config(cells, vocab), seed=0).to(DEVICE)
    optimizers = Optimizers(model, recipe)
    weighting = getattr(SupervisionWeighting, supervision)(recipe.max_segments)
    shapes = ((ROWS, cells), (ROWS, cells), (ROWS,))
    puzzles = Batch(*(torch.zeros(shape, dtype=torch.long, device=DEVICE) for shape in shapes))
    carry = empty_carry(model, puzzles)
    for _ in range(2):
        optimizers.clear_gradients()
        loss, carry, counts = run_segment(model, recipe, weighting, carry, puzzles, carry.segments)
        loss.backward()
        if recipe.optimizer == "adam_atan2":  # torch's own fused optimisers know no such device
            optimizers.step(1.0, carry.puzzles.puzzle_ids)
    tensors = (
        *carry.state,
        *carry.puzzles,
        carry.segments,
        carry.halted,
        counts,
        *model.state_dict().values(),
    )
    assert {tensor.device for tensor in tensors} == {DEVICE}
    assert {z.dtype for z in carry.state} == {getattr(torch, dtype)}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
