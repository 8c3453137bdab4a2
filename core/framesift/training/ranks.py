"""Training by several processes that torchrun started: who is who, and what they agree on.

torchrun says in the environment which of how many a process is. Imports no torch before the
processes join.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from framesift.errors import EnvironmentProblem, InputError, first_line

if TYPE_CHECKING:
    from torch import Tensor

_NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
_PATIENCE = timedelta(days=1)
"""The others wait while the first one measures. One that dies is noticed at once, by its closed
connection and by torchrun."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Ranks:
    """One of `world_size` processes: `rank` among all, `local_rank` among those of its machine,
    all from 0. The first one alone writes files and reports."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0

    @staticmethod
    def of_environment() -> Ranks:
        """What torchrun says; one process alone where it says nothing. Raises InputError for
        what it would not say."""
        if not all(name in os.environ for name in _NAMES):
            return ALONE
        try:
            rank, size, local = (int(os.environ[name]) for name in _NAMES[:3])
        except ValueError:
            rank, size, local = -1, 0, 0
        if not 0 <= local <= rank < size:
            raise InputError(
                "RANK, WORLD_SIZE and LOCAL_RANK in the environment are not as torchrun sets "
                "them; start the command by torchrun, or unset them."
            )
        return Ranks(rank, size, local)

    @property
    def first(self) -> bool:
        return self.rank == 0

    @property
    def alone(self) -> bool:
        return self.world_size == 1

    @contextlib.contextmanager
    def joined(self) -> Iterator[None]:
        """Connects the processes: NCCL between cards, Gloo between processors. Raises
        EnvironmentProblem where they do not find one another."""
        if self.alone:
            yield
            return
        import torch
        from torch import distributed

        cards = torch.cuda.is_available() and distributed.is_nccl_available()
        try:
            distributed.init_process_group(
                "cpu:gloo,cuda:nccl" if cards else "gloo", timeout=_PATIENCE
            )
        except (RuntimeError, ValueError) as error:
            raise EnvironmentProblem(
                f"The {self.world_size} processes of this training do not find one another "
                f"({first_line(error).rstrip('.')}); see torchrun's --rdzv-endpoint."
            ) from error
        yield
        # Not where something went wrong: the others may be waiting, and the end of the process
        # tells them.
        distributed.destroy_process_group()

    def device(self, name: str) -> str:
        """The device of this process: a card of its own, or the processor. Raises InputError
        where there is none for it."""
        if self.alone or name == "cpu":
            return name
        import torch

        if name == "auto" and not torch.cuda.is_available():
            return "cpu"
        if name not in ("auto", "cuda"):
            raise InputError(
                f"Several processes cannot train on {name}: each takes a card of its own; "
                "write --device cuda or --device cpu."
            )
        count = torch.cuda.device_count()
        if self.local_rank >= count:
            raise InputError(
                f"This machine has {count} graphics cards and more processes than that; give "
                f"torchrun --nproc-per-node {max(1, count)}, or train with --device cpu."
            )
        torch.cuda.set_device(self.local_rank)
        return f"cuda:{self.local_rank}"

    def told(self, value: Value) -> Value:
        """The first process's value, in all of them."""
        if self.alone:
            return value
        from torch import distributed

        from framesift.detectors.joint import all_there

        values = [value]
        with all_there():
            distributed.broadcast_object_list(values, src=0)
        return values[0]

    def check_same(self, values: object) -> None:
        """Raises InputError where this process has other values than the first one."""
        if self.told(values) != values:
            raise InputError(
                f"Process {self.rank} has another detector, other frames or another saved "
                "state than the first one; have all machines see the same folders and run the "
                "same version of Framesift."
            )

    def any(self, wish: bool) -> bool:
        """Whether one of them wishes it."""
        if self.alone:
            return wish
        import torch

        count = torch.tensor(int(wish))
        self.add(count)
        return bool(count)

    def total(self, value: float) -> float:
        """The sum of a number over all processes."""
        import torch

        sum_of_all = torch.tensor(value, dtype=torch.float64)
        self.add(sum_of_all)
        return float(sum_of_all)

    def copy(self, tensor: Tensor) -> None:
        """The first process's values, in all of them, in place."""
        from torch import distributed

        from framesift.detectors.joint import all_there

        with all_there():
            distributed.broadcast(tensor, src=0)

    def add(self, tensor: Tensor) -> None:
        """The sum over all processes, in place; the same bits in each."""
        if self.alone:
            return
        from torch import distributed

        from framesift.detectors.joint import all_there

        with all_there():
            distributed.all_reduce(tensor)


ALONE = Ranks()
"""One process, as without torchrun."""
