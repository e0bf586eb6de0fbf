"""Running out of memory, explained in a sentence: whose, how much was wanted, and what to make smaller."""

import re

REMEDY = (
    "take fewer at once (--batch-size, or for a training --set batch_size=...), a smaller --dtype, or a machine with "
    "more memory."
)
WANTED = re.compile(r"allocate (\d[\d.]*) (bytes|[KMGTP]?iB)", re.IGNORECASE)


def memory_sentence(error: BaseException) -> str | None:
    """What to say where memory was short; None of any other error.

    PyTorch raises an error of its own on a GPU, and on a CPU a plain RuntimeError that names its allocator.
    """
    told = str(error)
    on_gpu = type(error).__name__ == "OutOfMemoryError"  # known by its name: torch need not be loaded
    if not (on_gpu or isinstance(error, MemoryError) or "DefaultCPUAllocator" in told):
        return None
    whose = "The GPU" if on_gpu else "This machine"
    found = WANTED.search(told)
    return f"{whose} does not have enough memory{f' for {_readable(*found.groups())} more' if found else ''}; {REMEDY}"


def _readable(number: str, unit: str) -> str:
    return f"{int(number) / 2**30:,.1f} GiB" if unit == "bytes" else f"{number} {unit}"
