"""Long work in batches, so that it shows progress and can be interrupted."""

from collections.abc import Iterator

from hrm_probe.progress import track

BATCH = 2_000


def in_parts(n: int, description: str, unit: str = "puzzles") -> Iterator[slice]:
    """Slices that cover ``n`` rows; with a progress bar if there are several."""
    slices = [slice(start, start + BATCH) for start in range(0, n, BATCH)]
    if len(slices) <= 1:
        return iter(slices)
    return track(slices, description, n, unit, each=BATCH)
