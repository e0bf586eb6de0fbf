"""The one exception that means: the user can fix this."""


class InputError(ValueError):
    """Bad input, explained in one clear sentence: what was wrong, and what to do about it.

    The command line prints the sentence on stderr and exits with status 2; in Python it is an ordinary
    ``ValueError``.
    """
