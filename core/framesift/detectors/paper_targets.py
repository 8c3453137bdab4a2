"""What the paper's detector is trained towards: targets, sampled negatives, eq. 7.

The grid of the targets is each level's own logit grid (stride 8 or 4 working pixels), not the
image: cell (i, j) stands for the box of that level centred on (j + ½, i + ½)·stride, which is
where half-pixel bilinear resizing puts that logit. Against targets at every pixel this costs
nothing (the smallest box tolerates shifts of a third of its side, several cells) and needs
neither 300,000 logits a level nor gradients through the resizing.

At level k a cell is positive where the box centred there, clipped to the picture as decoded
boxes are, has IoU ≥ 0.5 with a label; without loss where the best IoU is in [0.35, 0.5);
negative elsewhere. A label that reaches 0.5 nowhere makes its best cell of its best level
positive. Ignore regions, and labels outside the height and aspect filters, take the loss from
cells whose centre they hold, whose box is half covered by them or reaches 0.35 with them,
unless another label makes the cell positive. A denied box, of which somebody said that it is no
object's, makes cells negative whose box reaches 0.5 with it, ignore regions or not, unless a
label makes the cell positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from framesift.boxes import Box
from framesift.detectors.loss_settings import LossSettings

POSITIVE, NEGATIVE, NO_LOSS = 1, 0, -1


@dataclass(frozen=True, slots=True)
class Grid:
    """One level's logit grid: cells h×w, `stride` working pixels apart, box (height, width)."""

    cells: tuple[int, int]
    stride: float
    box: tuple[float, float]

    def spans(self, picture: tuple[int, int]) -> tuple[NDArray[np.float64], ...]:
        """(y1, y2, x1, x2) of the boxes by row and by column, clipped to the picture."""
        y = (np.arange(self.cells[0]) + 0.5) * self.stride
        x = (np.arange(self.cells[1]) + 0.5) * self.stride
        (height, width), (bottom, right) = self.box, picture
        return (
            np.clip(y - height / 2, 0, bottom),
            np.clip(y + height / 2, 0, bottom),
            np.clip(x - width / 2, 0, right),
            np.clip(x + width / 2, 0, right),
        )


def overlaps(
    grid: Grid, picture: tuple[int, int], box: Box
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """IoU with `box`, and the covered share, of the boxes centred on the cells: h×w each."""
    y1, y2, x1, x2 = grid.spans(picture)
    rows = np.clip(np.minimum(y2, box.y2) - np.maximum(y1, box.y1), 0, None)
    columns = np.clip(np.minimum(x2, box.x2) - np.maximum(x1, box.x1), 0, None)
    shared = rows[:, None] * columns[None]
    area = np.maximum((y2 - y1)[:, None] * (x2 - x1)[None], 1e-9)
    return shared / (area + box.width * box.height - shared), shared / area


def _centres_inside(grid: Grid, box: Box) -> NDArray[np.bool_]:
    y = (np.arange(grid.cells[0]) + 0.5) * grid.stride
    x = (np.arange(grid.cells[1]) + 0.5) * grid.stride
    return ((y >= box.y1) & (y < box.y2))[:, None] & ((x >= box.x1) & (x < box.x2))[None]


def targets(
    labels: Sequence[Box],
    classes: Sequence[str],
    grids: Sequence[Grid],
    picture: tuple[int, int],
    settings: LossSettings,
) -> list[NDArray[np.int8]]:
    """Per level int8 C×h×w of 1 (positive), 0 (negative), −1 (no loss) for one picture of
    `picture` (height, width) working pixels. An ignore region whose category is none of the
    classes holds for all of them; any other label of a foreign category is background."""
    out = [np.zeros((len(classes), *g.cells), np.int8) for g in grids]
    sure = [np.zeros((len(classes), *g.cells), np.bool_) for g in grids]
    for label in sorted(labels, key=lambda label: label.denied):
        box = label.clipped(picture[1], picture[0])
        if box.width <= 0 or box.height <= 0:
            continue
        known = label.category in classes
        columns = [classes.index(label.category)] if known else list(range(len(classes)))
        kept = settings.keeps(box)
        small = known and not kept and settings.filtered == "ignore"
        if label.ignore or (small and not label.denied):
            for level, grid in enumerate(grids):
                iou, covered = overlaps(grid, picture, box)
                spared = (
                    (covered >= 0.5)
                    | (iou >= settings.negative_iou)
                    | _centres_inside(grid, box)
                )
                for c in columns:
                    out[level][c][spared] = NO_LOSS
        elif label.denied and known:
            for level, grid in enumerate(grids):
                iou, _ = overlaps(grid, picture, box)
                out[level][columns[0]][iou >= settings.positive_iou] = NEGATIVE
        elif known and kept:
            _mark(out, sure, columns[0], grids, picture, box, settings)
    for target, certain in zip(out, sure, strict=True):
        target[certain] = POSITIVE
    return out


def _mark(
    out: list[NDArray[np.int8]],
    sure: list[NDArray[np.bool_]],
    column: int,
    grids: Sequence[Grid],
    picture: tuple[int, int],
    box: Box,
    settings: LossSettings,
) -> None:
    best, place = -1.0, (0, 0)
    reached = False
    for level, grid in enumerate(grids):
        iou, _ = overlaps(grid, picture, box)
        positive = iou >= settings.positive_iou
        reached = reached or bool(positive.any())
        sure[level][column] |= positive
        out[level][column][iou >= settings.negative_iou] = NO_LOSS
        if iou.max() > best:
            best, place = float(iou.max()), (level, int(iou.argmax()))
    if not reached:
        level, cell = place
        sure[level][column].reshape(-1)[cell] = True


def sampled_loss(
    logits: Sequence[Tensor],
    goals: Sequence[Tensor],
    settings: LossSettings,
    generator: torch.Generator,
) -> Tensor:
    """Eq. 7 without its weight decay (which is the optimiser's).

    `logits` per level N×C×h×w; `wanted` the targets of the same shapes. Sigmoid cross-entropy
    summed over all positives and the sampled negatives of the whole batch, all levels
    together, divided by the number of cells it was summed over: the expectation per sampled
    cell, whose scale depends neither on the batch size nor on how many people it shows. A
    batch without positives draws the negatives of one. `generator`: of the CPU.
    """
    flat = torch.cat([level.reshape(-1) for level in logits]).float()
    target = torch.cat([level.reshape(-1) for level in goals]).to(flat.device)
    positive = torch.nonzero(target == POSITIVE)[:, 0]
    negative = torch.nonzero(target == NEGATIVE)[:, 0]
    draw = min(round(settings.n2p * max(1, len(positive))), len(negative))
    hard = round(draw * settings.hard_fraction)
    parts = [positive]
    if hard:
        order = flat.detach()[negative].topk(hard).indices
        parts.append(negative[order])
        spared = torch.ones(len(negative), dtype=torch.bool, device=flat.device)
        spared[order] = False
        negative = negative[spared]
    lot = torch.randperm(len(negative), generator=generator)[: draw - hard]
    parts.append(negative[lot.to(flat.device)])
    chosen = torch.cat(parts)
    if not len(chosen):
        return flat.sum() * 0.0
    truth = (target[chosen] == POSITIVE).float()
    return F.binary_cross_entropy_with_logits(flat[chosen], truth)
