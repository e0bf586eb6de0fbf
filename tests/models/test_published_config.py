"""What a published checkpoint is, is read from its config and its shapes; what both leave open is assumed aloud."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.published import export_published, import_checkpoint
from hrm_probe.models.published_config import cells_of_data
from tests.models.published_layouts import INNER, TRM_ARCH, TRM_MLP_LAYOUT, refused, same, zeros
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


def test_a_trm_with_both_halting_values_keeps_its_rule() -> None:
    model = import_checkpoint(zeros(TRM_MLP_LAYOUT), TRM_ARCH | {"no_ACT_continue": False})
    assert model.config.halting_rule == "q_learning"


def test_configs_that_contradict_the_weights(state: dict[str, Tensor], arch: dict) -> None:
    refused("H_layers 3, but the weights have 2", state, arch | {"H_layers": 3})
    refused("vocab 11, but the weights have 6", state, arch | {"vocab_size": 11})
    refused("architecture trm, but the weights have hrm", state, TRM_ARCH)
    refused("embed_pos", state, arch | {"pos_encodings": "learned"})
    refused("both directions", state, arch | {"causal": True})
    refused("trm_singlez", state, arch | {"name": "recursive_reasoning.trm_singlez@Model"})
    refused("n_heads 5", state, arch | {"num_heads": 5})
    refused("no HRM or TRM architecture", state, {"lr": 1e-4})


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"hidden_size": "64"}, "hidden_size '64'; it must be a number"),
        ({"expansion": "four"}, "expansion 'four'; it must be a number"),
        ({"puzzle_emb_ndim": "64"}, "puzzle_emb_ndim '64'; it must be a number"),
        ({"hidden_size": 0}, "d_model 0, but the weights have"),
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


def test_unknown_settings_are_told_not_passed_over(state: dict[str, Tensor], arch: dict) -> None:
    with pytest.warns(UserWarning, match=r"num_head \(near num_heads\)"):
        import_checkpoint(state, arch | {"num_head": 3})


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
    assert found.run(tokens, 1).logits.shape == (1, 2, 900, vocab)


@pytest.mark.parametrize("data", ["/archive/data/sudoku-extreme", "/home/maze/sudoku", "data/search"])
def test_a_folder_that_merely_sounds_like_them_is_not(data: str) -> None:
    assert cells_of_data({"arch": {"hidden_size": 64}, "data_path": data}) is None
