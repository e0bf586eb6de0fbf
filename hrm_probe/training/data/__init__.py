"""Puzzles on their way into training: drawn, moved by symmetries, eased by hints, all on the device."""

from hrm_probe.training.data.hints import add_hints
from hrm_probe.training.data.sets import DataSets, load_data, model_config_for, named_set
from hrm_probe.training.data.stream import Batch, PuzzleStream
from hrm_probe.training.data.symmetry import Symmetries, Turnings

__all__ = [
    "Batch",
    "DataSets",
    "PuzzleStream",
    "Symmetries",
    "Turnings",
    "add_hints",
    "load_data",
    "model_config_for",
    "named_set",
]
