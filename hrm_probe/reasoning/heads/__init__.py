"""Where attention looks, and what it is worth."""
