"""Fixed points and attractors of one puzzle: how many there are, and which are right."""
