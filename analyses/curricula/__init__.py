"""The parts of the experiment in ../curriculum.py."""
