"""From a config to a model with fresh weights."""

import torch

from hrm_probe.models.config import ModelConfig
from hrm_probe.models.hrm import HRM
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.trm import TRM


def build_model(config: ModelConfig, seed: int = 0) -> RecursiveReasoner:
    """A model with the published initialisation, drawn from ``seed`` alone (torch's global generator is left alone).

    >>> build_model(ModelConfig()).n_parameters          # doctest: +SKIP
    27275266
    """
    return class_of(config)(config, torch.Generator().manual_seed(seed))


def class_of(config: ModelConfig) -> type[RecursiveReasoner]:
    """What :func:`build_model` makes of a config, and so what a saved model is loaded as."""
    architectures: dict[str, type[RecursiveReasoner]] = {"hrm": HRM, "trm": TRM}
    return architectures[config.architecture]
