"""A model of published size, end to end on 9x9 puzzles: build, count, run, record, read back.

    python analyses/published_size.py [--puzzles FILE_OR_SET] [--n 1] [--out DIR]

The weights are random (the published ones are not bundled), so the answers are wrong; what is shown is that the
whole path works at full size. Writes published_size.json.
"""

import tempfile
import time
from pathlib import Path

from command_lines import described, exit_status, positive

import hrm_probe
from hrm_probe.json_text import json_text, write_json
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.provenance import provenance

PUBLISHED_PARAMETERS = 27_275_266
FIGURES = Path(__file__).parents[1] / "figures"


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("--puzzles", default="9x9-test", help="a bundled set, or a file of 9x9 puzzles")
    parser.add_argument("--n", type=positive, default=1, help="how many of them to ask")
    parser.add_argument("--seed", type=int, default=0, help="seed of the weights and the sample")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder of the numbers")
    given = parser.parse_args(arguments)

    puzzles = hrm_probe.load_puzzles(given.puzzles, n=given.n, seed=given.seed)
    model = build_model(ModelConfig(), seed=given.seed)
    assert model.n_parameters == PUBLISHED_PARAMETERS, model.n_parameters
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        hrm_probe.record(model, puzzles, out=Path(folder) / "trace")
        seconds = time.perf_counter() - started
        trace = hrm_probe.open_trace(Path(folder) / "trace")
        shapes = {
            name: dict(zip(a.dims, a.shape, strict=True)) for name, a in trace.dataset.data_vars.items()
        }
        trace.close()
    result = {
        "parameters": model.n_parameters,
        "puzzles": given.puzzles if given.puzzles.endswith("-test") else Path(given.puzzles).name,
        "n": len(puzzles),
        "seed": given.seed,
        "seconds_to_record": round(seconds, 2),
        "recorded": {
            str(name): {str(dim): size for dim, size in shape.items()} for name, shape in shapes.items()
        },
        "provenance": provenance(),
    }
    write_json(given.out / "published_size.json", result, indent=2)
    print(json_text(result, indent=2), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
