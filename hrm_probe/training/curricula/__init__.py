"""Curricula of our own making, beside the published ones in :mod:`hrm_probe.training.curriculum`."""

from hrm_probe.training.curricula.easy_first import EasyFirst
from hrm_probe.training.curricula.plateau import PlateauDepth

__all__ = ["EasyFirst", "PlateauDepth"]
