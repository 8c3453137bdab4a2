"""The two inner loops of every score, binary entropy and the mean over a clipped window,
each once for the CPU and once for any device.

On the CPU, OpenCV's logarithm and running box sums work frame by frame on the tensors' own
memory, in one thread: the fastest there, nobody else's threads are waited for, and a frame's
numbers depend neither on its company nor on the number of threads. Elsewhere torch's
separable pooling works on whole batches. Both agree to rounding; float64 stays float64
(where the device has it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

_TINY = {torch.float32: 1e-38, torch.float64: 1e-300}


class Kernels(Protocol):
    """How entropies and window means are computed for frames of one size, under one mask
    (bool H×W, True = excluded)."""

    def zeros(self) -> Tensor:
        """Contiguous zeros N×H×W."""
        ...

    def parts(self, tensor: Tensor) -> Iterator[Tensor]:
        """Views of N×H×W that are worked on at a time."""
        ...

    def add(self, total: Tensor, values: Tensor, scale: float) -> None:
        """total += scale · values, in place."""
        ...

    def subtract_entropy(self, total: Tensor, p: Tensor, weight: float) -> None:
        """total −= weight · H(p), in place; H in nats, H(0) = H(1) = 0 exactly. p in [0, 1]."""
        ...

    def window_mean(self, values: Tensor, radius: int) -> Tensor:
        """Mean of `values` over the (2·radius+1)² window around every pixel, clipped to the
        picture and to the pixels that the mask leaves. Where nothing is left: 0."""
        ...

    def finish(self, total: Tensor) -> Tensor:
        """max(0, −total), in place, and 0 where the mask excludes. Scores are never below 0:
        less is a rounding error."""
        ...


MakeKernels = Callable[[Tensor, Tensor | None], Kernels]


def kernels_for(like: Tensor, mask: Tensor | None) -> Kernels:
    """The faster kernels for a tensor's device."""
    return CpuKernels(like, mask) if like.device.type == "cpu" else TorchKernels(like, mask)


class CpuKernels:
    """OpenCV on H×W, one frame at a time. `window_mean` returns the same memory each time."""

    def __init__(self, like: Tensor, mask: Tensor | None) -> None:
        self._like = like.numpy()
        kind = self._like.dtype
        # An array, as OpenCV mistakes scalars for arrays where a picture is one pixel large.
        self._tiny = np.full(like.shape[-2:], _TINY[like.dtype], kind)
        self._mean = torch.empty(like.shape[-2:], dtype=like.dtype)
        self._log, self._rest, self._valid = (self._tiny.copy() for _ in range(3))
        self._free = None if mask is None else (~mask.numpy()).astype(kind)
        self._counts: dict[int, NDArray[np.floating]] = {}

    def zeros(self) -> Tensor:
        return torch.from_numpy(np.zeros(self._like.shape, self._like.dtype))

    def parts(self, tensor: Tensor) -> Iterator[Tensor]:
        return (frame.contiguous() for frame in tensor)

    def add(self, total: Tensor, values: Tensor, scale: float) -> None:
        into = total.numpy()
        cv2.scaleAdd(values.numpy(), scale, into, into)

    def subtract_entropy(self, total: Tensor, p: Tensor, weight: float) -> None:
        into, pixels = total.numpy(), p.numpy()
        for z in (pixels, np.subtract(1, pixels, out=self._rest)):
            # z·ln(max(z, tiny)) is exactly 0 at 0, where z·ln(z) would be NaN.
            cv2.log(cv2.max(z, self._tiny, self._log), self._log)
            if weight != 1:
                self._log *= weight
            cv2.accumulateProduct(self._log, z, into)

    def window_mean(self, values: Tensor, radius: int) -> Tensor:
        source, mean = values.numpy(), self._mean.numpy()
        if self._free is not None:
            source = np.multiply(source, self._free, out=self._valid)
        _box_sum(source, radius, mean)
        np.divide(mean, self._count(radius), out=mean)
        return self._mean

    def finish(self, total: Tensor) -> Tensor:
        scores = total.numpy()
        np.negative(scores, out=scores)
        np.maximum(scores, 0, out=scores)
        if self._free is not None:
            scores *= self._free
        return total

    def _count(self, radius: int) -> NDArray[np.floating]:
        if self._free is None:
            return _window_sizes(*self._tiny.shape, radius, self._tiny.dtype)
        if radius not in self._counts:
            counts = np.empty_like(self._free)
            _box_sum(self._free, radius, counts)
            self._counts[radius] = np.maximum(counts, 1)
        return self._counts[radius]


def _box_sum(values: NDArray[np.floating], radius: int, out: NDArray[np.floating]) -> None:
    # OpenCV's running sums are float64 whatever goes in and comes out.
    height, width = values.shape
    size = (2 * min(radius, width - 1) + 1, 2 * min(radius, height - 1) + 1)
    cv2.boxFilter(values, -1, size, out, normalize=False, borderType=cv2.BORDER_CONSTANT)


@lru_cache(maxsize=16)
def _window_sizes(
    height: int, width: int, radius: int, dtype: np.dtype[np.floating]
) -> NDArray[np.floating]:
    sizes = [
        np.minimum(at + radius, n - 1) - np.maximum(at - radius, 0) + 1
        for n in (height, width)
        for at in (np.arange(n),)
    ]
    return np.outer(*sizes).astype(dtype)


class TorchKernels:
    """Plain torch on N×H×W, on any device."""

    def __init__(self, like: Tensor, mask: Tensor | None) -> None:
        self._like, self._mask = like, mask
        self._tiny = _TINY[like.dtype]

    def zeros(self) -> Tensor:
        return torch.zeros_like(self._like, memory_format=torch.contiguous_format)

    def parts(self, tensor: Tensor) -> Iterator[Tensor]:
        return iter((tensor,))

    def add(self, total: Tensor, values: Tensor, scale: float) -> None:
        total.add_(values, alpha=scale)

    def subtract_entropy(self, total: Tensor, p: Tensor, weight: float) -> None:
        # A mean of float32 ones may exceed 1 by rounding.
        for z in (p, (1 - p).clamp_(min=0)):
            total.addcmul_(z.clamp(min=self._tiny).log_(), z, value=weight)

    def window_mean(self, values: Tensor, radius: int) -> Tensor:
        if self._mask is None:
            return _pooled(values, radius)
        free = (~self._mask).to(values.dtype)
        share = _pooled(free[None], radius)
        mean = _pooled(values * free, radius) / share
        # Rounding leaves a share of almost nothing nowhere: it is a multiple of 1/window.
        return torch.where(share > 0, mean, 0)

    def finish(self, total: Tensor) -> Tensor:
        total.neg_().clamp_(min=0)
        return total if self._mask is None else total.masked_fill_(self._mask, 0)


def _pooled(values: Tensor, radius: int) -> Tensor:
    """Means over rows, then over columns. Clipped windows are rectangles, so the mean of
    means is the mean."""
    height, width = values.shape[-2:]
    rows, columns = min(radius, height - 1), min(radius, width - 1)
    pooled = values[:, None]
    for padding in ((rows, 0), (0, columns)):
        kernel = (2 * padding[0] + 1, 2 * padding[1] + 1)
        pooled = avg_pool2d(pooled, kernel, 1, padding, count_include_pad=False)
    return pooled[:, 0]
