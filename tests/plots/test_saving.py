"""A picture is a bitmap and a vector, and the same picture gives the same files."""

from hrm_probe.plots import style
from hrm_probe.plots.saving import save_figure


def a_figure():
    with style.style():
        figure = style.new_figure(style.SINGLE_COLUMN, 2)
        figure.subplots().plot([1, 3, 2])
    return figure


def test_a_bitmap_and_a_vector(tmp_path):
    files = save_figure(a_figure(), tmp_path / "new", "line")
    assert [file.name for file in files] == ["line.png", "line.pdf"]
    assert files[0].read_bytes().startswith(b"\x89PNG")
    assert files[1].read_bytes().startswith(b"%PDF")


def test_equal_pictures_give_equal_files(tmp_path):
    first, second = (save_figure(a_figure(), tmp_path / folder, "line") for folder in ("a", "b"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
