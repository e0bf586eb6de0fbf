"""Do very easy puzzles fail, and does what is solved stay solved?"""
