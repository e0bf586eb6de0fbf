"""A figure's page: the script's question, the picture, and every table of the figure's JSON."""

from figure_page import write_page

from hrm_probe.plots import new_figure

ABOUT = """Do cells wait?

    python analyses/waiting.py

Claim: they do not.
"""


def test_the_page_says_what_was_asked_and_shows_the_numbers(tmp_path):
    figure = new_figure(2.0, 1.5)
    figure.subplots().plot([0, 1], [1, 0])
    measured = {
        "models": {"hrm-6x6": {"n": 3, "rows": [{"round": 1}]}},
        "provenance": {"commit": "abc"},
    }
    file = write_page(figure, tmp_path, "waiting", ABOUT, measured)
    page = file.read_text()
    assert file == tmp_path / "waiting.html"
    assert "<h1>Do cells wait?</h1>" in page
    assert "python analyses/waiting.py" in page
    assert "<summary>models: hrm-6x6: rows</summary>" in page
    assert page.index("<footer>") < page.index("<td>abc</td>")
    assert measured["provenance"] == {"commit": "abc"}
