"""Mazes: tasks with rules of their own, in the tokens of the published ones."""

from hrm_probe.mazes.anatomy import Anatomy, anatomy, is_way
from hrm_probe.mazes.dead_ends import filling_rounds
from hrm_probe.mazes.generator import KINDS, generate
from hrm_probe.mazes.routes import Ways, neighbours, ways
from hrm_probe.mazes.solver import Solutions, solve, with_wall_in_the_way
from hrm_probe.mazes.tokens import GOAL, PATH, SPACE, START, WALL, picture

__all__ = [
    "GOAL",
    "KINDS",
    "PATH",
    "SPACE",
    "START",
    "WALL",
    "Anatomy",
    "Solutions",
    "Ways",
    "anatomy",
    "filling_rounds",
    "generate",
    "is_way",
    "neighbours",
    "picture",
    "solve",
    "ways",
    "with_wall_in_the_way",
]
