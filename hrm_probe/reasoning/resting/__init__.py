"""Do runs come to rest, and what do their drifts and exponents foretell?"""
