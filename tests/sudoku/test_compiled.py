import numba

from hrm_probe.sudoku.compiled import compiled


def test_compiling_works_where_no_cache_can_be_written(monkeypatch):
    compile_without_cache = numba.njit

    def as_on_a_read_only_disk(function, cache=False):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return compile_without_cache(function)

    monkeypatch.setattr(numba, "njit", as_on_a_read_only_disk)
    assert compiled(lambda x: x + 1)(1) == 2
