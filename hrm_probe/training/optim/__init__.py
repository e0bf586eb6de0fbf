"""Optimisers and the learning rate."""

from hrm_probe.training.optim.adam_atan2 import AdamAtan2
from hrm_probe.training.optim.build import Optimizers
from hrm_probe.training.optim.schedule import learning_rate_factor
from hrm_probe.training.optim.sign_sgd import SignSGD

__all__ = ["AdamAtan2", "Optimizers", "SignSGD", "learning_rate_factor"]
