"""A head that predicts which of two frames has the larger training loss (Yoo and Kweon, CVPR
2019). Theirs sees several layers and learns along; ours sees the last features and learns
after, from the losses of a detector that has not learnt from the frames."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from framesift.detectors.heads import CellHead, coarse
from framesift.training.head_fitting import Cells, Learnt, fitted_cells
from framesift.training.head_frames import Seen

MARGIN = 1.0


class PredictedLoss:
    """Trains the head."""

    noun = "losses"

    def example(self, seen: Seen) -> Cells:
        return Cells(coarse(seen.features[None])[0], torch.tensor(seen.loss()), seen.video)

    def fit(
        self, frames: Sequence[Cells], others: Sequence[Cells], seed: int
    ) -> tuple[CellHead, int, Learnt]:
        """The head, how many losses it learnt from, and how it came out."""
        head, step, loss = fitted_cells(frames, others, of_frames, seed)
        return head, len(frames), Learnt(step, loss, MARGIN)


def of_frames(cells: Tensor, losses: Tensor) -> Tensor:
    """`ranking` of what cells N×r×c say in the mean."""
    return ranking(cells.mean((1, 2)), losses)


def ranking(predicted: Tensor, losses: Tensor) -> Tensor:
    """Mean over all pairs of frames whose losses differ of max(0, 1 − s (l̂_i − l̂_j)), s the
    sign of l_i − l_j; 1, without a gradient, where none do. Both N."""
    first, second = torch.triu_indices(len(losses), len(losses), 1)
    sign = torch.sign(losses[first] - losses[second])
    differ = sign != 0
    if not bool(differ.any()):
        return predicted.sum() * 0.0 + MARGIN
    short = MARGIN - sign * (predicted[first] - predicted[second])
    return short[differ].clamp(min=0).mean()
