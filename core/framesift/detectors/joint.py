"""A part of a batch that several processes see together, each some of its frames.

A detector's loss is of all frames: its negatives are drawn from them, its denominators count
them. So the processes tell one another what the network gave for theirs, each computes the
whole loss, and its gradient goes back to the process's own frames. The sum over the processes
is then what one process computes, but for rounding.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from framesift.errors import EnvironmentProblem

if TYPE_CHECKING:
    from torch.autograd.function import FunctionCtx

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Joint:
    """A part of a batch: how many of its frames each process has (at least one), and which
    process this one is. Those of the first come first."""

    rank: int
    counts: tuple[int, ...]
    device: torch.device

    @property
    def share(self) -> float:
        """This process's share of the frames, (0, 1)."""
        return self.counts[self.rank] / sum(self.counts)

    def rows(self, tensor: Tensor) -> Tensor:
        """Those of all processes, from this one's n×…; a gradient goes to its own alone."""
        rows = tensor.detach().to(self.device).contiguous()
        parts = [rows.new_empty((count, *rows.shape[1:])) for count in self.counts]
        parts[self.rank] = rows
        for rank, part in enumerate(parts):
            with all_there():
                torch.distributed.broadcast(part, src=rank)
        parts[self.rank] = tensor.to(self.device)
        return torch.cat(parts)

    def each(self, items: Sequence[Item]) -> list[Item]:
        """The items of all processes, in their order."""
        lists: list[Sequence[Item]] = [() for _ in self.counts]
        with all_there():
            torch.distributed.all_gather_object(lists, list(items))
        return [item for some in lists for item in some]

    def added(self, tensor: Tensor) -> Tensor:
        """The sum over the processes, without gradients."""
        return _added(tensor.detach().to(self.device))

    def summand(self, loss: Tensor) -> Tensor:
        """What this process adds to a loss that each of them has computed whole: the values add
        up to the loss, the gradients to its gradient."""
        return loss - loss.detach() * (1 - self.share)

    @contextlib.contextmanager
    def layers(self, module: nn.Module) -> Iterator[None]:
        """While it is open, the layers whose output depends on the other frames of a part go by
        those of all processes: batch normalisation that takes its statistics from the frames,
        and spatial dropout, which draws for all of them."""
        kinds: dict[type[nn.Module], Callable[..., Tensor]] = {
            _BatchNorm: _normalised,
            nn.Dropout2d: self._dropped,
        }
        with contextlib.ExitStack() as changed:
            for layer in module.modules():
                for kind, forward in kinds.items():
                    if isinstance(layer, kind):
                        changed.enter_context(_by(layer, partial(forward, layer)))
            yield

    def _dropped(self, layer: nn.Dropout2d, value: Tensor) -> Tensor:
        if not layer.training or not 0 < layer.p < 1 or len(value) != self.counts[self.rank]:
            return type(layer).forward(layer, value)
        # What torch draws for so many frames, of which these are some.
        kept = value.new_empty((sum(self.counts), value.shape[1], 1, 1)).bernoulli_(1 - layer.p)
        first = sum(self.counts[: self.rank])
        return value * kept.div_(1 - layer.p)[first : first + len(value)]


@contextlib.contextmanager
def _by(layer: nn.Module, forward: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """While it is open, a layer computes something else."""
    before = layer.__dict__.get("forward")
    layer.forward = forward
    try:
        yield
    finally:
        del layer.forward
        if before is not None:
            layer.forward = before


def _normalised(layer: _BatchNorm, value: Tensor) -> Tensor:
    """Batch normalisation by the statistics of all processes' frames; torch's own
    SyncBatchNorm does without the processor."""
    if not layer.training:
        return type(layer).forward(layer, value)
    wide, places = value.float(), [0, *range(2, value.ndim)]
    size = wide.new_full((1,), value.numel() / value.shape[1])
    sums = _total(torch.cat([wide.sum(places), size]))
    count, shape = sums[-1].detach(), [1, -1] + [1] * (value.ndim - 2)
    mean = sums[:-1] / count
    centred = wide - mean.view(shape)
    variance = _total((centred * centred).sum(places)) / count
    _track(layer, mean.detach(), variance.detach() * count / (count - 1).clamp(min=1))
    out = centred * torch.rsqrt(variance + layer.eps).view(shape)
    if layer.affine:
        out = out * layer.weight.view(shape) + layer.bias.view(shape)
    return out.to(value.dtype)


@torch.no_grad()
def _track(layer: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    """Takes a batch's mean and unbiased variance into the layer's running ones."""
    if layer.running_mean is None or layer.running_var is None:
        return
    if layer.num_batches_tracked is not None:
        layer.num_batches_tracked.add_(1)
    momentum = layer.momentum
    if momentum is None:
        momentum = 1.0 / float(cast(Tensor, layer.num_batches_tracked))
    for kept, new in ((layer.running_mean, mean), (layer.running_var, variance)):
        kept.mul_(1 - momentum).add_(new.to(kept.dtype), alpha=momentum)


class _Total(torch.autograd.Function):
    """A sum over the processes, whose gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: FunctionCtx, value: Tensor) -> Tensor:
        return _added(value)

    @staticmethod
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> Tensor:
        return _added(gradients[0])


_total = cast(Callable[[Tensor], Tensor], _Total.apply)


def _added(value: Tensor) -> Tensor:
    total = value.clone(memory_format=torch.contiguous_format)
    with all_there():
        torch.distributed.all_reduce(total)
    return total


@contextlib.contextmanager
def all_there() -> Iterator[None]:
    """Around what all processes do at once. Raises EnvironmentProblem where one is gone."""
    try:
        yield
    except RuntimeError as error:
        raise EnvironmentProblem(
            "Another process of this training has ended; its own message says why."
        ) from error
