"""What the shapes of weights tell is taken from them; what no shape tells is assumed aloud, or asked for."""

import pytest
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner
from hrm_probe.models.published import export_published, import_checkpoint
from tests.models.published.layouts import INNER, TRM_ARCH, TRM_LAYOUT, TRM_MLP_LAYOUT, refused, zeros
from tests.models.variants import VARIANTS, lively

pytestmark = pytest.mark.filterwarnings("error::UserWarning")  # where nothing is assumed, nothing is said


def test_shapes_tell_much_and_a_warning_lists_the_rest_by_the_names_of_the_config() -> None:
    hrm = lively(VARIANTS["hrm_rope"].replace(vocab=8, cells=36))
    with pytest.warns(UserWarning, match="assumed") as caught:
        model = import_checkpoint(export_published(hrm))
    (warning,) = caught
    told = str(warning.message)
    for name in ("num_heads=1", "seq_len=36", "pos_encodings=rope", "H_cycles=2", "L_cycles=2"):
        assert name in told
    for name in ("vocab", "hidden_size", "layers", "puzzle_emb_len", "mlp_t"):
        assert name not in told
    assert warning.filename == __file__  # points at the caller
    assert model.config == hrm.config.replace(n_heads=1, L_cycles=2, max_segments=16)


def test_shapes_of_trm_mlp_tell_the_number_of_cells() -> None:
    with pytest.warns(UserWarning, match="puzzle_emb_len=16, pos_encodings=none, H_cycles=3, L_cycles=6"):
        model = import_checkpoint(zeros(TRM_MLP_LAYOUT))
    assert (model.config.cells, model.config.prefix, model.config.mixer) == (81, 16, "mlp")


def test_the_board_tells_the_prefix_where_the_sequence_is_longer() -> None:
    model = lively(VARIANTS["trm_mlp"].replace(vocab=8, cells=36, prefix=4))
    with pytest.warns(UserWarning, match="puzzle_emb_len=4"):
        config = import_checkpoint(export_published(model)).config
    assert (config.cells, config.prefix) == (36, 4)


def test_learned_positions_tell_the_number_of_cells() -> None:
    model = lively(VARIANTS["hrm_learned"])
    with pytest.warns(UserWarning, match="assumed"):
        config = import_checkpoint(export_published(model)).config
    assert (config.cells, config.positions, config.puzzles) == (7, "learned", 3)


def test_activations_are_of_the_dtype_of_the_initial_states(
    hrm: RecursiveReasoner, state: dict[str, Tensor]
) -> None:
    config = hrm.config.to_dict()
    del config["forward_dtype"]
    assert import_checkpoint(state, config).config.forward_dtype == "float32"
    half = state | {INNER + name: state[INNER + name].bfloat16() for name in ("H_init", "L_init")}
    assert import_checkpoint(half, config).config.forward_dtype == "bfloat16"


def only_cells(vocab: int, mixer: str = "attention", cells: int = 900, prefix: int = 16) -> dict[str, Tensor]:
    """Weights of a small TRM for so many cells."""
    positions = "rope" if mixer == "attention" else "none"
    sizes = {"d_model": 16, "n_heads": 1, "L_layers": 1, "prefix": prefix, "puzzles": 2}
    config = ModelConfig(
        architecture="trm", vocab=vocab, cells=cells, mixer=mixer, positions=positions, **sizes
    )  # type: ignore[arg-type]
    return export_published(lively(config))


def test_twelve_tokens_are_those_of_arc() -> None:
    with pytest.warns(UserWarning, match="puzzle_emb_len=16, num_heads=1, seq_len=900"):
        config = import_checkpoint(only_cells(vocab=12)).config
    assert (config.cells, config.prefix, config.H_cycles, config.L_cycles) == (900, 16, 3, 4)


def test_six_tokens_are_those_of_mazes_and_of_small_sudokus_so_the_config_must_tell(
    state: dict[str, Tensor], arch: dict
) -> None:
    maze = only_cells(vocab=6)
    refused(r"vocab_size 6 \(4x4 Sudokus have 16, mazes 900\); give it in the config as seq_len", maze)
    with pytest.warns(UserWarning, match="assumed"):
        config = import_checkpoint(maze, {"seq_len": 900}).config
    assert (config.cells, config.L_cycles) == (900, 4)
    del arch["seq_len"]
    refused("vocab_size 6", state, arch)
    assert import_checkpoint(state, {"arch": arch, "data_path": "data/sudoku-4x4"}).config.cells == 16


def test_tokens_of_no_published_data_set_tell_no_number_of_cells() -> None:
    refused("number of cells of this model with vocab_size 20; give it", only_cells(vocab=20, cells=25))


@pytest.mark.parametrize(("cells", "prefix"), [(16, 1), (16, 16), (900, 1), (900, 16), (900, 30)])
def test_positions_settle_which_of_the_two_they_are(cells: int, prefix: int) -> None:
    with pytest.warns(UserWarning, match=f"puzzle_emb_len={prefix}"):
        config = import_checkpoint(only_cells(6, "mlp", cells, prefix)).config
    assert (config.cells, config.prefix) == (cells, prefix)


def test_no_prefix_is_longer_than_any_in_use() -> None:
    with pytest.warns(UserWarning, match="puzzle_emb_len=16"):
        config = import_checkpoint(only_cells(6, "mlp", 225, 16)).config
    assert (config.cells, config.prefix) == (225, 16)
    refused("how many of the 14 positions are cells", only_cells(6, "mlp", 9, 5))


def test_cells_that_the_config_tells_leave_the_prefix() -> None:
    told = {"seq_len": 9, "H_cycles": 2, "L_cycles": 2, "pos_encodings": "none"}
    assert import_checkpoint(only_cells(6, "mlp", 9, 5), told).config.prefix == 5


def test_cells_that_the_data_set_tells_are_not_assumed() -> None:
    arch = TRM_ARCH | {"mlp_t": False, "pos_encodings": "rope"}
    told = {"arch": arch, "data_paths": ["data/sudoku-extreme-1k-aug-1000"]}
    assert import_checkpoint(zeros(TRM_LAYOUT), told).config.cells == 81


def test_a_dict_of_ours_is_answered_in_our_names(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    config = hrm.config.to_dict()
    del config["n_heads"], config["d_model"]  # d_model is in the shapes
    with pytest.warns(UserWarning, match="Neither config nor shapes tell n_heads=1: assumed"):
        import_checkpoint(state, config)
