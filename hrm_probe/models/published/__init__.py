"""Checkpoints and data sets in the layouts of the released code of HRM, TRM and their forks."""

from hrm_probe.models.published.arc import ArcTests, load_arc
from hrm_probe.models.published.checkpoints import export_published, import_checkpoint, published_name
from hrm_probe.models.published.saving_tasks import save_tasks
from hrm_probe.models.published.tasks import load_tasks

__all__ = [
    "ArcTests",
    "export_published",
    "import_checkpoint",
    "load_arc",
    "load_tasks",
    "published_name",
    "save_tasks",
]
