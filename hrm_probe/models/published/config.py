"""What kind of model a published checkpoint holds: from its config, its shapes, and what both leave open."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.models.config import Architecture, ModelConfig
from hrm_probe.models.published.settings import (
    OFFICIAL,
    RENAMED,
    TRANSLATED,
    architecture_named,
    check_names,
    check_values,
)
from hrm_probe.models.published.shapes import (
    GRID_CELLS,
    SUDOKU_CELLS,
    Settings,
    Weights,
    architecture_seen,
    expansion_seen,
    settings_seen,
    usual_settings,
    without_float16,
)

OF_DATA = ("vocab_size", "seq_len", "cells", "num_puzzle_identifiers")


def read_config(path: str | Path) -> Settings:
    """The dict in an ``all_config.yaml``, or in a .json."""
    import yaml

    file = Path(path)
    try:
        text = file.read_text()
        values = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except FileNotFoundError:
        raise InputError(
            f"There is no config file {file}; name the all_config.yaml of the checkpoint."
        ) from None
    except IsADirectoryError:
        raise InputError(f"{file} is a folder; name the all_config.yaml in it.") from None
    except (UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{file} is not a config that can be read ({str(error).splitlines()[0]}).") from None
    if not isinstance(values, dict):
        raise InputError(f"{file} holds no settings; the all_config.yaml of the checkpoint is needed.")
    return values


def model_config(
    weights: Weights, config: Mapping[str, Any] | ModelConfig | None, notes: list[str]
) -> ModelConfig:
    """The config of the model whose published weights these are.

    Shapes tell most of it, ``config`` the rest; what neither tells takes the value of the published recipes, and
    a sentence added to ``notes`` says so.

    Raises:
        InputError: config and shapes contradict each other, leave open what no recipe settles, or describe a model
            of another kind.
    """
    if isinstance(config, ModelConfig):
        return config
    told = {} if config is None else settings_of(config, architecture_seen(weights), notes)
    cells = told.get("cells")
    if cells is None and config is not None:
        embedding = weights.get("embed_tokens.embedding_weight")
        cells = cells_of_data(config, None if embedding is None else len(embedding))
    seen = settings_seen(weights, told, cells, notes)
    names = {} if config is None or _is_ours(config) else OFFICIAL
    for name in seen:
        if name in told and seen[name] != told[name]:
            values = told[name], seen[name]
            if name == "mixer" and names:
                values = told[name] == "mlp", seen[name] == "mlp"
            raise InputError(
                f"The config says {names.get(name, name)} {values[0]}, but the weights have {values[1]}; "
                "are they from the same run?"
            )
    known = {**seen, **told}
    assumed = {name: value for name, value in usual_settings(weights, known).items() if name not in known}
    if assumed:
        names = names if config is not None else OFFICIAL
        listed = ", ".join(f"{names.get(name, name)}={value}" for name, value in assumed.items())
        notes.append(
            f"Neither config nor shapes tell {listed}: assumed as in the published models. "
            "A config that names them settles it."
        )
    settings = {**assumed, **known}
    settings.setdefault("expansion", expansion_seen(weights, settings["d_model"]))
    try:
        return ModelConfig.from_dict(settings)
    except InputError as error:  # of what does not go together, told by the names that the config has
        said = re.sub(r"\w+", lambda word: names.get(word[0], word[0]), str(error))
        raise InputError(said) from None


def settings_of(config: Mapping[str, Any], architecture: Architecture, notes: list[str]) -> Settings:
    """Our settings, from the official ``arch``, the whole official config, or a dict of ours.

    Args:
        architecture: that of the weights, for what has another meaning or another default in each.
        notes: takes a sentence on what is not known here.
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("arch", {}), Mapping):
        raise InputError(
            f"config must be a dict of settings, as an all_config.yaml holds it, not {str(config)[:40]!r}."
        )
    config = _unwrapped(config)
    if _is_ours(config):
        known = ModelConfig.from_dict(dict(config)).to_dict()
        return {name: value for name, value in known.items() if name in config}
    # The data set's numbers may stand beside arch; they are not settings of the training run.
    beside = {name: config[name] for name in OF_DATA if name in config}
    arch = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in {**_unwrapped(config.get("arch", config)), **beside}.items()
        if value is not None
    }
    arch = {name: _resolved(value, arch) for name, value in arch.items()}
    if "cells" in arch:
        cells = arch.pop("cells")
        if arch.setdefault("seq_len", cells) != cells:
            raise InputError(f"The config says seq_len {arch['seq_len']}, but cells {cells}; leave one out.")
    if not arch.keys() & (RENAMED.keys() | TRANSLATED - {"name"}):
        raise InputError(
            "The config holds no HRM or TRM architecture: neither hidden_size nor H_cycles is there."
        )
    check_names(arch, notes)
    check_values(arch)
    settings = {ours: arch[official] for official, ours in RENAMED.items() if official in arch}
    if "expansion" in settings:
        settings["expansion"] = float(settings["expansion"])
    if "forward_dtype" in settings:
        settings["forward_dtype"] = without_float16(settings["forward_dtype"], notes)
    if "name" in arch:
        settings["architecture"] = architecture_named(str(arch["name"]))
    if settings.get("architecture", architecture) == "trm":
        settings.pop("H_layers", None)  # TRM ignores it
    if arch.get("causal"):
        raise InputError("The config asks for causal attention; HRM and TRM attend in both directions.")
    if arch.get("mlp_t"):
        settings |= {"mixer": "mlp", "positions": "none"}
    elif "mlp_t" in arch:
        settings["mixer"] = "attention"
    if "pos_encodings" in arch and not (arch.get("mlp_t") and arch["pos_encodings"] == "rope"):
        # Mixing positions with an MLP takes no rotation, whatever is written there.
        settings["positions"] = arch["pos_encodings"]
    prefix = _prefix(arch, architecture)
    if prefix is not None:
        settings["prefix"] = prefix
    if "no_ACT_continue" in arch:
        rule = "sign" if arch["no_ACT_continue"] else "q_learning"
        if rule != ModelConfig(architecture=architecture).halting_rule:
            settings["halting"] = rule
    return settings


def cells_of_data(config: Mapping[str, Any], vocab: int | None = None) -> int | None:
    """Cells of a grid, where the config names a data set of mazes, of ARC or (``vocab`` tells which) of Sudokus.

    >>> cells_of_data({"data_path": "data/maze-30x30-hard-1k"}), cells_of_data({"data_path": "data/sudoku-extreme"})
    (900, None)
    >>> cells_of_data({"dataset": {"data_path": "data/sudoku-extreme"}}, vocab=11)
    81
    """
    dataset = config.get("dataset")
    places = [config, dataset if isinstance(dataset, Mapping) else {"name": dataset}]
    named = [place.get(key) for place in places for key in ("data_path", "data_paths")] + [
        places[1].get("name")
    ]
    data = " ".join(str(name) for name in named if name is not None).lower()
    if "sudoku" in data:
        return None if vocab is None else SUDOKU_CELLS.get(vocab)
    if not re.search(r"(?<![a-z])(maze|arc\d?)(?![a-z])", data):
        return None
    size = re.search(r"(?<!\d)(\d+)x(\d+)(?!\d)", data)
    return int(size[1]) * int(size[2]) if size else GRID_CELLS


def _unwrapped(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings as a tracker of experiments keeps them, ``{"seq_len": {"value": 81, "desc": null}}``, without that."""
    return {
        name: value["value"]
        if isinstance(value, Mapping) and "value" in value and value.keys() <= {"value", "desc"}
        else value
        for name, value in config.items()
    }


def _is_ours(config: Mapping[str, Any]) -> bool:
    return bool({"architecture", "d_model"} & config.keys())


def _prefix(arch: Mapping[str, Any], architecture: Architecture) -> int | None:
    """Positions of the puzzle embedding, where the config tells them."""
    width = arch.get("puzzle_emb_ndim")
    if width == 0:
        return 0
    if arch.get("puzzle_emb_len"):
        return arch["puzzle_emb_len"]
    if width is not None and arch.get("hidden_size") and ("puzzle_emb_len" in arch or architecture == "hrm"):
        return -(-width // arch["hidden_size"])
    return None


def _resolved(value: Any, arch: Mapping[str, Any]) -> Any:
    """Follow a reference to a neighbour, as released configs use it: ``${.hidden_size}``."""
    reference = re.fullmatch(r"\$\{(?:arch)?\.(\w+)\}", value) if isinstance(value, str) else None
    return arch[reference[1]] if reference and reference[1] in arch else value
