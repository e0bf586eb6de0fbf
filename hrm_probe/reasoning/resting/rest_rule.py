"""When a run is at rest, for every question alike: by its last segments, against a threshold that is told of."""

LATE = 3
"""Segments at the end of a run by which rest is judged; all of them must move less than the threshold."""

RULES = {
    "two modes": "found between two modes",
    "fallback": "a convention, for late movement does not part resting from moving runs: see the sweep of thresholds",
    "given": "as given",
}
"""What to tell of the rule by which a threshold of settling was found."""
