"""One picture alone, for scripts: its files and its numbers in a folder."""

import argparse
from dataclasses import replace
from pathlib import Path

from hrm_probe.demo.evidence import Evidence, Settings
from hrm_probe.demo.run import FINDINGS
from hrm_probe.report.provenance import full_provenance


def write_figure(name: str, out: Path, evidence: Evidence | None = None) -> list[Path]:
    """Make one picture of the demo and write NAME.png, .pdf, .json (with its provenance) and, if it has one, .html.

    >>> write_figure("jumps", Path("figures"))           # doctest: +SKIP

    Args:
        name: one of ``FINDINGS``.
        out: folder.
        evidence: models, puzzles and settings; the bundled ones if None.
    """
    evidence = Evidence() if evidence is None else evidence
    finding = FINDINGS[name](evidence)
    settings = evidence.settings
    origin = full_provenance(settings.seed, evidence.models, {"sample": evidence.puzzles}, settings.to_dict())
    for statement in finding.statements:
        print(f"{statement.verdict}: {statement.sentence}")
    return finding.write(out, origin)


def main(name: str, about: str) -> None:
    """The command line of a figure's script."""
    usual = Settings()
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("figures"), help="folder (default: figures)")
    parser.add_argument("--model", default=usual.model, help=f"name or folder (default: {usual.model})")
    parser.add_argument("--puzzles", default=usual.puzzles, help=f"set or file (default: {usual.puzzles})")
    parser.add_argument("--n", type=int, default=usual.n, help=f"puzzles (default: {usual.n})")
    parser.add_argument("--seed", type=int, default=usual.seed, help="seed of everything drawn at random")
    given = parser.parse_args()
    settings = replace(usual, model=given.model, puzzles=given.puzzles, n=given.n, seed=given.seed)
    for path in write_figure(name, given.out, Evidence(settings)):
        print(path)
