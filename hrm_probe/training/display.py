"""What a person sees while a model trains: how far it is, its speed, the time left and its latest numbers."""

from hrm_probe import progress


class Display(progress.Display):
    """Progress, speed, time left and the latest numbers of a training, on stderr.

    >>> with Display("hrm-6x6") as display:              # doctest: +SKIP
    ...     display.update(0.5, 20.0, 60.0, "loss 0.71, accuracy 0.43")

    Args:
        title: what is training.
        silent: show and say nothing, as all processes but one where several train together.
    """

    def __init__(self, title: str, silent: bool = False) -> None:
        super().__init__(title, silent=silent)

    def update(self, progress: float, steps_per_second: float, seconds_left: float, news: str) -> None:
        """Show how things stand; ``news`` is whatever else is worth saying."""
        if self.due or progress >= 1.0:
            rate, left = f"{steps_per_second:,.1f} steps/s", f"{_clock(seconds_left)} left"
            self.show(progress, f"{progress:4.0%}", rate, left, news)


def _clock(seconds: float) -> str:
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
