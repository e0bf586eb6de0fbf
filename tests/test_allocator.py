"""Freed memory is kept where the C library can be told to."""

import platform

from hrm_probe.allocator import keep_freed_memory


def test_the_allocator_can_be_told_at_run_time() -> None:
    assert keep_freed_memory() is (platform.libc_ver()[0] == "glibc")
