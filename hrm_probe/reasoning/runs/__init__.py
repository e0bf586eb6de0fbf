"""How a model is run for a question, and what is read of each run: curves, reads, outcomes, held cells."""
