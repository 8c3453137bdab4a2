"""What signals share that read a head: which one it is, and that it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from framesift.errors import InputError
from framesift.product.lazy import lazy_module
from framesift.scores.frame_signal import Measured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.detectors.heads import CellHead, Head
    from framesift.detectors.maps import WorkingSize
    from framesift.detectors.mixture_head import MixtureHead
    from framesift.scores.frame_signal import Batch

    OfHead = TypeVar("OfHead", CellHead, MixtureHead)
else:
    np = lazy_module("numpy")


def needed(detector: Detector, name: str, what: str) -> Head:
    """The head of that name. Raises InputError where the detector has none; `what`: it does."""
    head = detector.heads.get(name)
    if head is None:
        raise InputError(
            f"The detector {detector.name!r} has no head that {what}; train one "
            f"with `framesift train-head --head {name}`, or choose another strategy."
        )
    return head


def with_features(batch: Batch, name: str, kind: type[OfHead]) -> tuple[OfHead, Tensor]:
    """A head and the features N×C×h×w that it sees, on one device. Raises InputError where the
    one does not fit the other."""
    features = batch.detector.features(batch.frames)
    head = batch.detector.heads[name]
    if features is None or not isinstance(head, kind) or features.shape[1] != len(head.mean):
        raise InputError(
            f"The head {name} of {batch.detector.name!r} does not fit what its network shows "
            "of frames here; use --backend torch, or train the head anew."
        )
    return head.to(features.device), features


def cells_of(batch: Batch, name: str) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """By frame what a head says of each coarse cell: boxes float64 M×4 in native pixels, and
    values float64 M ≥ 0, NaN where a mask holds the cell's middle."""
    import torch

    from framesift.detectors.heads import CellHead, coarse

    head, features = with_features(batch, name, CellHead)
    with torch.no_grad():
        cells = head(coarse(features)).double().cpu().numpy()
    size = batch.detector.geometry(*batch.frames.shape[1:3])
    return [_placed(frame, size, batch.counting.mask) for frame in cells]


def _placed(
    cells: NDArray[np.float64], size: WorkingSize, mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cells r×c of the padded working size."""
    rows, columns = cells.shape
    high, wide = size.padded[0] / rows, size.padded[1] / columns
    y, x = np.divmod(np.arange(cells.size), columns)
    working = np.stack([x * wide, y * high, (x + 1) * wide, (y + 1) * high], 1)
    boxes, values = size.to_native(working), cells.reshape(-1).copy()
    if mask is not None:
        at = ((boxes[:, :2] + boxes[:, 2:]) / 2).astype(int)
        across, down = np.minimum(at, np.array(mask.shape[::-1]) - 1).T
        values[mask[down, across]] = np.nan
    return boxes, values


def summed(boxes: NDArray[np.float64], values: NDArray[np.float64]) -> Measured:
    """The sum over cells that count, and where it comes from."""
    there = np.nan_to_num(values)
    return Measured(float(there.sum()), boxes, there)


def averaged(boxes: NDArray[np.float64], values: NDArray[np.float64]) -> Measured:
    """The mean over cells that count (0 where none does), and where it comes from."""
    there = values[~np.isnan(values)]
    return Measured(float(there.mean()) if len(there) else 0.0, boxes, np.nan_to_num(values))
