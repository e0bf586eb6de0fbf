"""Recordings that are stopped half way, and compared."""

import numpy as np

SEGMENTS = 3


def stop_after(model, batches):
    """Interrupt the run that follows so many whole batches, in its last segment."""
    seen = []

    def interrupt(activation, hook):
        seen.append(hook.tick)
        if len(seen) > batches * SEGMENTS * model.config.H_cycles:
            raise KeyboardInterrupt

    return model.hooks([("z_H", interrupt)])


def assert_same(one, other):
    assert set(one.dataset.data_vars) == set(other.dataset.data_vars)
    for name in one.dataset.data_vars:
        np.testing.assert_array_equal(one[name].values, other[name].values, err_msg=name)
