"""``hrm-probe demo``."""

from pathlib import Path
from typing import Annotated

import typer

from hrm_probe.cli.options import Seed, writable_folder


def demo_command(
    out: Annotated[
        Path, typer.Option(callback=writable_folder, help="Folder for pictures, page and numbers.")
    ] = Path("demo"),
    seed: Seed = 0,
) -> None:
    """Test the literature's claims on the bundled models: pictures, an interactive page, numbers, a summary."""
    import sys

    from hrm_probe.allocator import keep_freed_memory
    from hrm_probe.demo import Evidence, Settings, run_demo
    from hrm_probe.demo.run import FINDINGS, NUMBERS, PAGE

    keep_freed_memory()
    parts = {name: i for i, name in enumerate([*FINDINGS, "page"], start=1)}

    def say(part: str) -> None:
        print(f"[{parts[part]}/{len(parts)}] {part}", file=sys.stderr, flush=True)

    demo = run_demo(out, Evidence(Settings(seed=seed)), say)
    print(
        f"What {demo.provenance['settings']['model']} does, beside what the literature says (95% intervals):\n"
    )
    print(demo)
    print(f"\nMade in {demo.seconds:.0f} s on {demo.provenance['machine']}.")
    print(f"Pictures: {out}/*.png and *.pdf. Numbers: {out / NUMBERS}. Open {out / PAGE} in a browser.")
