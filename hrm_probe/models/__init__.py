"""Recursive reasoning models with hook points: HRM and TRM, saved, loaded and imported."""

from hrm_probe.models.build import build_model
from hrm_probe.models.bundled import bundled_models, default_model, load
from hrm_probe.models.cache import Cache
from hrm_probe.models.clock import Tick
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.halting import first_halt, wants_to_halt
from hrm_probe.models.hooks import HookError, HookPoint
from hrm_probe.models.hrm import HRM
from hrm_probe.models.published import (
    ArcTests,
    export_published,
    import_checkpoint,
    load_arc,
    load_tasks,
    save_tasks,
)
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.states import Rollout, SegmentOutput, State
from hrm_probe.models.tasks import Tasks
from hrm_probe.models.trm import TRM

__all__ = [
    "HRM",
    "TRM",
    "ArcTests",
    "Cache",
    "HookError",
    "HookPoint",
    "ModelConfig",
    "RecursiveReasoner",
    "Rollout",
    "SegmentOutput",
    "State",
    "Tasks",
    "Tick",
    "build_model",
    "bundled_models",
    "default_model",
    "export_published",
    "first_halt",
    "import_checkpoint",
    "load",
    "load_arc",
    "load_tasks",
    "save_tasks",
    "wants_to_halt",
]
