"""Published checkpoints come in whole, go out again the same, and what cannot be right is refused in words."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.models.published import export_published, import_checkpoint
from tests.models.variants import VARIANTS, lively, random_tokens

pytestmark = pytest.mark.filterwarnings(
    "error::UserWarning"
)  # an import that assumes nothing warns of nothing

INNER = "model.inner."

# The published sizes, name by name, as the released code writes them.
HEADS = {
    "H_init": (512,), "L_init": (512,), "embed_tokens.embedding_weight": (11, 512), "lm_head.weight": (11, 512),
    "q_head.weight": (2, 512), "q_head.bias": (2,), "puzzle_emb.weights": (1, 512),
}  # fmt: skip
ATTENTION = {"self_attn.qkv_proj.weight": (1536, 512), "self_attn.o_proj.weight": (512, 512)}
MLP = {"mlp.gate_up_proj.weight": (3072, 512), "mlp.down_proj.weight": (512, 1536)}
TOKEN_MLP = {"mlp_t.gate_up_proj.weight": (1024, 97), "mlp_t.down_proj.weight": (97, 512)}


def of_levels(levels: dict[str, int], block: dict[str, tuple]) -> dict[str, tuple]:
    modules = [f"{level}.layers.{i}" for level, n in levels.items() for i in range(n)]
    return HEADS | {f"{module}.{name}": shape for module in modules for name, shape in block.items()}


HRM_LAYOUT = of_levels({"H_level": 4, "L_level": 4}, ATTENTION | MLP)
TRM_MLP_LAYOUT = of_levels({"L_level": 2}, TOKEN_MLP | MLP)
TRM_LAYOUT = of_levels({"L_level": 2}, ATTENTION | MLP)

HRM_YAML = """\
arch:
  H_cycles: 2
  H_layers: 4
  L_cycles: 2
  L_layers: 4
  expansion: 4
  halt_exploration_prob: 0.1
  halt_max_steps: 16
  hidden_size: 512
  loss:
    loss_type: stablemax_cross_entropy
    name: losses@ACTLossHead
  name: hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1
  num_heads: 8
  pos_encodings: rope
  puzzle_emb_ndim: 512
beta1: 0.9
beta2: 0.95
checkpoint_every_eval: true
data_path: data/sudoku-extreme-1k-aug-1000
epochs: 20000
global_batch_size: 768
lr: 0.0001
seed: 0
"""
TRM_ARCH = {
    "name": "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1",
    "loss": {"name": "losses@ACTLossHead", "loss_type": "stablemax_cross_entropy"},
    "halt_exploration_prob": 0.1, "halt_max_steps": 16, "H_cycles": 3, "L_cycles": 6, "H_layers": 0, "L_layers": 2,
    "hidden_size": 512, "num_heads": 8, "expansion": 4, "puzzle_emb_ndim": "${.hidden_size}",
    "pos_encodings": "none", "forward_dtype": "bfloat16", "mlp_t": True, "puzzle_emb_len": 16,
    "no_ACT_continue": True,
}  # fmt: skip


def zeros(layout: dict[str, tuple], prefix: str = "_orig_mod." + INNER) -> dict[str, Tensor]:
    """A state dict of this layout that takes no memory; the initial states are in bfloat16, as published."""
    dtypes = {"H_init": torch.bfloat16, "L_init": torch.bfloat16}
    return {prefix + n: torch.zeros((), dtype=dtypes.get(n)).expand(shape) for n, shape in layout.items()}


def same(ours: RecursiveReasoner, theirs: RecursiveReasoner) -> bool:
    tokens = random_tokens(ours.config)
    a, b = ours.run(tokens, 2), theirs.run(tokens, 2)
    return torch.equal(a.logits, b.logits) and torch.equal(a.q_halt, b.q_halt)


@pytest.fixture
def hrm() -> RecursiveReasoner:
    return lively(VARIANTS["hrm_rope"])


@pytest.fixture
def state(hrm: RecursiveReasoner) -> dict[str, Tensor]:
    return export_published(hrm)


@pytest.fixture
def arch() -> dict:
    """The official config of the small HRM."""
    return {
        "H_cycles": 2, "L_cycles": 3, "H_layers": 2, "L_layers": 1, "hidden_size": 24, "num_heads": 2,
        "expansion": 4, "pos_encodings": "rope", "puzzle_emb_ndim": 24, "halt_max_steps": 3, "seq_len": 16,
        "vocab_size": 6, "num_puzzle_identifiers": 1,
        "name": "hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1",
    }  # fmt: skip


# ---------------------------------------------------------------- the published sizes


def test_hrm_as_published(tmp_path: Path) -> None:
    """39 names under two prefixes, 27,275,266 parameters, its yaml beside it."""
    assert len(HRM_LAYOUT) == 39
    (tmp_path / "all_config.yaml").write_text(HRM_YAML)
    with pytest.warns(UserWarning, match="cells=81: assumed"):
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


def test_cgar_is_trm_by_another_name() -> None:
    """arXiv 2511.08653: its class inherits TRM's weights, and runs at full depth when it does not train."""
    name = "recursive_reasoning.trm_cgar@TinyRecursiveReasoningModel_ACTV1_CGAR"
    ours = import_checkpoint(zeros(TRM_MLP_LAYOUT), TRM_ARCH | {"name": name})
    assert ours.config == import_checkpoint(zeros(TRM_MLP_LAYOUT), TRM_ARCH).config


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


def test_any_prefix(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    compiled = ("_orig_mod." + INNER, "model._orig_mod.inner.")
    distributed = ("module." + INNER, "module._orig_mod." + INNER, "_orig_mod.module." + INNER)
    for prefix in ("", INNER, *compiled, *distributed):
        renamed = {prefix + name.removeprefix(INNER): tensor for name, tensor in state.items()}
        assert same(import_checkpoint(renamed, hrm.config), hrm)


def test_any_file(hrm: RecursiveReasoner, state: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save(state, tmp_path / "step_10")
    torch.save(state, tmp_path / "old", _use_new_zipfile_serialization=False)
    save_file(state, tmp_path / "w.safetensors")
    for file in ("step_10", "old", "w.safetensors"):
        assert same(import_checkpoint(tmp_path / file, hrm.config), hrm)
        assert same(hrm_probe.import_checkpoint(str(tmp_path / file), hrm.config), hrm)


def test_any_config(hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict, tmp_path: Path) -> None:
    import yaml

    (tmp_path / "c.yaml").write_text(yaml.safe_dump({"arch": arch, "lr": 1e-4}))
    (tmp_path / "c.json").write_text(json.dumps({"arch": arch}))
    dataset = {name: arch[name] for name in ("vocab_size", "seq_len", "num_puzzle_identifiers")}
    bare = {name: value for name, value in arch.items() if name not in dataset and name != "name"}
    ours = hrm.config.to_dict()
    for config in (
        arch,
        {"arch": arch},
        {"arch": bare, **dataset},
        tmp_path / "c.yaml",
        str(tmp_path / "c.json"),
        ours,
    ):
        model = import_checkpoint(state, config)
        assert model.config == hrm.config
        assert same(model, hrm)


def test_the_config_in_a_file_or_beside_it_is_found(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict, tmp_path: Path
) -> None:
    import yaml

    save_file(state, tmp_path / "w.safetensors", metadata={"config": json.dumps(arch)})
    torch.save(state, tmp_path / "step_10")
    (tmp_path / "all_config.yaml").write_text(yaml.safe_dump({"arch": arch}))
    assert import_checkpoint(tmp_path / "w.safetensors").config == hrm.config
    assert import_checkpoint(tmp_path / "step_10").config == hrm.config


def test_shapes_tell_much_and_a_warning_lists_the_rest(
    hrm: RecursiveReasoner, state: dict[str, Tensor]
) -> None:
    with pytest.warns(UserWarning, match="assumed") as caught:
        model = import_checkpoint(state)
    (warning,) = caught
    told = str(warning.message)
    for name in ("n_heads=1", "cells=16", "positions=rope", "H_cycles=2", "L_cycles=2"):
        assert name in told
    for name in ("vocab", "d_model", "layers", "prefix", "mixer"):
        assert name not in told
    assert warning.filename == __file__  # points at the caller
    assert model.config == hrm.config.replace(n_heads=1, L_cycles=2, max_segments=16)


def test_shapes_of_trm_mlp_tell_the_number_of_cells() -> None:
    with pytest.warns(UserWarning, match="prefix=16, positions=none, H_cycles=3, L_cycles=6"):
        model = import_checkpoint(zeros(TRM_MLP_LAYOUT))
    assert (model.config.cells, model.config.prefix, model.config.mixer) == (81, 16, "mlp")


def test_the_board_tells_the_prefix_where_the_sequence_is_longer() -> None:
    model = lively(VARIANTS["trm_mlp"].replace(vocab=8, cells=36, prefix=4))
    with pytest.warns(UserWarning, match="prefix=4"):
        config = import_checkpoint(export_published(model)).config
    assert (config.cells, config.prefix) == (36, 4)


@pytest.mark.parametrize("config", [3, [1], {"arch": "foo"}])
def test_a_config_that_is_none_is_refused(config: Any, state: dict[str, Tensor]) -> None:
    with pytest.raises(InputError, match="config must be a dict of settings"):
        import_checkpoint(state, config)


def test_learned_positions_tell_the_number_of_cells() -> None:
    model = lively(VARIANTS["hrm_learned"])
    with pytest.warns(UserWarning, match="assumed"):
        config = import_checkpoint(export_published(model)).config
    assert (config.cells, config.positions, config.puzzles) == (7, "learned", 3)


def test_activations_are_of_the_dtype_of_the_initial_states(
    hrm: RecursiveReasoner, state: dict[str, Tensor]
) -> None:
    config = hrm.config.to_dict()
    del config["forward_dtype"]
    assert import_checkpoint(state, config).config.forward_dtype == "float32"
    half = state | {INNER + name: state[INNER + name].bfloat16() for name in ("H_init", "L_init")}
    assert import_checkpoint(half, config).config.forward_dtype == "bfloat16"


def test_a_narrow_puzzle_embedding_is_followed_by_zeros(state: dict[str, Tensor], arch: dict) -> None:
    name = INNER + "puzzle_emb.weights"
    model = import_checkpoint(state | {name: state[name][:, :10]}, arch)
    assert model.puzzle_emb is not None
    assert torch.equal(model.puzzle_emb[:, :10], state[name][:, :10])
    assert not model.puzzle_emb[:, 10:].any()


def test_what_wrappers_hold_besides_is_left_out(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    assert same(import_checkpoint(state | {"loss.seen": torch.zeros(1)}, hrm.config), hrm)


def test_a_trm_with_both_halting_values_keeps_its_rule() -> None:
    model = import_checkpoint(zeros(TRM_MLP_LAYOUT), TRM_ARCH | {"no_ACT_continue": False})
    assert model.config.halting_rule == "q_learning"


# ---------------------------------------------------------------- what is refused


def refused(complaint: str, *arguments: object) -> None:
    with pytest.raises(InputError, match=complaint):
        import_checkpoint(*arguments)  # type: ignore[arg-type]


def test_weights_that_do_not_fit(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    c, qkv = hrm.config, INNER + "H_level.layers.0.self_attn.qkv_proj.weight"
    fewer = {name: tensor for name, tensor in state.items() if name != qkv}
    refused("misses H_level.layers.0.self_attn.qkv_proj.weight", fewer, c)
    refused("unknown H_level.layers.0.extra", state | {INNER + "H_level.layers.0.extra": torch.zeros(1)}, c)
    misspelt = fewer | {qkv.replace("qkv", "qvk"): state[qkv]}
    refused(r"qkv_proj.weight \(near H_level.layers.0.self_attn.qvk_proj.weight\)", misspelt, c)
    refused(r"qkv_proj.weight has shape \[70, 24\].* \[72, 24\]", state | {qkv: state[qkv][:70]}, c)
    refused("floating point", state | {qkv: state[qkv].int()}, c)
    refused("not a tensor", state | {qkv: "weights"}, c)
    refused("twice", state | {"_orig_mod." + qkv: state[qkv]}, c)
    refused("misses embed_tokens.embedding_weight", {"a": torch.zeros(2)}, None)
    refused("empty", {}, None)
    refused("names for keys", {1: torch.zeros(2)}, None)


def test_a_model_that_is_neither(state: dict[str, Tensor]) -> None:
    only_heads = {name: tensor for name, tensor in state.items() if "level" not in name}
    refused("no layers under L_level", only_heads, None)
    wide = state | {INNER + "puzzle_emb.weights": torch.zeros(1, 48)}
    refused("48 wide", wide, None)


def test_configs_that_contradict_the_weights(state: dict[str, Tensor], arch: dict) -> None:
    refused("H_layers 3, but the weights have 2", state, arch | {"H_layers": 3})
    refused("vocab 11, but the weights have 6", state, arch | {"vocab_size": 11})
    refused("architecture trm, but the weights have hrm", state, TRM_ARCH)
    refused("embed_pos", state, arch | {"pos_encodings": "learned"})
    refused("both directions", state, arch | {"causal": True})
    refused("trm_singlez", state, arch | {"name": "recursive_reasoning.trm_singlez@Model"})
    refused("n_heads 5", state, arch | {"num_heads": 5})
    refused("no HRM or TRM architecture", state, {"lr": 1e-4})


def test_unknown_settings_are_told_not_passed_over(state: dict[str, Tensor], arch: dict) -> None:
    with pytest.warns(UserWarning, match=r"num_head \(near num_heads\)"):
        import_checkpoint(state, arch | {"num_head": 3})


def test_config_files_that_are_none(state: dict[str, Tensor], tmp_path: Path) -> None:
    refused("no config file", state, tmp_path / "none.yaml")
    (tmp_path / "a.yaml").write_text("arch: [")
    refused("cannot be read|not a config", state, tmp_path / "a.yaml")
    (tmp_path / "b.json").write_text("[1]")
    refused("holds no settings", state, tmp_path / "b.json")


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


def test_weights_beside_other_things_of_a_training_are_found(
    hrm: RecursiveReasoner, state: dict[str, Tensor]
) -> None:
    whole = {"model": state, "optimizer": {"state": {}, "param_groups": []}, "step": 7}
    assert same(import_checkpoint(whole, hrm.config), hrm)


def test_several_sets_of_weights_are_for_the_user_to_choose_from(
    hrm: RecursiveReasoner, state: dict[str, Tensor]
) -> None:
    with pytest.raises(InputError, match=r"several sets of weights \(model, ema\)"):
        import_checkpoint({"model": state, "ema": state}, hrm.config)


def test_weights_that_are_no_numbers_are_refused(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    state["model.inner.lm_head.weight"][0, 0] = float("nan")
    with pytest.raises(InputError, match=r"lm_head.weight holds values that are no finite numbers"):
        import_checkpoint(state, hrm.config)
