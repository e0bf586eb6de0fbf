"""Several processes that train one model together, and the single process as the simplest of such groups."""

import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from hrm_probe.errors import InputError

T = TypeVar("T")
TOLD_BY_LAUNCHERS = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class StoppedError(Exception):
    """Work was given up between two batches, by all processes, because one of them was asked to stop."""


class Group:
    """The processes that train one model; here the only one there is, so that nothing need be done.

    All processes hold the same weights, and each runs its share of the batch's rows. Every method but
    :meth:`rows`, :meth:`share` and :meth:`own_device` must be called by all of them, in the same order.

    >>> group = Group()
    >>> group.agree(progress=0.5, interrupted=False)
    (0.5, False)

    Attributes:
        rank: number of this process, from 0.
        size: how many there are.
    """

    rank = 0
    size = 1

    @property
    def leads(self) -> bool:
        """Whether this is the one process that writes files and speaks to the person."""
        return self.rank == 0

    def own_device(self, kind: torch.device | str) -> torch.device | str:
        """The device of this process, of the kind wanted; no other GPU is touched."""
        return kind

    def share(self, n: int) -> slice:
        """Which of ``n`` things are this process's: as many as every other's, give or take one."""
        return slice(self.rank * n // self.size, (self.rank + 1) * n // self.size)

    def rows(self, whole: Tensor) -> Tensor:
        """This process's rows of a tensor [batch, ...] that all processes have."""
        return whole[self.share(len(whole))]

    def batches(self, n: int, size: int, asked_to_stop: Callable[[], bool] | None = None) -> Iterator[slice]:
        """This process's share of ``n`` things, at most ``size`` at once, in as many batches as every other's.

        The last batch may be empty, where another process has one thing more.

        >>> list(Group().batches(5, 2))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]

        Args:
            n: things of all processes.
            size: the same in all processes.
            asked_to_stop: asked before every batch; None never stops, and agrees on nothing.

        Raises:
            StoppedError: any process was asked to stop.
        """
        own = self.share(n)
        for begin in range(own.start, own.start - (-n // self.size), size):
            if asked_to_stop is not None and self.agree(0.0, asked_to_stop())[1]:
                raise StoppedError
            yield slice(min(begin, own.stop), min(begin + size, own.stop))

    def whole(self, rows: Tensor) -> Tensor:
        """The rows of all processes as one tensor [batch, ...]; all must have equally many."""
        return rows

    def sum(self, values: Tensor) -> Tensor:
        """The sum over the processes, on the device of ``values``."""
        return values

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes."""

    def agree(self, progress: float, interrupted: bool) -> tuple[float, bool]:
        """The progress (0 or more) that the leading process sees, and whether any was interrupted."""
        return progress, interrupted

    def gather(self, value: T) -> list[T]:
        """The ``value`` of each process, by rank."""
        return [value]

    def by_leader(self, make: Callable[[], T]) -> T:
        """What ``make`` gives in the leading process, which alone calls it; an InputError in it reaches all."""
        return make()

    @contextmanager
    def united(self) -> Iterator[None]:
        """An InputError of one process inside becomes the InputError of all; no other method may be used inside.

        Without it the others would wait for ever for the one that gave up.
        """
        yield


class TorchGroup(Group):
    """More than one process, connected by ``torch.distributed``.

    Tensors travel over the backend of their device (NCCL or gloo), without making the host wait for a GPU; what
    is agreed between the hosts travels over gloo.
    """

    def __init__(self) -> None:
        self.rank = dist.get_rank()
        self.size = dist.get_world_size()

    def own_device(self, kind: torch.device | str) -> torch.device | str:
        if not str(kind).startswith("cuda"):
            return kind
        number, there_are = int(os.environ.get("LOCAL_RANK", self.rank)), torch.cuda.device_count()
        if number >= there_are:
            raise InputError(
                f"Process {number + 1} of this machine finds no CUDA device of its own: there are {there_are}; "
                "start as many processes as devices, or train with device=cpu."
            )
        torch.cuda.set_device(number)
        return torch.device("cuda", number)

    def whole(self, rows: Tensor) -> Tensor:
        parts = [torch.empty_like(rows) for _ in range(self.size)]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    def sum(self, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    # DistributedDataParallel averages in hooks of a module's forward and backward pass. Here a step is one pure
    # function that is compiled whole and calls the model once or twice: an explicit sum after it is simpler, and
    # one buffer a dtype keeps it to one operation.
    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        by_dtype: dict[torch.dtype, list[Tensor]] = {}
        for parameter in parameters:
            if parameter.grad is not None:
                by_dtype.setdefault(parameter.grad.dtype, []).append(parameter.grad)
        for gradients in by_dtype.values():
            flat = torch.cat([gradient.flatten() for gradient in gradients])
            dist.all_reduce(flat)
            flat /= self.size
            means = flat.split([gradient.numel() for gradient in gradients])
            torch._foreach_copy_(gradients, [m.view_as(g) for m, g in zip(means, gradients, strict=True)])

    def agree(self, progress: float, interrupted: bool) -> tuple[float, bool]:
        message = torch.tensor([progress if self.leads else 0.0, interrupted], dtype=torch.float64)
        dist.all_reduce(message, op=dist.ReduceOp.MAX)
        progress, any_interrupted = message.tolist()
        return progress, bool(any_interrupted)

    def gather(self, value: T) -> list[T]:
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def by_leader(self, make: Callable[[], T]) -> T:
        made: list[Any] = [None]
        with self.united():
            if self.leads:
                made = [make()]
        dist.broadcast_object_list(made, src=0, device=torch.device("cpu"))
        return made[0]

    @contextmanager
    def united(self) -> Iterator[None]:
        own: InputError | None = None
        try:
            yield
        except InputError as error:
            own = error
        errors = self.gather(None if own is None else str(own))
        told = next((error for error in errors if error is not None), None)
        if told is not None:
            raise InputError(told) from own


@contextmanager
def joined_processes() -> Iterator[Group]:
    """The group that ``torchrun`` started this process in; a group of one where it was started alone.

    >>> with joined_processes() as group:
    ...     group.size
    1

    A process group that exists already is used (it must have a backend for CPU tensors), and left as it is: whoever
    made it leaves it, by ``destroy_process_group``, after an error too, or gloo's threads may abort the process's end.
    """
    if not dist.is_available():
        yield Group()
        return
    if dist.is_initialized():
        yield TorchGroup() if dist.get_world_size() > 1 else Group()
        return
    if not all(os.environ.get(name) for name in TOLD_BY_LAUNCHERS) or os.environ["WORLD_SIZE"] == "1":
        yield Group()
        return
    import torch._dynamo  # optimizers would do so later; what is imported while a group exists may hold it for good

    on_gpus = torch.cuda.is_available() and dist.is_nccl_available()
    dist.init_process_group("cpu:gloo,cuda:nccl" if on_gpus else "gloo")
    # After an error that is not shared by all, the others wait in an operation that will never end. Leaving the
    # group tells them, and ends gloo's threads before the interpreter ends, which aborts where one of them still
    # lets go of a tensor; the group lives on while frames of the error hold it. NCCL would wait with the others:
    # there the end of this process is what tells them.
    try:
        yield TorchGroup()
    except BaseException as error:
        if isinstance(error, InputError) or not on_gpus:
            traceback.clear_frames(error.__traceback__)
            dist.destroy_process_group()
        raise
    dist.destroy_process_group()
