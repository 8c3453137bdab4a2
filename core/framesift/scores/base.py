"""What a pixel score is: the interface of the family, and how probability maps reach it.

Maps come as a dense tensor N×K×H×W or as a lazy `ProbabilityMaps`; a score takes them one
map at a time, so that K may be large. Probabilities lie in [0, 1] at working resolution.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from framesift.errors import InputError
from framesift.product.lazy import lazy_module
from framesift.records.settings import setting, to_plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector

    Mask: TypeAlias = Tensor | NDArray[np.bool_]
    Maps: TypeAlias = "Tensor | MapStack"
else:
    np = lazy_module("numpy")


@runtime_checkable
class MapStack(Protocol):
    """K probability maps of N frames, one at a time: what `ProbabilityMaps` offers."""

    def __len__(self) -> int: ...

    def map(self, k: int) -> Tensor:
        """Map k of every frame: N×H×W in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class DenseMaps:
    """A dense tensor N×K×H×W in the shape of a MapStack."""

    tensor: Tensor

    def __len__(self) -> int:
        return self.tensor.shape[1]

    def map(self, k: int) -> Tensor:
        return self.tensor[:, k]


def as_stack(maps: Maps) -> MapStack:
    """The maps, whatever their form. Raises ValueError for a tensor that is not N×K×H×W of
    floating numbers, or without a single map."""
    from torch import Tensor

    if isinstance(maps, Tensor):
        if maps.ndim != 4 or not maps.is_floating_point():
            raise ValueError(
                "probability maps are a floating tensor N×K×H×W, not "
                f"{maps.dtype} of shape {tuple(maps.shape)}"
            )
        maps = DenseMaps(maps)
    if len(maps) == 0:
        raise ValueError("there is no probability map to score")
    return maps


def working(maps: Tensor) -> Tensor:
    """One map in a precision fit for logarithms: float64 stays, all else becomes float32."""
    import torch

    maps = maps.detach()
    return maps if maps.dtype in (torch.float32, torch.float64) else maps.float()


def as_mask(mask: Mask | None, like: Tensor) -> Tensor | None:
    """A mask as bool tensor H×W on the device of `like` (…×H×W); None when nothing is
    excluded. Raises InputError when its shape is another or no pixel is left."""
    if mask is None:
        return None
    import torch
    from torch import Tensor

    # In numpy, as torch would wait for its threads.
    array = mask.cpu().numpy() if isinstance(mask, Tensor) else np.asarray(mask)
    array = np.ascontiguousarray(array, np.bool_)
    if array.shape != like.shape[-2:]:
        size, picture = (
            f"{s[-1]}×{s[-2]}" if len(s) > 1 else str(s) for s in (array.shape, like.shape)
        )
        raise InputError(
            f"The mask is {size} pixels and the picture {picture}; "
            "draw one of the picture's size."
        )
    if not array.any():
        return None
    if array.all():
        raise InputError("The mask covers the whole picture; leave some of it free.")
    return torch.from_numpy(array).to(like.device)


def as_weights(weights: Sequence[float] | None, count: int) -> list[float]:
    """One weight ≥ 0 per map; ones by default. Raises ValueError otherwise."""
    if weights is None:
        return [1.0] * count
    if len(weights) != count or any(not 0 <= w < float("inf") for w in weights):
        raise ValueError(f"{count} maps need {count} finite weights ≥ 0, not {weights}")
    return [float(w) for w in weights]


def map_names(stack: MapStack) -> Sequence[tuple[Any, str]]:
    """(level, class) of each map, as ProbabilityMaps names them; the class is empty for a map
    that all share."""
    names: Sequence[tuple[Any, str]] = getattr(stack, "names")  # noqa: B009
    return names


def walk(
    maps: MapStack,
    weights: Sequence[float] | None,
) -> Iterator[tuple[int, float, Tensor]]:
    """(k, weight, map N×H×W) of the maps that count, one at a time; at least one. Maps of
    weight 0 are never computed. Raises ValueError when no map counts."""
    each = as_weights(weights, len(maps))
    if not any(each):
        raise ValueError("every map has weight 0")
    for k, weight in enumerate(each):
        if weight > 0:
            yield k, weight, working(maps.map(k))


def flip_setting() -> Any:
    """The field of test-time flipping, which several members have."""
    return setting(
        False,
        title="Look at the mirror image, too",
        help="average over each frame and its mirror image, at twice the time; the paper does",
        key="mirror",
    )


class Score(ABC):
    """A member of the family: makes pixel scores of frames with a detector.

    name: its key in SCORES. title: for lists in the window. description: one line for --help
    and documentation. params: the dataclass of the settings that it alone has. needs: what a
    detector must have (see framesift.selection.Strategy). cost: forward passes a frame, in
    words. failure: which kind of failure it looks for. one_look: all that it needs are the maps
    of `detector.infer(frames, flip=params.flip)`; what derives from a class says so anew.
    """

    name: str
    title: str
    description: str
    params: type[Any]
    needs: tuple[str, ...] = ("maps",)
    cost: str = "1"
    failure: str = "false positives and misses"
    one_look: bool = False

    @abstractmethod
    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], params: Any
    ) -> Sequence[MapStack]:
        """The maps it needs of frames uint8 N×H×W×3: one stack, or one per pass."""

    @abstractmethod
    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: Any,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        """Pixel scores N×H×W ≥ 0 of such maps; 0 where the mask excludes."""

    def fitted(self, params: Any, detector: Detector) -> Any:
        """The settings with what they leave to the detector filled in."""
        return params

    def recipe(self, params: Any) -> dict[str, Any]:
        """What its numbers depend on, JSON-able."""
        return to_plain(params, recipe=True)
