"""How fast this machine trains and runs the models, beside what its matrix products would allow."""

from hrm_probe.bench.measuring import RecipeBench, bench_recipe
from hrm_probe.bench.timing import Timing, in_turns, timed

__all__ = ["RecipeBench", "Timing", "bench_recipe", "in_turns", "timed"]
