"""Where a report's and a demo's numbers come from: seed, settings, models, data, versions and the kind of machine."""

from typing import Any

from hrm_probe import provenance as package
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, tokens_sha256
from hrm_probe.sudoku import Puzzles
from hrm_probe.trace.origin import weights_sha256


def full_provenance(
    seed: int, models: dict[str, RecursiveReasoner], data: dict[str, Asked], settings: dict[str, Any]
) -> dict[str, Any]:
    """What it takes to make the same numbers again, ready for JSON.

    Args:
        seed: for everything drawn.
        models: the models used, by name.
        data: the puzzles or tasks used, by name.
        settings: all other choices.
    """
    return {
        "seed": seed,
        "settings": settings,
        "models": {name: _about_model(model) for name, model in models.items()},
        "data": {name: _about_puzzles(puzzles) for name, puzzles in data.items()},
        **package.provenance(),
        "matplotlib": package.version_of("matplotlib"),
        "plotly": package.version_of("plotly"),
    }


def _about_model(model: RecursiveReasoner) -> dict[str, Any]:
    return {
        "weights_sha256": weights_sha256(model),
        "parameters": model.n_parameters,
        "config": model.config.to_dict(),
    }


def _about_puzzles(puzzles: Asked) -> dict[str, Any]:
    kind = (
        {"board": str(puzzles.board)}
        if isinstance(puzzles, Puzzles)
        else {"cells": int(puzzles.tokens.shape[1])}
    )
    return {
        "puzzles": len(puzzles),
        **kind,
        "sources": {
            str(source): int((puzzles.source == source).sum()) for source in sorted(set(puzzles.source))
        },
        "tokens_sha256": tokens_sha256(puzzles),
    }
