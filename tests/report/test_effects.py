"""Effects made from others: the share of the others has the mirrored interval."""

import numpy as np
import pytest

from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.reasoning.result import ClassLabels
from hrm_probe.report.effects import class_labels, complement


def test_the_share_of_the_others_is_mirrored() -> None:
    others = complement(Interval(0.3, 0.2, 0.45, 0.9, 50, "planted"))
    assert (others.estimate, others.low, others.high) == pytest.approx((0.7, 0.55, 0.8))
    assert (others.level, others.n, others.method) == (0.9, 50, "planted")
    assert complement(wilson(8, 10)).low == pytest.approx(wilson(2, 10).low)


def test_labels_of_classes_are_known_as_such() -> None:
    assert isinstance(class_labels(np.array([0, 0, 1])), ClassLabels)
    assert class_labels(None) is None
