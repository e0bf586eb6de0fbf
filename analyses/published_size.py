"""A model of published size, end to end on 9x9 puzzles: build, count, run, record, read back.

    python analyses/published_size.py [--puzzles FILE_OR_SET] [--n 1]

The weights are random (the published ones are not bundled), so the answers are wrong; what is shown is that the
whole path works at full size. Writes figures/published_size.json.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import hrm_probe
from hrm_probe.files import writing
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.provenance import provenance

PUBLISHED_PARAMETERS = 27_275_266
FIGURES = Path(__file__).parents[1] / "figures"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--puzzles", default="9x9-test", help="a bundled set, or a file of 9x9 puzzles")
    parser.add_argument("--n", type=int, default=1, help="how many of them")
    parser.add_argument("--seed", type=int, default=0, help="of the weights and of the sample")
    arguments = parser.parse_args()

    model = build_model(ModelConfig(), seed=arguments.seed)
    assert model.n_parameters == PUBLISHED_PARAMETERS, model.n_parameters
    puzzles = hrm_probe.load_puzzles(arguments.puzzles, n=arguments.n, seed=arguments.seed)
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
        "puzzles": arguments.puzzles if arguments.puzzles.endswith("-test") else Path(arguments.puzzles).name,
        "n": len(puzzles),
        "seed": arguments.seed,
        "seconds_to_record": round(seconds, 2),
        "recorded": {
            str(name): {str(dim): size for dim, size in shape.items()} for name, shape in shapes.items()
        },
        "provenance": provenance(),
    }
    with writing(FIGURES / "published_size.json") as beside:
        beside.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
