"""Mathematics of iterated maps, on plain arrays and callables.

A *step* maps a tensor [n, d] to [n, d], each row on its own, and is always called with all n rows in their order.
It may be a map from a book (`maps`) or one segment of a network, flattened.

- `find_fixed_points`, `distinct_points`, `perturbed`, `residual_norms`: where the map stands still
- `jacobian_eigenvalues`, `jacobian_spectrum`, `derivative_error`: how it moves nearby
- `lyapunov_spectrum`: how it moves in the long run
- `find_jumps`, `jump_share`: jump, gradual fall, or neither
- `settle`, `settled_at`, `sweep`: rest or wandering
- `cluster_attractors`, `basin_sizes`, `nearest_attractor`, `dwell_times`, `escapes`, `transitions`: where runs end
- `plane_through`, `principal_plane`, `to_plane`, `from_plane`, `off_plane`, `landscape`, `frame`: looking at it
- `participation_ratio`: in how many directions states spread
- `influences`: which parts of a state a disturbed part reaches
- `wilson`, `bootstrap`, `bootstrap_difference`, `share`: how sure we are
"""

from hrm_probe.dynamics import maps
from hrm_probe.dynamics.attractors import Attractors, basin_sizes, cluster_attractors, nearest_attractor
from hrm_probe.dynamics.dimensions import ParticipationRatio, participation_ratio
from hrm_probe.dynamics.dwelling import dwell_times, escapes, transitions
from hrm_probe.dynamics.fixed_points import (
    DistinctPoints,
    FixedPoints,
    distinct_points,
    find_fixed_points,
    perturbed,
    residual_norms,
)
from hrm_probe.dynamics.influence import influences
from hrm_probe.dynamics.intervals import Interval, bootstrap, bootstrap_difference, share, wilson
from hrm_probe.dynamics.jumps import find_jumps, jump_share
from hrm_probe.dynamics.landscapes import Landscape, frame, landscape
from hrm_probe.dynamics.linearise import Step, derivative_error
from hrm_probe.dynamics.lyapunov import LyapunovSpectrum, lyapunov_spectrum
from hrm_probe.dynamics.planes import Plane, from_plane, off_plane, plane_through, principal_plane, to_plane
from hrm_probe.dynamics.settling import Settling, settle, settled_at, sweep
from hrm_probe.dynamics.spectrum import Spectrum, jacobian_eigenvalues, jacobian_spectrum

__all__ = [
    "Attractors",
    "DistinctPoints",
    "FixedPoints",
    "Interval",
    "Landscape",
    "LyapunovSpectrum",
    "ParticipationRatio",
    "Plane",
    "Settling",
    "Spectrum",
    "Step",
    "basin_sizes",
    "bootstrap",
    "bootstrap_difference",
    "cluster_attractors",
    "derivative_error",
    "distinct_points",
    "dwell_times",
    "escapes",
    "find_fixed_points",
    "find_jumps",
    "frame",
    "from_plane",
    "influences",
    "jacobian_eigenvalues",
    "jacobian_spectrum",
    "jump_share",
    "landscape",
    "lyapunov_spectrum",
    "maps",
    "nearest_attractor",
    "off_plane",
    "participation_ratio",
    "perturbed",
    "plane_through",
    "principal_plane",
    "residual_norms",
    "settle",
    "settled_at",
    "share",
    "sweep",
    "to_plane",
    "transitions",
    "wilson",
]
