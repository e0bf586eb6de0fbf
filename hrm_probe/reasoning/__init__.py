"""Questions about reasoning, put to a model: each answer is a table and a few numbers with their intervals.

>>> from hrm_probe.reasoning import single_blank                                # doctest: +SKIP
>>> print(single_blank(model, puzzles))                                         # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hrm_probe.reasoning.accuracy import Accuracy, evaluate
    from hrm_probe.reasoning.arc_scoring import ArcScore, arc_score
    from hrm_probe.reasoning.attractor_search import AttractorSearch, attractors
    from hrm_probe.reasoning.blank_counts import Blanks, blanks
    from hrm_probe.reasoning.clue_pairs import one_clue_changed
    from hrm_probe.reasoning.curves import Curves, follow, segment_by_segment
    from hrm_probe.reasoning.easy_puzzles import blanked, single_blanks, with_masked
    from hrm_probe.reasoning.excluding import Exclusion, exclusion
    from hrm_probe.reasoning.fixed_point_search import FixedPointSearch, fixed_points
    from hrm_probe.reasoning.flattening import SegmentMap, segment_map
    from hrm_probe.reasoning.following_through import FollowedThrough, follow_through
    from hrm_probe.reasoning.guessing import Guesses, guesses
    from hrm_probe.reasoning.holding_back import HeldBack, hold_back
    from hrm_probe.reasoning.intervening import Interventions, interventions
    from hrm_probe.reasoning.jumping import Jumps, jumps
    from hrm_probe.reasoning.keeping import Keeping
    from hrm_probe.reasoning.keeping_solved import row_masking, solved_grids, stability
    from hrm_probe.reasoning.landscape_of_puzzle import StateLandscape, state_landscape
    from hrm_probe.reasoning.leaking import Leaks, leaks
    from hrm_probe.reasoning.logit_lens import Lens, lens
    from hrm_probe.reasoning.looking import Attention, attention
    from hrm_probe.reasoning.mode_counts import Modes, modes
    from hrm_probe.reasoning.nudging import Nudges, nudges
    from hrm_probe.reasoning.one_blank import SingleBlank, single_blank
    from hrm_probe.reasoning.order_of_deduction import DeductionOrder, deduction_order
    from hrm_probe.reasoning.patching import PatchSweep, patch_sweep
    from hrm_probe.reasoning.probing import Probes, probes
    from hrm_probe.reasoning.residual_curves import Residuals, residuals
    from hrm_probe.reasoning.rest_or_wander import wandering
    from hrm_probe.reasoning.rewording import Invariance, invariance
    from hrm_probe.reasoning.standing_off import Standoffs, standoffs
    from hrm_probe.reasoning.supposing import Supposed, suppose
    from hrm_probe.reasoning.traced import traced_curves
    from hrm_probe.reasoning.trapping import Traps, traps
    from hrm_probe.reasoning.voting_checkpoints import checkpoint_guesses, published_count
    from hrm_probe.reasoning.wandering_result import Wandering

__all__ = [
    "Accuracy",
    "ArcScore",
    "Attention",
    "AttractorSearch",
    "Blanks",
    "Curves",
    "DeductionOrder",
    "Exclusion",
    "FixedPointSearch",
    "FollowedThrough",
    "Guesses",
    "HeldBack",
    "Interventions",
    "Invariance",
    "Jumps",
    "Keeping",
    "Leaks",
    "Lens",
    "Modes",
    "Nudges",
    "PatchSweep",
    "Probes",
    "Residuals",
    "SegmentMap",
    "SingleBlank",
    "Standoffs",
    "StateLandscape",
    "Supposed",
    "Traps",
    "Wandering",
    "arc_score",
    "attention",
    "attractors",
    "blanked",
    "blanks",
    "checkpoint_guesses",
    "deduction_order",
    "evaluate",
    "exclusion",
    "fixed_points",
    "follow",
    "follow_through",
    "guesses",
    "hold_back",
    "interventions",
    "invariance",
    "jumps",
    "leaks",
    "lens",
    "modes",
    "nudges",
    "one_clue_changed",
    "patch_sweep",
    "probes",
    "published_count",
    "residuals",
    "row_masking",
    "segment_by_segment",
    "segment_map",
    "single_blank",
    "single_blanks",
    "solved_grids",
    "stability",
    "standoffs",
    "state_landscape",
    "suppose",
    "traced_curves",
    "traps",
    "wandering",
    "with_masked",
]

# No file here has the name of a function: importing a file would put itself in the function's place.
_HOMES = {
    "Accuracy": "accuracy",
    "ArcScore": "arc_scoring",
    "Attention": "looking",
    "AttractorSearch": "attractor_search",
    "Blanks": "blank_counts",
    "Curves": "curves",
    "DeductionOrder": "order_of_deduction",
    "Exclusion": "excluding",
    "FixedPointSearch": "fixed_point_search",
    "FollowedThrough": "following_through",
    "Guesses": "guessing",
    "HeldBack": "holding_back",
    "Interventions": "intervening",
    "Invariance": "rewording",
    "Jumps": "jumping",
    "Keeping": "keeping",
    "Leaks": "leaking",
    "Lens": "logit_lens",
    "Modes": "mode_counts",
    "Nudges": "nudging",
    "PatchSweep": "patching",
    "Probes": "probing",
    "Residuals": "residual_curves",
    "SegmentMap": "flattening",
    "SingleBlank": "one_blank",
    "Standoffs": "standing_off",
    "StateLandscape": "landscape_of_puzzle",
    "Supposed": "supposing",
    "Traps": "trapping",
    "Wandering": "wandering_result",
    "arc_score": "arc_scoring",
    "attention": "looking",
    "attractors": "attractor_search",
    "blanked": "easy_puzzles",
    "blanks": "blank_counts",
    "checkpoint_guesses": "voting_checkpoints",
    "deduction_order": "order_of_deduction",
    "evaluate": "accuracy",
    "exclusion": "excluding",
    "fixed_points": "fixed_point_search",
    "follow": "curves",
    "follow_through": "following_through",
    "guesses": "guessing",
    "hold_back": "holding_back",
    "interventions": "intervening",
    "invariance": "rewording",
    "jumps": "jumping",
    "leaks": "leaking",
    "lens": "logit_lens",
    "modes": "mode_counts",
    "nudges": "nudging",
    "one_clue_changed": "clue_pairs",
    "patch_sweep": "patching",
    "probes": "probing",
    "published_count": "voting_checkpoints",
    "residuals": "residual_curves",
    "row_masking": "keeping_solved",
    "segment_by_segment": "curves",
    "segment_map": "flattening",
    "single_blank": "one_blank",
    "single_blanks": "easy_puzzles",
    "solved_grids": "keeping_solved",
    "stability": "keeping_solved",
    "standoffs": "standing_off",
    "state_landscape": "landscape_of_puzzle",
    "suppose": "supposing",
    "traced_curves": "traced",
    "traps": "trapping",
    "wandering": "rest_or_wander",
    "with_masked": "easy_puzzles",
}


def __getattr__(name: str) -> Any:
    """Load a question when it is first asked, so that importing the room stays quick."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
