"""A mixture-density head (Choi et al., ICCV 2021): what boxes are off by, and which outcomes
they have. It learns from boxes of a detector that has not learnt from the frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from framesift.boxes import as_array
from framesift.detectors.mixture_head import Gaussians, MixtureHead, in_boxes
from framesift.errors import InputError
from framesift.training.head_fitting import Learnt, descended
from framesift.training.head_frames import Seen, matches

BATCH = 256
"""Boxes of one step."""
DRAWS = 4
"""Logits that are drawn for each box in the loss of its outcome."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameBoxes:
    """The boxes of a frame that a label or nothing answers for. rows: float32 M×F; moves:
    float32 M×4, from box to label in its own widths and heights, NaN where there is none;
    outcomes: int64 M, the label's class, or the last one for nothing; count: of outcomes."""

    rows: Tensor
    moves: Tensor
    outcomes: Tensor
    count: int


class BoxMixture:
    """Trains the head."""

    noun = "boxes"

    def example(self, seen: Seen) -> FrameBoxes:
        matched = matches(seen.unseen, seen.boxes)
        kept = matched > -2
        boxes = np.asarray(seen.unseen.boxes, np.float64).reshape(-1, 4)[kept]
        labels = as_array(list(seen.boxes))
        of_label, nothing = matched[kept], len(seen.classes)
        numbers = [
            seen.classes.index(seen.boxes[n].category) if n >= 0 else nothing for n in of_label
        ]
        rows = in_boxes(seen.features, torch.from_numpy(boxes), seen.size)
        return FrameBoxes(
            rows,
            torch.from_numpy(moves(boxes, labels, of_label)),
            torch.tensor(numbers, dtype=torch.int64),
            nothing + 1,
        )

    def fit(
        self, frames: Sequence[FrameBoxes], others: Sequence[FrameBoxes], seed: int
    ) -> tuple[MixtureHead, int, Learnt]:
        """The head, how many boxes it learnt from, and how it came out. Raises InputError
        where there is no box to learn from."""
        learnt, held = _together(frames), _together(others)
        if len(learnt.rows) < 2 or not len(held.rows):
            raise InputError(
                "The detector finds too few boxes in the labelled frames for a mixture-density "
                "head to learn from; label more frames."
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = MixtureHead(learnt.rows.shape[1], learnt.count)
        head.standardise(learnt.rows)

        def drawn(rng: np.random.Generator) -> Tensor:
            count = len(learnt.rows)
            rows = torch.from_numpy(rng.choice(count, min(BATCH, count), replace=False))
            place, outcome = head(learnt.rows[rows])
            noise = _noise(rng, outcome)
            of_place = place_loss(place, learnt.moves[rows])
            return of_place + outcome_loss(outcome, learnt.outcomes[rows], noise)

        def of_held() -> float:
            with torch.no_grad():
                place, outcome = head(held.rows)
                noise = _noise(np.random.default_rng(seed), outcome)
                loss = place_loss(place, held.moves)
                return float(loss + outcome_loss(outcome, held.outcomes, noise))

        best, step, loss = descended(head, drawn, of_held, seed)
        return best, len(learnt.rows), Learnt(step, loss, _constant(learnt, held))


def moves(
    boxes: NDArray[np.float64], labels: NDArray[np.float64], of_label: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What the corners of boxes M×4 are off by from their labels, in the boxes' own widths and
    heights: float32 M×4, NaN without a label (of_label < 0)."""
    sides = np.maximum(np.tile(boxes[:, 2:] - boxes[:, :2], (1, 2)), 1e-6)
    off = np.full(boxes.shape, np.nan)
    there = of_label >= 0
    off[there] = ((labels[of_label[there]] - boxes[there]) / sides[there]).reshape(-1, 4)
    return off.astype(np.float32)


def place_loss(place: Gaussians, off: Tensor) -> Tensor:
    """Mean over boxes with a label (and their four corners) of −ln Σ_k π_k N(off | μ_k, σ_k²);
    0 where there is none."""
    there = ~off[:, 0].isnan()
    if not bool(there.any()):
        return place.means.sum() * 0.0
    away = (off[there][:, None] - place.means[there]) / place.deviations[there]
    log = -0.5 * away**2 - place.deviations[there].log() - 0.5 * math.log(2 * math.pi)
    weighed = log + place.weights[there].clamp(min=1e-12).log()[..., None]
    return -weighed.logsumexp(1).mean()


def outcome_loss(outcome: Gaussians, numbers: Tensor, noise: Tensor) -> Tensor:
    """Mean over boxes of −ln of the probability of what each turned out to be: softmax of
    μ_k + σ_k ε, weighted by π_k, mean over draws ε S×M×K×D."""
    logits = outcome.means + outcome.deviations * noise
    each = (outcome.weights[None, ..., None] * logits.softmax(-1)).sum(2).mean(0)
    return F.nll_loss(each.clamp(min=1e-12).log(), numbers)


def _noise(rng: np.random.Generator, outcome: Gaussians) -> Tensor:
    shape = (DRAWS, *outcome.means.shape)
    return torch.from_numpy(rng.standard_normal(shape, np.float32))


def _together(frames: Sequence[FrameBoxes]) -> FrameBoxes:
    return FrameBoxes(
        torch.cat([f.rows for f in frames]),
        torch.cat([f.moves for f in frames]),
        torch.cat([f.outcomes for f in frames]),
        frames[0].count,
    )


def _constant(learnt: FrameBoxes, held: FrameBoxes) -> float:
    """The loss of one Gaussian and of the outcomes' shares, the same for every box."""
    shares = torch.bincount(learnt.outcomes, minlength=learnt.count).float() + 1
    of_outcome = float(
        F.nll_loss((shares / shares.sum()).log().repeat(len(held.rows), 1), held.outcomes)
    )
    off = learnt.moves[~learnt.moves[:, 0].isnan()]
    if len(off) < 2:
        return of_outcome
    fixed = Gaussians(
        torch.ones(len(held.rows), 1),
        off.mean(0).repeat(len(held.rows), 1, 1),
        off.std(0).clamp(min=1e-3).repeat(len(held.rows), 1, 1),
    )
    return of_outcome + float(place_loss(fixed, held.moves))
