"""The topics of a report, in the order in which they are told."""

from hrm_probe.report.claim import Topic
from hrm_probe.report.topics import (
    attractors,
    deduction,
    dimensions,
    easy_puzzles,
    jumps,
    keeping,
    modes,
    settling,
)

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        easy_puzzles.TOPIC,
        keeping.TOPIC,
        jumps.TOPIC,
        attractors.TOPIC,
        modes.TOPIC,
        settling.TOPIC,
        deduction.TOPIC,
        dimensions.TOPIC,
    )
}
"""By name."""
