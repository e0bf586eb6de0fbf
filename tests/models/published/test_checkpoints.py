"""Published checkpoints come in whole, go out again the same, and what cannot be right is refused in words."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.models.published import export_published, import_checkpoint
from tests.models.published.layouts import (
    HRM_LAYOUT,
    HRM_YAML,
    INNER,
    TRM_ARCH,
    TRM_LAYOUT,
    TRM_MLP_LAYOUT,
    refused,
    same,
    zeros,
)
from tests.models.variants import VARIANTS, lively

pytestmark = pytest.mark.filterwarnings(
    "error::UserWarning"
)  # an import that assumes nothing warns of nothing


# ---------------------------------------------------------------- the published sizes


def test_hrm_as_published(tmp_path: Path) -> None:
    """39 names under two prefixes, 27,275,266 parameters, its yaml beside it."""
    assert len(HRM_LAYOUT) == 39
    (tmp_path / "all_config.yaml").write_text(HRM_YAML)
    model = import_checkpoint(zeros(HRM_LAYOUT), tmp_path / "all_config.yaml")
    assert model.n_parameters == 27_275_266
    assert sum(t.numel() for t in export_published(model).values()) == 27_276_802
    assert model.config == ModelConfig(forward_dtype="bfloat16")
    exported = export_published(model, compiled=True)
    assert {n: t.shape for n, t in exported.items()} == {n: t.shape for n, t in zeros(HRM_LAYOUT).items()}
    assert {n: t.dtype for n, t in exported.items()} == {n: t.dtype for n, t in zeros(HRM_LAYOUT).items()}


@pytest.mark.parametrize(
    ("layout", "count", "change"),
    [
        (TRM_MLP_LAYOUT, 5_028_866, {}),
        (TRM_LAYOUT, 6_828_034, {"mlp_t": False, "pos_encodings": "rope", "seq_len": 81}),
    ],
    ids=["mlp", "attention"],
)
def test_trm_as_published(layout: dict, count: int, change: dict) -> None:
    assert len(layout) == 15
    model = import_checkpoint(zeros(layout), {"arch": TRM_ARCH | change, "ema": True, "lr": 1e-4})
    assert model.n_parameters == count
    expected = ModelConfig(
        architecture="trm", H_layers=model.config.H_layers, L_layers=2, H_cycles=3, L_cycles=6, prefix=16,
        mixer="attention" if change else "mlp", positions="rope" if change else "none", forward_dtype="bfloat16",
    )  # fmt: skip
    assert model.config == expected
    assert export_published(model, compiled=True).keys() == zeros(layout).keys()


# ---------------------------------------------------------------- round trips


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("name", VARIANTS)
def test_out_and_in_again(name: str, compiled: bool) -> None:
    model = lively(VARIANTS[name])
    exported = export_published(model, compiled)
    assert all(key.startswith("_orig_mod.model.inner." if compiled else INNER) for key in exported)
    back = import_checkpoint(exported, model.config)
    assert same(back, model)
    again = export_published(back, compiled)
    assert exported.keys() == again.keys()
    assert all(torch.equal(exported[key], again[key]) for key in exported)


def test_an_export_is_a_copy(hrm: RecursiveReasoner) -> None:
    for tensor in export_published(hrm).values():
        tensor.zero_()
    assert hrm.W_E.any()


def test_any_file(hrm: RecursiveReasoner, state: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save(state, tmp_path / "step_10")
    torch.save(state, tmp_path / "old", _use_new_zipfile_serialization=False)
    save_file(state, tmp_path / "w.safetensors")
    for file in ("step_10", "old", "w.safetensors"):
        assert same(import_checkpoint(tmp_path / file, hrm.config), hrm)
        assert same(hrm_probe.import_checkpoint(str(tmp_path / file), hrm.config), hrm)


def test_a_narrow_puzzle_embedding_is_followed_by_zeros(state: dict[str, Tensor], arch: dict) -> None:
    name = INNER + "puzzle_emb.weights"
    model = import_checkpoint(state | {name: state[name][:, :10]}, arch)
    assert model.puzzle_emb is not None
    assert torch.equal(model.puzzle_emb[:, :10], state[name][:, :10])
    assert not model.puzzle_emb[:, 10:].any()


# ---------------------------------------------------------------- what is refused


def test_weights_that_do_not_fit(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    c, qkv = hrm.config, INNER + "H_level.layers.0.self_attn.qkv_proj.weight"
    fewer = {name: tensor for name, tensor in state.items() if name != qkv}
    refused("misses H_level.layers.0.self_attn.qkv_proj.weight", fewer, c)
    refused("unknown H_level.layers.0.extra", state | {INNER + "H_level.layers.0.extra": torch.zeros(1)}, c)
    misspelt = fewer | {qkv.replace("qkv", "qvk"): state[qkv]}
    refused(r"qkv_proj.weight \(near H_level.layers.0.self_attn.qvk_proj.weight\)", misspelt, c)
    refused(r"qkv_proj.weight has shape \[70, 24\].* \[72, 24\]", state | {qkv: state[qkv][:70]}, c)
    refused("floating-point", state | {qkv: state[qkv].int()}, c)


def test_a_model_that_is_neither(state: dict[str, Tensor]) -> None:
    only_heads = {name: tensor for name, tensor in state.items() if "level" not in name}
    refused("no layers under L_level", only_heads, None)
    wide = state | {INNER + "puzzle_emb.weights": torch.zeros(1, 48)}
    refused("48 wide", wide, None)
    another = "these weights belong to a model other than HRM or TRM"
    refused(f"misses embed_tokens.embedding_weight: {another}", {"a": torch.zeros(2)}, None)
    renamed = {name.replace("embedding_weight", "weight"): tensor for name, tensor in state.items()}
    refused(rf"\(near .*embed_tokens.weight\): {another}", renamed, None)


def test_weights_that_no_config_describes_and_no_model_has() -> None:
    extra = zeros(HRM_LAYOUT) | {INNER + "L_level.layers.0.mlp.dwconv.weight": torch.zeros(4, 1, 2)}
    refused(r"^These weights belong to a model other than HRM or TRM: it holds unknown .*dwconv", extra)
    refused(r"does not fit its config: it holds unknown .*dwconv", extra, {"seq_len": 81})


def test_files_that_are_no_checkpoint(state: dict[str, Tensor], tmp_path: Path) -> None:
    refused("cannot be read: No such file", tmp_path / "none")
    (tmp_path / "step_5").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 109124341\n"
    )
    refused("Git LFS pointer", tmp_path / "step_5")
    refused("is a folder; name the checkpoint file in it, such as step_5", tmp_path)
    (tmp_path / "text").write_text("once upon a time")
    refused("not a checkpoint", tmp_path / "text")
    (tmp_path / "nothing").write_bytes(b"")
    refused("not a checkpoint", tmp_path / "nothing")
    torch.save(state, tmp_path / "whole")
    (tmp_path / "half").write_bytes((tmp_path / "whole").read_bytes()[:5000])
    refused("not a whole checkpoint", tmp_path / "half")
    save_file(state, tmp_path / "w.safetensors")
    (tmp_path / "h.safetensors").write_bytes((tmp_path / "w.safetensors").read_bytes()[:-50])
    refused("not a whole safetensors file", tmp_path / "h.safetensors")
    torch.save([torch.zeros(2)], tmp_path / "list")
    refused("holds a list", tmp_path / "list")
    np.savez(tmp_path / "w.npz", **{name: tensor.numpy() for name, tensor in state.items()})
    refused(r"is a numpy archive; pass dict\(np.load\(file\)\)", tmp_path / "w.npz")


def test_a_numpy_archive_may_be_passed_loaded(
    hrm: RecursiveReasoner, state: dict[str, Tensor], tmp_path: Path
) -> None:
    np.savez(tmp_path / "w.npz", **{name: tensor.numpy() for name, tensor in state.items()})
    assert same(import_checkpoint(dict(np.load(tmp_path / "w.npz")), hrm.config), hrm)


class Trap:
    """Unpickling this would write a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):  # type: ignore[no-untyped-def]
        return (Path.write_text, (self.target, "you have been had"))


def test_code_in_a_pickle_is_not_run(state: dict[str, Tensor], tmp_path: Path) -> None:
    target = tmp_path / "written"
    torch.save({"model": Trap(target), **state}, tmp_path / "zip")
    (tmp_path / "plain").write_bytes(pickle.dumps({"model": Trap(target)}, protocol=2))
    for file in ("zip", "plain"):
        refused("could run code when loaded", tmp_path / file)
        assert not target.exists()


def test_weights_that_are_no_numbers_are_refused(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    state["model.inner.lm_head.weight"][0, 0] = float("nan")
    with pytest.raises(InputError, match=r"lm_head.weight holds values that are not finite numbers"):
        import_checkpoint(state, hrm.config)
