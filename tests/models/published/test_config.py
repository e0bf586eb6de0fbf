"""What a published checkpoint is, is read from its config and its shapes; what both leave open is assumed aloud."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.published import export_published, import_checkpoint
from hrm_probe.models.published.config import cells_of_data
from tests.models.published.layouts import TRM_ARCH, TRM_LAYOUT, TRM_MLP_LAYOUT, refused, same, zeros
from tests.models.variants import VARIANTS, lively

pytestmark = pytest.mark.filterwarnings("error::UserWarning")  # where nothing is assumed, nothing is said


def test_cgar_is_trm_by_another_name() -> None:
    """arXiv 2511.08653: its class inherits TRM's weights, and runs at full depth when it does not train."""
    name = "recursive_reasoning.trm_cgar@TinyRecursiveReasoningModel_ACTV1_CGAR"
    ours = import_checkpoint(zeros(TRM_MLP_LAYOUT), TRM_ARCH | {"name": name})
    assert ours.config == import_checkpoint(zeros(TRM_MLP_LAYOUT), TRM_ARCH).config


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


@pytest.mark.parametrize("config", [3, [1], {"arch": "foo"}])
def test_a_config_that_is_none_is_refused(config: Any, state: dict[str, Tensor]) -> None:
    with pytest.raises(InputError, match="config must be a dict of settings"):
        import_checkpoint(state, config)


@pytest.mark.parametrize(("without", "rule"), [(False, "q_learning"), (True, "sign")])
def test_either_architecture_halts_by_the_rule_that_its_config_names(
    state: dict[str, Tensor], arch: dict, without: bool, rule: str
) -> None:
    setting = {"no_ACT_continue": without}
    assert import_checkpoint(zeros(TRM_MLP_LAYOUT), TRM_ARCH | setting).config.halting_rule == rule
    assert import_checkpoint(state, arch | setting).config.halting_rule == rule


@pytest.mark.parametrize("setting", [{"mlp_t": False}, {"no_ACT_continue": False}])
def test_without_a_name_the_weights_decide_what_it_is(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict, setting: dict
) -> None:
    del arch["name"]
    assert import_checkpoint(state, arch | setting).config == hrm.config


def test_text_that_is_a_number_is_one(state: dict[str, Tensor], arch: dict, tmp_path: Path) -> None:
    """YAML takes 1e-6 for text."""
    written = "".join(f"  {name}: {value}\n" for name, value in arch.items())
    (tmp_path / "c.yaml").write_text(f"arch:\n{written}  rms_norm_eps: 1e-6\n  rope_theta: 1e4\n")
    config = import_checkpoint(state, tmp_path / "c.yaml").config
    assert (config.norm_eps, config.rope_theta) == (1e-6, 1e4)
    assert import_checkpoint(state, arch | {"H_cycles": "3"}).config.H_cycles == 3


@pytest.mark.parametrize("name", ["mlp_t", "no_ACT_continue", "causal"])
def test_a_switch_is_true_or_false(state: dict[str, Tensor], arch: dict, name: str) -> None:
    refused(f"{name} 'False'; it must be true or false", state, arch | {name: "False"})


@pytest.mark.parametrize("reference", ["${.hidden_size}", "${arch.hidden_size}"])
def test_references_to_a_neighbour_are_followed(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict, reference: str
) -> None:
    assert import_checkpoint(state, arch | {"puzzle_emb_ndim": reference}).config == hrm.config


def test_other_references_need_the_config_that_the_run_wrote(state: dict[str, Tensor], arch: dict) -> None:
    told = r"num_heads '\$\{eval:2\}', a reference that only Hydra resolves; give the all_config.yaml"
    refused(told, state, arch | {"num_heads": "${eval:2}"})


@pytest.mark.parametrize("place", ["arch", "top"])
@pytest.mark.parametrize("name", ["cells", "seq_len"])
def test_the_number_of_cells_may_stand_anywhere_under_either_name(
    state: dict[str, Tensor], arch: dict, name: str, place: str
) -> None:
    del arch["seq_len"]
    config = {"arch": arch | {name: 25}} if place == "arch" else {"arch": arch, name: 25}
    assert import_checkpoint(state, config).config.cells == 25


def test_two_numbers_of_cells_are_one_too_many(state: dict[str, Tensor], arch: dict) -> None:
    refused("seq_len 16, but cells 25; leave one out", state, arch | {"cells": 25})


def test_half_precision_becomes_single_aloud(state: dict[str, Tensor], arch: dict) -> None:
    with pytest.warns(UserWarning, match="float16, which is not supported: they are in float32"):
        model = import_checkpoint(state, arch | {"forward_dtype": "float16"})
    assert model.config.forward_dtype == "float32"
    halved = {name: tensor.half() for name, tensor in state.items()}
    with pytest.warns(UserWarning, match="float16, which is not supported: they are in float32"):
        assert import_checkpoint(halved, arch).config.forward_dtype == "float32"


def test_no_width_of_puzzle_embeddings_is_no_prefix() -> None:
    bare = {name: tensor for name, tensor in zeros(TRM_LAYOUT).items() if "puzzle_emb" not in name}
    setting = {
        "mlp_t": False,
        "pos_encodings": "rope",
        "seq_len": 81,
        "puzzle_emb_ndim": 0,
        "puzzle_emb_len": 16,
    }
    assert import_checkpoint(bare, TRM_ARCH | setting).config.prefix == 0


@pytest.mark.parametrize("name", ["config", "cfg", "hyper_parameters"])
def test_a_config_among_the_things_of_a_training_is_found(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict, name: str
) -> None:
    for inside in (arch, {"arch": arch}, {"cfg": {"arch": arch}, "lr": 1e-4}):
        assert import_checkpoint({"model": state, name: inside}).config == hrm.config
    assert import_checkpoint({"model": state, "arch": arch}).config == hrm.config
    assert import_checkpoint({"model": state, name: {"arch": {}}}, arch).config == hrm.config
    other = arch | {"H_cycles": 1}
    assert import_checkpoint({"model": state, name: arch}, other).config.H_cycles == 1


@pytest.mark.parametrize("note", ["{'hidden_size': 24}", '"all_config.yaml"', "[1]"])
def test_metadata_that_is_no_config_is_none(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict, tmp_path: Path, note: str
) -> None:
    save_file(state, tmp_path / "w.safetensors", metadata={"config": note})
    assert import_checkpoint(tmp_path / "w.safetensors", arch).config == hrm.config
    (tmp_path / "all_config.yaml").write_text(json.dumps({"arch": arch}))
    assert import_checkpoint(tmp_path / "w.safetensors").config == hrm.config


def test_configs_that_contradict_the_weights(state: dict[str, Tensor], arch: dict) -> None:
    refused("H_layers 3, but the weights have 2", state, arch | {"H_layers": 3})
    refused("vocab_size 11, but the weights have 6", state, arch | {"vocab_size": 11})
    refused("architecture trm, but the weights have hrm", state, TRM_ARCH)
    refused("embed_pos", state, arch | {"pos_encodings": "learned"})
    refused("both directions", state, arch | {"causal": True})
    refused("trm_singlez", state, arch | {"name": "recursive_reasoning.trm_singlez@Model"})
    refused("num_heads 5", state, arch | {"num_heads": 5})
    refused("no HRM or TRM architecture", state, {"lr": 1e-4})


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"hidden_size": "wide"}, "hidden_size 'wide'; it must be a number"),
        ({"expansion": "four"}, "expansion 'four'; it must be a number"),
        ({"puzzle_emb_ndim": [64]}, r"puzzle_emb_ndim \[64\]; it must be a number"),
        ({"H_cycles": True}, "H_cycles True; it must be a number"),
        ({"H_cycles": "2.5"}, "H_cycles is 2.5; it must be a whole number"),
        ({"hidden_size": 0}, "hidden_size 0, but the weights have"),
    ],
)
def test_settings_that_are_no_numbers(
    state: dict[str, Tensor], arch: dict, setting: dict[str, Any], told: str
) -> None:
    refused(told, state, arch | setting)


def test_a_setting_of_null_tells_nothing(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict
) -> None:
    nothing = {"vocab_size": None, "puzzle_emb_len": None}
    assert import_checkpoint(state, arch | nothing).config == hrm.config


def test_config_files_that_are_none(state: dict[str, Tensor], tmp_path: Path) -> None:
    refused("no config file", state, tmp_path / "none.yaml")
    (tmp_path / "a.yaml").write_text("arch: [")
    refused("cannot be read|not a config", state, tmp_path / "a.yaml")
    (tmp_path / "b.json").write_text("[1]")
    refused("holds no settings", state, tmp_path / "b.json")


@pytest.mark.parametrize(
    ("data", "vocab"),
    [("data/maze-30x30-hard-1k", 6), ("data/arc-aug-1000", 12), (["data/arc1concept-aug-1000"], 12)],
)
@pytest.mark.parametrize("mixer", ["mlp", "attention"])
def test_a_checkpoint_for_other_puzzles_has_their_cells(
    data: str | list[str], vocab: int, mixer: str
) -> None:
    config = VARIANTS["trm_mlp"].replace(
        cells=900,
        vocab=vocab,
        prefix=16,
        puzzles=50,
        mixer=mixer,
        positions="none" if mixer == "mlp" else "rope",
    )
    model = lively(config)
    arch = {"hidden_size": config.d_model, "num_heads": config.n_heads, "H_cycles": 1, "L_cycles": 1}
    arch |= {"mlp_t": mixer == "mlp", "puzzle_emb_len": 16, "expansion": config.expansion}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # cells of rotary positions are in no weight: assumed aloud
        found = import_checkpoint(export_published(model), {"arch": arch, "data_path": data})
        del arch["puzzle_emb_len"]
        again = import_checkpoint(export_published(model), {"arch": arch, "data_path": data})
    assert (found.config.cells, found.config.vocab, found.config.prefix) == (900, vocab, 16)
    assert again.config == found.config
    tokens = torch.randint(vocab, (2, 900), generator=torch.Generator().manual_seed(0))
    assert found.run(tokens, 1, torch.tensor([0, 49])).logits.shape == (1, 2, 900, vocab)


@pytest.mark.parametrize("dataset", [{"data_path": "data/maze-30x30-unique"}, {"name": "Maze-30x30"}, "maze"])
def test_a_data_set_may_be_named_inside(dataset: Any) -> None:
    assert cells_of_data({"arch": {"hidden_size": 64}, "dataset": dataset}) == 900


def test_of_sudokus_the_tokens_tell_the_board() -> None:
    sudoku = {"data_path": "data/sudoku-extreme"}
    assert [cells_of_data(sudoku, vocab) for vocab in (6, 8, 11, 12, None)] == [16, 36, 81, None, None]


@pytest.mark.parametrize("data", ["/archive/data/sudoku-extreme", "/home/maze/sudoku", "data/search"])
def test_a_folder_that_merely_sounds_like_them_is_not(data: str) -> None:
    assert cells_of_data({"arch": {"hidden_size": 64}, "data_path": data}) is None


def test_settings_may_be_wrapped_as_trackers_of_experiments_do(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict
) -> None:
    wrapped = {name: {"value": value, "desc": None} for name, value in arch.items()}
    for config in ({"arch": {"value": arch}}, wrapped, {"arch": wrapped, "_wandb": {"value": {"cli": 1}}}):
        assert import_checkpoint(state, config).config == hrm.config


def test_numbers_of_numpy_are_numbers(hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict) -> None:
    arch = arch | {"hidden_size": np.int64(arch["hidden_size"]), "causal": np.False_}
    assert import_checkpoint(state, arch).config == hrm.config
    ours = hrm.config.replace(d_model=np.int64(hrm.config.d_model), norm_eps=np.float64(hrm.config.norm_eps))
    assert ours == hrm.config
    json.dumps(ours.to_dict())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"hidden_size": 32}, "The config says hidden_size 32, but the weights have"),
        ({"num_heads": 5}, "is not a multiple of num_heads 5"),
        ({"mlp_t": True}, "The config says mlp_t True, but the weights have False"),
    ],
)
def test_a_contradiction_is_told_in_the_names_of_the_config(
    changed: dict, told: str, state: dict[str, Tensor], arch: dict
) -> None:
    refused(told, state, arch | changed)


def test_a_shard_is_told_to_be_one(state: dict[str, Tensor], tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "model-00001-of-00002.safetensors")
    refused("is one shard of several", tmp_path / "model-00001-of-00002.safetensors")
