"""A head that predicts how many objects a detector misses in each coarse cell.

What it learns from costs no training of its own: the misses of a detector on labelled frames
that it has not learnt from: the detector of the cycle before on what was labelled since, or a
first detector on drawn frames that were left out of its training. A miss is a label that no box
matches (IoU ≥ ½, best score first) at the threshold with one false positive a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from framesift.boxes import Box, Prediction
from framesift.detectors.heads import CellHead, coarse
from framesift.training.head_fitting import Cells, Learnt, fitted_cells
from framesift.training.head_frames import Seen, matches

if TYPE_CHECKING:
    from framesift.detectors.maps import WorkingSize


@dataclass(frozen=True, slots=True, eq=False)
class Missing:
    """What a frame is kept as until all have been looked at: coarse features float32 C×r×c."""

    cells: Tensor
    unseen: Prediction
    boxes: tuple[Box, ...]
    size: WorkingSize
    video: str

    def counted(self, threshold: float) -> Cells:
        """With the misses at a threshold."""
        boxes = missed(self.unseen, self.boxes, threshold)
        return Cells(self.cells, grid(boxes, self.size, self.cells), self.video)


class Misses:
    """Trains the head."""

    noun = "misses"

    def example(self, seen: Seen) -> Missing:
        return Missing(
            coarse(seen.features[None])[0], seen.unseen, seen.boxes, seen.size, seen.video
        )

    def fit(
        self, frames: Sequence[Missing], others: Sequence[Missing], seed: int
    ) -> tuple[CellHead, int, Learnt]:
        """The head, how many misses it learnt from, and how it came out."""
        threshold = threshold_at_one_false([(f.unseen, f.boxes) for f in (*frames, *others)])
        learnt, held = ([f.counted(threshold) for f in some] for some in (frames, others))
        head, step, loss = fitted_cells(learnt, held, poisson, seed)
        mean = torch.stack([f.target.mean() for f in learnt]).mean().clamp(min=1e-6)
        constant = float(np.mean([float(poisson(mean, f.target)) for f in held]))
        count = round(sum(float(f.target.sum()) for f in learnt))
        return head, count, Learnt(step, loss, constant)


def threshold_at_one_false(frames: Sequence[tuple[Prediction, Sequence[Box]]]) -> float:
    """The score above which there is one false positive a frame in the mean; 0 where there are
    fewer at any."""
    false = np.concatenate(
        [prediction.scores[matches(prediction, boxes) == -1] for prediction, boxes in frames]
    )
    if len(false) <= len(frames):
        return 0.0
    return float(np.sort(false)[::-1][len(frames)])


def missed(prediction: Prediction, boxes: Sequence[Box], threshold: float) -> list[Box]:
    """The labels (no ignore regions) that no box above the threshold matches."""
    matched = matches(prediction, boxes)
    seen = {*matched[prediction.scores > threshold].tolist()}
    return [box for n, box in enumerate(boxes) if not box.ignore and n not in seen]


def grid(boxes: Sequence[Box], size: WorkingSize, cells: Tensor) -> Tensor:
    """How many boxes have their middle in each coarse cell: float32 r×c."""
    counts = torch.zeros(cells.shape[1:])
    rows, columns = counts.shape
    for box in boxes:
        x = (box.x1 + box.x2) / 2 * size.scale_x / size.padded[1]
        y = (box.y1 + box.y2) / 2 * size.scale_y / size.padded[0]
        row, column = (
            min(max(int(v), 0), n - 1) for v, n in ((y * rows, rows), (x * columns, columns))
        )
        counts[row, column] += 1
    return counts


def poisson(rate: Tensor, count: Tensor) -> Tensor:
    """Mean over cells of −log-likelihood but for its constant."""
    return (rate - count * torch.log(rate + 1e-8)).mean()
