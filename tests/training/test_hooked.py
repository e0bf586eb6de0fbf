"""A training under hooks: they stand in every step and evaluation, the run says where, the kept model has none."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe import load
from hrm_probe.errors import InputError
from hrm_probe.models import HookPoint, build_model
from hrm_probe.models.hooks import HookError
from hrm_probe.sudoku import generate
from hrm_probe.training import train
from tests.training.tiny_runs import assert_bit_identical, ctrl_c_at, tiny

OUT = "H.blocks.0.hook_mlp_out"


def nothing(x: Tensor, hook: HookPoint) -> Tensor:
    return torch.zeros_like(x)


def unmoved(trained: dict[str, Tensor], begun: dict[str, Tensor]) -> set[str]:
    return {name for name in begun if torch.equal(trained[name], begun[name])}


def test_what_hooks_leave_out_is_never_trained(tmp_path: Path) -> None:
    recipe = tiny(steps=20, weight_decay=0.0)
    begun = build_model(recipe.model_config(cells=16, vocab=6), recipe.seed).state_dict()
    hooked = train(recipe, tmp_path / "hooked", fwd_hooks=[(OUT, nothing)]).model.state_dict()
    plain = train(recipe, tmp_path / "plain").model.state_dict()
    left_out = {name for name in begun if name.startswith("H.blocks.0.mlp.")}
    assert left_out == unmoved(hooked, begun) - unmoved(plain, begun)


def test_the_last_evaluation_is_of_the_hooked_model_and_the_kept_one_has_no_hooks(tmp_path: Path) -> None:
    def always_the_answer(logits: Tensor, hook: HookPoint) -> Tensor:
        return torch.nn.functional.one_hot(torch.full(logits.shape[:2], 2), logits.shape[2]).to(logits)

    result = train(tiny(steps=2), tmp_path, fwd_hooks=[("logits", always_the_answer)])
    assert result.summary["hooked"] == ["hook_logits"]
    assert not result.summary["compiled"]
    assert result.summary["accuracy"]["all"]["accuracy"] == 0.0  # the same digit everywhere
    assert not any(point.watched for point in result.model.hook_dict.values())
    with pytest.warns(UserWarning, match="trained with hooks at hook_logits, which no folder keeps"):
        kept = load(tmp_path / "model")
    tokens = generate(2, "minimal", "4x4", 1).tokens
    assert np.array_equal(kept.run(tokens).predictions, result.model.run(tokens).predictions)


def test_a_model_tells_that_it_was_trained_with_hooks_also_where_it_is_saved_again(tmp_path: Path) -> None:
    trained = train(tiny(steps=2), tmp_path / "run", fwd_hooks=[(OUT, nothing)]).model
    assert trained.trained_with_hooks == (OUT,)
    trained.save(tmp_path / "again")
    with pytest.warns(UserWarning, match="attach them again"):
        assert load(tmp_path / "again").trained_with_hooks == (OUT,)
    assert train(tiny(steps=2), tmp_path / "plain").model.trained_with_hooks == ()


def test_hooks_may_be_asked_for_with_any_compile_but_on(tmp_path: Path) -> None:
    result = train(tiny(steps=2, compile="auto"), tmp_path / "auto", fwd_hooks=[(OUT, nothing)])
    assert result.summary["settings"]["compile"] == "off"
    with pytest.raises(InputError, match=r"hooks cannot be compiled; train with compile=off"):
        train(tiny(steps=2, compile="on"), tmp_path / "on", fwd_hooks=[(OUT, nothing)])
    assert not (tmp_path / "on").exists()


def test_a_run_goes_on_with_hooks_at_the_same_points_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = [(OUT, nothing)]
    with ctrl_c_at(3, monkeypatch):
        assert not train(tiny(steps=6), tmp_path / "stopped", fwd_hooks=hooks).finished
    with pytest.raises(
        InputError, match=rf"hooks at {OUT}, and now they are at no point; go on in Python, with"
    ):
        train(out=tmp_path / "stopped", resume=True)
    with pytest.raises(InputError, match=r"now they are at H\.blocks\.0\.hook_attn_out"):
        train(
            tiny(steps=6),
            tmp_path / "stopped",
            resume=True,
            fwd_hooks=[("H.blocks.0.hook_attn_out", nothing)],
        )
    gone_on = train(out=tmp_path / "stopped", resume=True, fwd_hooks=hooks)
    assert gone_on.finished
    assert_bit_identical(gone_on, train(tiny(steps=6), tmp_path / "whole", fwd_hooks=hooks))


def test_a_hook_at_no_point_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HookError, match="No hook point is named"):
        train(tiny(), tmp_path, fwd_hooks=[("hook_nowhere", nothing)])
