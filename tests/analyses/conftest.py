"""Scripts are no package: their folder is put on the path, as running them does."""

import sys
from pathlib import Path

ANALYSES = Path(__file__).parents[2] / "analyses"
sys.path.insert(0, str(ANALYSES))
