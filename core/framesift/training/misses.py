"""Training a head that predicts how many objects a detector misses in each coarse cell.

What it learns from costs no training of its own: the misses of a detector on labelled frames
that it has not learnt from — the detector of the cycle before on what was labelled since, or a
first detector on drawn frames that were left out of its training. A miss is a label that no box
matches (IoU ≥ ½, best score first) at the threshold with one false positive a frame. Training
stops where frames of other videos are predicted best.
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.boxes import Box, Prediction, as_array, iou
from framesift.detectors.base import Detector
from framesift.detectors.heads import CellHead, coarse
from framesift.errors import InputError
from framesift.records import Progress, RateMeter

if TYPE_CHECKING:
    from framesift.training.data import VideoSource

NAME = "predicted_misses"
MATCHED = 0.5
STEPS = 600
RATE, DECAY = 2e-3, 1e-3
BATCH = 32
PATIENCE = 200
"""Steps without a better loss on held-out frames, after which no better one is waited for."""
LEAST = 8
"""Labelled frames without which no head is trained."""


@dataclass(frozen=True, slots=True)
class HeadTrained:
    """The head, now part of the detector; how many misses it learnt from in how many frames,
    the step that it is of, and the Poisson loss there on held-out frames and of a constant."""

    frames: int
    misses: int
    step: int
    loss: float
    constant: float


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One frame: coarse features float32 C×r×c and missed objects float32 r×c; its video."""

    features: Tensor
    missed: Tensor
    video: str


def train_misses(
    detector: Detector,
    source: VideoSource,
    held_out: VideoSource | None = None,
    *,
    previous: Detector | None = None,
    seed: int = 0,
) -> Iterator[Progress | HeadTrained]:
    """Trains the head `predicted_misses` of a detector and gives it to it.

    source: labelled frames that `previous` (default: the detector itself) has not learnt from;
    held_out: others, by which it is told when to stop (default: a quarter of the videos, or of
    the frames where there is one video). Yields Progress, the HeadTrained last. Raises
    InputError for too few frames, and for a detector without features.
    """
    if len(source) < LEAST:
        raise InputError(
            f"A head needs {LEAST} labelled frames or more to learn from; there are "
            f"{len(source)}."
        )
    frames = yield from _cells(detector, previous or detector, source)
    if held_out is not None and len(held_out):
        others = yield from _cells(detector, previous or detector, held_out)
    else:
        frames, others = _parted(frames)
    head, step, loss = _fitted(frames, others, seed)
    detector.heads[NAME] = head
    mean = torch.stack([f.missed.mean() for f in frames]).mean().clamp(min=1e-6)
    constant = float(np.mean([float(_poisson(mean, f.missed)) for f in others]))
    missed = sum(float(f.missed.sum()) for f in frames)
    yield HeadTrained(len(frames), round(missed), step, loss, constant)


def _parted(frames: list[Cells]) -> tuple[list[Cells], list[Cells]]:
    """Three quarters to learn from, the rest to stop by: whole videos where there are two."""
    videos = sorted({frame.video for frame in frames})
    if len(videos) > 1:
        held = {*videos[:: max(2, min(4, len(videos)))]}
        return (
            [f for f in frames if f.video not in held],
            [f for f in frames if f.video in held],
        )
    cut = 3 * len(frames) // 4
    return frames[:cut], frames[cut:]


def _cells(
    detector: Detector, previous: Detector, source: VideoSource
) -> Generator[Progress, None, list[Cells]]:
    meter = RateMeter(len(source), "frames", "looking for misses")
    seen: list[tuple[Tensor, Prediction, Sequence[Box], int]] = []
    for index in range(len(source)):
        image = np.ascontiguousarray(source.sample(index).image[None])
        taken: list[Tensor] = []
        with detector.tapped(taken.append):
            inference = detector.infer(image, boxes=True)
        if not taken:
            raise InputError(
                f"The detector {detector.name!r} shows no features that a head could learn "
                "from; take one that can be fine-tuned."
            )
        if previous is not detector:
            inference = previous.infer(image, boxes=True)
        assert inference.predictions is not None
        cells = coarse(taken[0])[0].cpu()
        seen.append((cells, inference.predictions[0], source.boxes(index), index))
        yield meter.advance()
    threshold = threshold_at_one_false([(p, b) for _, p, b, _ in seen])
    return [
        Cells(
            cells,
            _grid(detector, source, index, missed(prediction, boxes, threshold), cells),
            source.entries[index].key.video,
        )
        for cells, prediction, boxes, index in seen
    ]


def _matches(prediction: Prediction, boxes: Sequence[Box]) -> NDArray[np.int64]:
    """Which label each box matches, −1 none, −2 an ignore region: best score first."""
    matches = np.full(len(prediction), -1, np.int64)
    if not boxes or not len(prediction):
        return matches
    overlaps = iou(prediction.boxes, as_array(list(boxes)))
    ignored = np.array([box.ignore for box in boxes])
    free = ~ignored
    for row in np.argsort(-prediction.scores, kind="stable"):
        best = int(np.where(free, overlaps[row], -1).argmax())
        if free[best] and overlaps[row, best] >= MATCHED:
            matches[row], free[best] = best, False
        elif (overlaps[row][ignored] >= MATCHED).any():
            matches[row] = -2
    return matches


def threshold_at_one_false(frames: Sequence[tuple[Prediction, Sequence[Box]]]) -> float:
    """The score above which there is one false positive a frame in the mean; 0 where there are
    fewer at any."""
    false = np.concatenate(
        [prediction.scores[_matches(prediction, boxes) == -1] for prediction, boxes in frames]
    )
    if len(false) <= len(frames):
        return 0.0
    return float(np.sort(false)[::-1][len(frames)])


def missed(prediction: Prediction, boxes: Sequence[Box], threshold: float) -> list[Box]:
    """The labels (no ignore regions) that no box above the threshold matches."""
    matches = _matches(prediction, boxes)
    seen = {*matches[prediction.scores > threshold].tolist()}
    return [box for n, box in enumerate(boxes) if not box.ignore and n not in seen]


def _grid(
    detector: Detector, source: VideoSource, index: int, boxes: Sequence[Box], cells: Tensor
) -> Tensor:
    """How many boxes have their middle in each coarse cell: float32 r×c."""
    size = detector.geometry(*source.size(index))
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


def _poisson(rate: Tensor, count: Tensor) -> Tensor:
    """Mean over cells of −log-likelihood but for its constant."""
    return (rate - count * torch.log(rate + 1e-8)).mean()


@dataclass(frozen=True, slots=True, eq=False)
class _Sized:
    """Frames of one size together: N×C×r×c and N×r×c."""

    features: Tensor
    missed: Tensor

    @staticmethod
    def of(frames: Sequence[Cells]) -> list[_Sized]:
        by_shape: dict[tuple[int, ...], list[Cells]] = {}
        for frame in frames:
            by_shape.setdefault(tuple(frame.missed.shape), []).append(frame)
        return [
            _Sized(
                torch.stack([f.features for f in some]), torch.stack([f.missed for f in some])
            )
            for some in by_shape.values()
        ]

    def loss(self, head: CellHead, rows: Tensor | None = None) -> Tensor:
        """The mean of the frames' losses (or of some rows)."""
        if rows is None:
            return _poisson(head(self.features), self.missed)
        return _poisson(head(self.features[rows]), self.missed[rows])


def _fitted(
    frames: Sequence[Cells], others: Sequence[Cells], seed: int
) -> tuple[CellHead, int, float]:
    """The head of the step that predicts the others best, that step, and its loss there."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = CellHead(frames[0].features.shape[0])
    head.standardise(torch.cat([f.features.flatten(1) for f in frames], 1)[None, :, :, None])
    optimiser = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    groups, held = _Sized.of(frames), _Sized.of(others)
    sizes = np.array([len(group.missed) for group in groups], np.float64)
    rng = np.random.default_rng(seed)
    best, best_step, lowest = copy.deepcopy(head), 0, _loss_of(head, held)
    for step in range(1, STEPS + 1):
        # Frames of one size at a time, each size as often as it has frames.
        group = groups[int(rng.choice(len(groups), p=sizes / sizes.sum()))]
        count = len(group.missed)
        rows = torch.from_numpy(rng.choice(count, min(BATCH, count), replace=False))
        optimiser.zero_grad()
        group.loss(head, rows).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % 20 == 0 and (loss := _loss_of(head, held)) < lowest:
            best, best_step, lowest = copy.deepcopy(head), step, loss
        if step - best_step > PATIENCE:
            break
    return best.eval().requires_grad_(False), best_step, lowest


def _loss_of(head: CellHead, groups: Sequence[_Sized]) -> float:
    """The mean over frames."""
    with torch.no_grad():
        losses = [float(group.loss(head)) * len(group.missed) for group in groups]
    return sum(losses) / max(1, sum(len(group.missed) for group in groups))
