"""Pictures: one function each, arrays in, ``ax`` or plotly figure out. Nothing here runs a model.

What draws the answers to one question stands in a file of that question's name.
"""

from hrm_probe.plots import style
from hrm_probe.plots.accuracy import accuracy_by_segment, accuracy_figure
from hrm_probe.plots.answers import answer_figure, has_picture
from hrm_probe.plots.arrivals import jump_shares
from hrm_probe.plots.attention import blocked_bars, broken_map, carried_map, looks_map
from hrm_probe.plots.attractors import basin_bars, landscape_pair
from hrm_probe.plots.blanks import blank_curves, blank_figure
from hrm_probe.plots.cells import gaze_board
from hrm_probe.plots.changes import change_marks
from hrm_probe.plots.deduction import arrival_by_round, delay_points, order_shares, right_by_round
from hrm_probe.plots.dimensions import dimension_marks, dimensions_by_segment, dimensions_by_tasks
from hrm_probe.plots.exclusion import conviction_points, excluded_points, exclusion_curves, standoff_curves
from hrm_probe.plots.film import draw_board, film_strip
from hrm_probe.plots.forks import conclusions_in_time, followed_curves, refuted_curves
from hrm_probe.plots.interventions import ablated_marks, meddled_marks
from hrm_probe.plots.invariance import invariance_marks
from hrm_probe.plots.jumps import (
    align,
    aligned_curves,
    curves_and_average,
    jump_figure,
    jump_raster,
    mean_curve,
)
from hrm_probe.plots.leaks import leak_curves, leak_shares
from hrm_probe.plots.lens import arrival_curves, lens_curves
from hrm_probe.plots.locality import influence_by_step, locality_by_step, locality_marks
from hrm_probe.plots.mazes import maze_board, way_by_read
from hrm_probe.plots.modes import mode_curves, mode_figure, mode_shares
from hrm_probe.plots.nudges import nudge_curves
from hrm_probe.plots.page import Section, Statement, Story, interactive_page
from hrm_probe.plots.particles import foresight_curves, steering_curves
from hrm_probe.plots.patching import patch_map
from hrm_probe.plots.plain_page import Picture, Table, picture_page
from hrm_probe.plots.plane import PlaneView, plane_figure, trajectory_plane
from hrm_probe.plots.probes import probe_curves
from hrm_probe.plots.residuals import residual_curves
from hrm_probe.plots.single_blank import single_blank_map, single_blank_marks
from hrm_probe.plots.style import DOUBLE_COLUMN, SINGLE_COLUMN, new_figure
from hrm_probe.plots.tabulating import number_tables
from hrm_probe.plots.votes import vote_curves

__all__ = [
    "DOUBLE_COLUMN",
    "SINGLE_COLUMN",
    "Picture",
    "PlaneView",
    "Section",
    "Statement",
    "Story",
    "Table",
    "ablated_marks",
    "accuracy_by_segment",
    "accuracy_figure",
    "align",
    "aligned_curves",
    "answer_figure",
    "arrival_by_round",
    "arrival_curves",
    "basin_bars",
    "blank_curves",
    "blank_figure",
    "blocked_bars",
    "broken_map",
    "carried_map",
    "change_marks",
    "conclusions_in_time",
    "conviction_points",
    "curves_and_average",
    "delay_points",
    "dimension_marks",
    "dimensions_by_segment",
    "dimensions_by_tasks",
    "draw_board",
    "excluded_points",
    "exclusion_curves",
    "film_strip",
    "followed_curves",
    "foresight_curves",
    "gaze_board",
    "has_picture",
    "influence_by_step",
    "interactive_page",
    "invariance_marks",
    "jump_figure",
    "jump_raster",
    "jump_shares",
    "landscape_pair",
    "leak_curves",
    "leak_shares",
    "lens_curves",
    "locality_by_step",
    "locality_marks",
    "looks_map",
    "maze_board",
    "mean_curve",
    "meddled_marks",
    "mode_curves",
    "mode_figure",
    "mode_shares",
    "new_figure",
    "nudge_curves",
    "number_tables",
    "order_shares",
    "patch_map",
    "picture_page",
    "plane_figure",
    "probe_curves",
    "refuted_curves",
    "residual_curves",
    "right_by_round",
    "single_blank_map",
    "single_blank_marks",
    "standoff_curves",
    "steering_curves",
    "style",
    "trajectory_plane",
    "vote_curves",
    "way_by_read",
]
