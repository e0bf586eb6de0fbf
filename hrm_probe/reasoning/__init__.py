"""Questions about reasoning, put to a model: each answer is a table and a few numbers with their intervals.

>>> from hrm_probe.reasoning import single_blank                                # doctest: +SKIP
>>> print(single_blank(model, puzzles))                                         # doctest: +SKIP

Each question is a file of its own name, in the folder of its family; a family imports only from those below it:

===============  =======================================================================================
``inside``       what the states carry and how far it reaches: interventions, patches, probes, dimensions
``heads``        where attention looks, and what it is worth
``guessing``     whether asking again, or in other words, solves more
``deducing``     whether cells follow from each other as logic has it, and what becomes of wrong guesses
``trapping``     whether failing runs are trapped, and what gets them out
``state_space``  fixed points and attractors of one puzzle
``resting``      whether runs come to rest, and what their drifts and exponents foretell
``timing``       when answers come: at once or bit by bit, at which update
``easy``         very easy puzzles, and whether what is solved stays solved
``solving``      how often a model is right
``runs``         how a model is run for a question, and what is read of each run
``statistics``   what the questions share: changes by pairs, rankings, fits judged on rows they have not seen
===============  =======================================================================================

``asking`` and ``result`` are the frame of every question, ``catalogue`` lists all of them, ``storing`` keeps answers on
disk, ``comparing`` sets two answers to one question side by side.
"""

from typing import TYPE_CHECKING

from hrm_probe.lazy import attached

if TYPE_CHECKING:
    from hrm_probe.reasoning.comparing import ComparedAnswers, compare_answers
    from hrm_probe.reasoning.deducing.deduction_order import DeductionOrder, deduction_order
    from hrm_probe.reasoning.deducing.exclusion import Exclusion, exclusion
    from hrm_probe.reasoning.deducing.follow_through import FollowedThrough, follow_through
    from hrm_probe.reasoning.deducing.hold_back import HeldBack, hold_back
    from hrm_probe.reasoning.deducing.path_growth import PathGrowth, path_growth
    from hrm_probe.reasoning.deducing.standoffs import Standoffs, standoffs
    from hrm_probe.reasoning.deducing.suppose import Supposed, suppose
    from hrm_probe.reasoning.easy.blanks import Blanks, blanks
    from hrm_probe.reasoning.easy.easy_puzzles import blanked, single_blanks, with_masked
    from hrm_probe.reasoning.easy.keeping import Keeping
    from hrm_probe.reasoning.easy.single_blank import SingleBlank, single_blank
    from hrm_probe.reasoning.easy.stability import row_masking, solved_grids, stability
    from hrm_probe.reasoning.guessing.checkpoint_guesses import checkpoint_guesses, published_count
    from hrm_probe.reasoning.guessing.guesses import Guesses, guesses
    from hrm_probe.reasoning.guessing.invariance import Invariance, invariance
    from hrm_probe.reasoning.guessing.nudges import Nudges, nudges
    from hrm_probe.reasoning.guessing.particles import Particles, particles
    from hrm_probe.reasoning.heads.attention import Attention, attention
    from hrm_probe.reasoning.heads.leaks import Leaks, leaks
    from hrm_probe.reasoning.inside.clue_pairs import one_clue_changed
    from hrm_probe.reasoning.inside.dimensions import Dimensions, dimensions
    from hrm_probe.reasoning.inside.interventions import Interventions, interventions
    from hrm_probe.reasoning.inside.locality import Locality, locality
    from hrm_probe.reasoning.inside.patch_sweep import PatchSweep, patch_sweep
    from hrm_probe.reasoning.inside.probes import Probes, probes
    from hrm_probe.reasoning.resting.residuals import Residuals, residuals
    from hrm_probe.reasoning.resting.wandering import wandering
    from hrm_probe.reasoning.resting.wandering_result import Wandering
    from hrm_probe.reasoning.runs.curves import Curves, follow, segment_by_segment
    from hrm_probe.reasoning.runs.flattening import SegmentMap, decoded, segment_map
    from hrm_probe.reasoning.runs.traced import traced_curves
    from hrm_probe.reasoning.solving.accuracy import Accuracy, evaluate
    from hrm_probe.reasoning.solving.arc_score import ArcScore, arc_score
    from hrm_probe.reasoning.state_space.attractors import AttractorSearch, attractors
    from hrm_probe.reasoning.state_space.fixed_points import FixedPointSearch, fixed_points
    from hrm_probe.reasoning.state_space.state_landscape import StateLandscape, state_landscape
    from hrm_probe.reasoning.timing.jumps import Jumps, jumps
    from hrm_probe.reasoning.timing.lens import Lens, lens
    from hrm_probe.reasoning.trapping.modes import Modes, modes
    from hrm_probe.reasoning.trapping.traps import Traps, traps

__all__ = [
    "Accuracy",
    "ArcScore",
    "Attention",
    "AttractorSearch",
    "Blanks",
    "ComparedAnswers",
    "Curves",
    "DeductionOrder",
    "Dimensions",
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
    "Locality",
    "Modes",
    "Nudges",
    "Particles",
    "PatchSweep",
    "PathGrowth",
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
    "compare_answers",
    "decoded",
    "deduction_order",
    "dimensions",
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
    "locality",
    "modes",
    "nudges",
    "one_clue_changed",
    "particles",
    "patch_sweep",
    "path_growth",
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

# No folder has the name of a function: importing it would put it in the function's place.
_HOMES = {
    "Accuracy": "solving.accuracy",
    "ArcScore": "solving.arc_score",
    "Attention": "heads.attention",
    "AttractorSearch": "state_space.attractors",
    "Blanks": "easy.blanks",
    "ComparedAnswers": "comparing",
    "Curves": "runs.curves",
    "DeductionOrder": "deducing.deduction_order",
    "Dimensions": "inside.dimensions",
    "Exclusion": "deducing.exclusion",
    "FixedPointSearch": "state_space.fixed_points",
    "FollowedThrough": "deducing.follow_through",
    "Guesses": "guessing.guesses",
    "HeldBack": "deducing.hold_back",
    "Interventions": "inside.interventions",
    "Invariance": "guessing.invariance",
    "Jumps": "timing.jumps",
    "Keeping": "easy.keeping",
    "Leaks": "heads.leaks",
    "Lens": "timing.lens",
    "Locality": "inside.locality",
    "Modes": "trapping.modes",
    "Nudges": "guessing.nudges",
    "Particles": "guessing.particles",
    "PatchSweep": "inside.patch_sweep",
    "PathGrowth": "deducing.path_growth",
    "Probes": "inside.probes",
    "Residuals": "resting.residuals",
    "SegmentMap": "runs.flattening",
    "SingleBlank": "easy.single_blank",
    "Standoffs": "deducing.standoffs",
    "StateLandscape": "state_space.state_landscape",
    "Supposed": "deducing.suppose",
    "Traps": "trapping.traps",
    "Wandering": "resting.wandering_result",
    "arc_score": "solving.arc_score",
    "attention": "heads.attention",
    "attractors": "state_space.attractors",
    "blanked": "easy.easy_puzzles",
    "blanks": "easy.blanks",
    "checkpoint_guesses": "guessing.checkpoint_guesses",
    "compare_answers": "comparing",
    "decoded": "runs.flattening",
    "deduction_order": "deducing.deduction_order",
    "dimensions": "inside.dimensions",
    "evaluate": "solving.accuracy",
    "exclusion": "deducing.exclusion",
    "fixed_points": "state_space.fixed_points",
    "follow": "runs.curves",
    "follow_through": "deducing.follow_through",
    "guesses": "guessing.guesses",
    "hold_back": "deducing.hold_back",
    "interventions": "inside.interventions",
    "invariance": "guessing.invariance",
    "jumps": "timing.jumps",
    "leaks": "heads.leaks",
    "lens": "timing.lens",
    "locality": "inside.locality",
    "modes": "trapping.modes",
    "nudges": "guessing.nudges",
    "one_clue_changed": "inside.clue_pairs",
    "particles": "guessing.particles",
    "patch_sweep": "inside.patch_sweep",
    "path_growth": "deducing.path_growth",
    "probes": "inside.probes",
    "published_count": "guessing.checkpoint_guesses",
    "residuals": "resting.residuals",
    "row_masking": "easy.stability",
    "segment_by_segment": "runs.curves",
    "segment_map": "runs.flattening",
    "single_blank": "easy.single_blank",
    "single_blanks": "easy.easy_puzzles",
    "solved_grids": "easy.stability",
    "stability": "easy.stability",
    "standoffs": "deducing.standoffs",
    "state_landscape": "state_space.state_landscape",
    "suppose": "deducing.suppose",
    "traced_curves": "runs.traced",
    "traps": "trapping.traps",
    "wandering": "resting.wandering",
    "with_masked": "easy.easy_puzzles",
}

__getattr__, __dir__ = attached(__name__, _HOMES)
