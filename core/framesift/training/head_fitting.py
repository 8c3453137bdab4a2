"""How heads learn: small steps, stopped where held-out frames are told best."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from framesift.detectors.heads import CellHead, Head

STEPS = 600
RATE, DECAY = 2e-3, 1e-3
BATCH = 32
PATIENCE = 200
"""Steps without a better loss on held-out frames, after which no better one is waited for."""
OfHead = TypeVar("OfHead", bound=Head)


@dataclass(frozen=True, slots=True)
class Learnt:
    """How a head came out: the step that it is of, the loss there on held-out frames, and what
    the loss is of somebody who knows nothing of a frame."""

    step: int
    loss: float
    constant: float


def descended(
    head: OfHead,
    loss: Callable[[np.random.Generator], Tensor | None],
    held: Callable[[], float],
    seed: int,
) -> tuple[OfHead, int, float]:
    """The head of the step that is best on held-out frames, that step, and the loss there.
    loss: of a batch that is drawn; None where it teaches nothing."""
    optimiser = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    rng = np.random.default_rng(seed)
    best, best_step, lowest = copy.deepcopy(head), 0, held()
    for step in range(1, STEPS + 1):
        taken = loss(rng)
        if taken is not None:
            optimiser.zero_grad()
            taken.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        if step % 20 == 0 and (now := held()) < lowest:
            best, best_step, lowest = copy.deepcopy(head), step, now
        if step - best_step > PATIENCE:
            break
    return best.eval().requires_grad_(False), best_step, lowest


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One frame: coarse features float32 C×r×c, and what there is of something in each cell,
    float32 r×c, or in the whole frame, float32 without dimensions; its video."""

    features: Tensor
    target: Tensor
    video: str


@dataclass(frozen=True, slots=True, eq=False)
class Sized:
    """Frames of one size together: N×C×r×c, and N×r×c or N."""

    features: Tensor
    targets: Tensor

    @staticmethod
    def of(frames: Sequence[Cells]) -> list[Sized]:
        by_shape: dict[tuple[int, ...], list[Cells]] = {}
        for frame in frames:
            by_shape.setdefault(tuple(frame.features.shape), []).append(frame)
        return [
            Sized(
                torch.stack([f.features for f in some]), torch.stack([f.target for f in some])
            )
            for some in by_shape.values()
        ]


Loss = Callable[[Tensor, Tensor], Tensor]
"""Of what the head says N×r×c and what is so (N×r×c or N)."""


def fitted_cells(
    frames: Sequence[Cells], others: Sequence[Cells], loss: Loss, seed: int
) -> tuple[CellHead, int, float]:
    """The CellHead that tells the others best, its step, and its mean loss there."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = CellHead(frames[0].features.shape[0])
    head.standardise(torch.cat([f.features.flatten(1) for f in frames], 1)[None, :, :, None])
    groups, held = Sized.of(frames), Sized.of(others)
    sizes = np.array([len(group.targets) for group in groups], np.float64)

    def drawn(rng: np.random.Generator) -> Tensor:
        # Frames of one size at a time, each size as often as it has frames.
        group = groups[int(rng.choice(len(groups), p=sizes / sizes.sum()))]
        count = len(group.targets)
        rows = torch.from_numpy(rng.choice(count, min(BATCH, count), replace=False))
        return loss(head(group.features[rows]), group.targets[rows])

    def of_held() -> float:
        with torch.no_grad():
            total = sum(
                float(loss(head(group.features), group.targets)) * len(group.targets)
                for group in held
            )
        return total / max(1, sum(len(group.targets) for group in held))

    return descended(head, drawn, of_held, seed)
