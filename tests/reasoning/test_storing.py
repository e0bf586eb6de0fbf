"""Results on disk: what was written comes back, and nothing else passes for it."""

import json

import numpy as np
import pandas as pd
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning import jumps, lens, modes
from hrm_probe.reasoning.storing import load_about, load_results, save_results
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import curves_of

CURVES = curves_of(["...####", ".######", ".......", "##..###"])


@pytest.fixture(scope="module")
def answers():
    puzzles = generate(4, "minimal", "4x4", seed=0)
    return {
        "curves": CURVES,
        "jumps": jumps(None, puzzles, curves=CURVES),
        "modes": modes(None, puzzles, curves=CURVES),
        "nothing": None,
    }


def same(a, b):
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_dtype=False)
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b)
    else:
        assert a == b or (a != a and b != b) or str(a) == str(b)


def test_answers_within_answers_come_back(tmp_path):
    model = build_model(ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1))
    found = lens(model, generate(4, "minimal", "4x4", seed=0), segments=2)
    save_results(tmp_path / "lens.npz", {"lens": found})
    again = load_results(tmp_path / "lens.npz")["lens"]
    assert str(again) == str(found)
    assert again.reads.keys() == found.reads.keys()


def test_every_field_comes_back(answers, tmp_path):
    save_results(tmp_path / "answers.npz", answers, {"model": "planted"})
    again = load_results(tmp_path / "answers.npz")
    assert list(again) == list(answers)
    for name, result in answers.items():
        assert type(again[name]) is type(result)
        for field in getattr(result, "__dataclass_fields__", ()):
            same(getattr(result, field), getattr(again[name], field))
    assert str(again["jumps"]) == str(answers["jumps"])
    assert load_about(tmp_path / "answers.npz") == {"model": "planted"}


def test_words_and_unknown_flags_of_a_table_come_back(answers, tmp_path):
    modes_ = answers["modes"]
    modes_.table["stable"] = [True, None, False, None]
    save_results(tmp_path / "a.npz", {"modes": modes_})
    assert load_results(tmp_path / "a.npz")["modes"].table["stable"].tolist() == [True, None, False, None]


def test_a_file_that_cannot_be_written_whole_leaves_the_earlier_one(answers, tmp_path, monkeypatch):
    def half(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    save_results(tmp_path / "a.npz", answers)
    before = (tmp_path / "a.npz").read_bytes()
    monkeypatch.setattr(np, "savez_compressed", half)
    with pytest.raises(OSError, match="No space left"):
        save_results(tmp_path / "a.npz", answers)
    assert (tmp_path / "a.npz").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="hrm-probe report"):
        load_results(tmp_path / "none.npz")


def test_another_file_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", x=np.arange(3))
    with pytest.raises(InputError, match="does not hold saved results"):
        load_results(tmp_path / "other.npz")
    (tmp_path / "text.npz").write_text("words")
    with pytest.raises(InputError, match="does not hold saved results"):
        load_results(tmp_path / "text.npz")


def written(path, header):
    np.savez_compressed(path, **{"results.json": np.array(json.dumps(header))})
    return path


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({"version": 99, "results": {}, "about": {}}, "version 99"),
        ({"results": {}}, "does not hold saved results"),
        ({"version": 1, "results": {"a": {"result": "import_module", "fields": {"name": "this"}}}}, "no result called"),
        ({"version": 1, "results": {"a": {"result": "follow", "fields": {}}}}, "no result called"),
        ({"version": 1, "results": {"a": {"result": "Nobody", "fields": {}}}}, "no result called"),
        ({"version": 1, "results": {"a": {"result": "Modes", "fields": {"older": 1}}}}, "does not hold saved results"),
    ],
)  # fmt: skip
def test_nothing_but_results_is_made_from_a_file(tmp_path, header, says):
    with pytest.raises(InputError, match=says):
        load_results(written(tmp_path / "crafted.npz", header))


def test_a_field_by_its_name_of_before_is_read(answers, tmp_path):
    save_results(tmp_path / "now.npz", {"modes": answers["modes"]})
    with np.load(tmp_path / "now.npz") as file:
        arrays = dict(file)
    arrays["results.json"] = np.array(str(arrays["results.json"]).replace('"resampled"', '"clustered_by"'))
    np.savez_compressed(tmp_path / "before.npz", **arrays)
    assert load_results(tmp_path / "before.npz")["modes"].resampled == answers["modes"].resampled


def test_what_cannot_be_kept_is_refused_in_a_sentence(answers, tmp_path):
    with pytest.raises(InputError, match="results must have names"):
        save_results(tmp_path / "one.npz", answers["jumps"])
    with pytest.raises(InputError, match="is a folder; name a file"):
        save_results(tmp_path, answers)
    with pytest.raises(InputError, match="about holds what JSON does not know"):
        save_results(tmp_path / "about.npz", answers, about={"numbers": np.arange(3)})
    assert list(tmp_path.iterdir()) == []
