"""Recorded rollouts: every latent state of many puzzles, streamed to disk and read back with named axes."""

from hrm_probe.trace.reader import RecordedPuzzles, Trace, open_trace
from hrm_probe.trace.recorder import record

__all__ = ["RecordedPuzzles", "Trace", "open_trace", "record"]
