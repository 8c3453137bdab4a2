"""Frame embeddings: the detector's last features, pooled while it scores, and the basis that
reduces them to a few numbers."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.selection.descriptors.embedding import EMBEDDING_SIZE

if TYPE_CHECKING:
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.detectors.maps import WorkingSize

EMBEDDING, FEATURES = "frame_embedding", "features"
"""What frame embeddings, and the pooled features that they are made of, are called among a
frame's descriptors."""
OBJECT_EMBEDDING = "object_embedding"
"""What the embeddings of a frame's objects are called (framesift.scores.objects)."""
OF_DETECTORS = (EMBEDDING, OBJECT_EMBEDDING)
"""Descriptors that a detector makes: those of one cannot be compared with another's."""
GRID = 3
"""Rows and columns that features are pooled to."""
FIT_ON = 2000
"""Frames that the basis is fitted on: the first ones of a project."""
Floats = NDArray[np.float32]


def pooled(features: Tensor, size: WorkingSize) -> NDArray[np.float16]:
    """Features N×C×h×w of the padded working size as means over a GRID×GRID grid of the part
    that shows the frame: float16 N×(9·C), channel by channel."""
    from torch.nn.functional import adaptive_avg_pool2d

    rows, columns = (
        max(1, round(there * content / padded))
        for there, content, padded in zip(
            features.shape[2:], size.content, size.padded, strict=True
        )
    )
    means = adaptive_avg_pool2d(features[:, :, :rows, :columns].float(), GRID)
    limit = float(np.finfo(np.float16).max)
    return np.asarray(means.flatten(1).clamp(-limit, limit).cpu().numpy(), np.float16)


class Tap:
    """Takes what a detector hands out of its features while it scores a batch. Where it hands
    out none, there are no rows."""

    def __init__(self) -> None:
        self._taken: list[Tensor] = []

    @contextmanager
    def watching(self, detector: Detector) -> Iterator[None]:
        """While one batch is scored."""
        self._taken.clear()
        with detector.tapped(self._taken.append):
            yield

    def rows(self, detector: Detector, height: int, width: int) -> list[NDArray[np.float16]]:
        """A row for each frame of the batch, height×width; the frame itself is seen first,
        other looks at it come later. Empty without features."""
        if not self._taken:
            return []
        return list(pooled(self._taken[0], detector.geometry(height, width)))


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What reduces pooled features D to EMBEDDING_SIZE numbers: mean float32 D, components
    float32 EMBEDDING_SIZE×D, rows of zeros where there were too few frames to fit."""

    mean: Floats
    components: Floats

    @staticmethod
    def fitted(rows: NDArray[np.floating]) -> Basis:
        """The principal components of n×D features, the largest first, each with its largest
        entry above zero."""
        wide = np.asarray(rows, np.float64)
        mean = wide.mean(axis=0)
        centred = wide - mean
        # Of the two products the smaller one.
        if len(wide) <= wide.shape[1]:
            values, vectors = np.linalg.eigh(centred @ centred.T)
            directions = (centred.T @ vectors).T
        else:
            values, vectors = np.linalg.eigh(centred.T @ centred)
            directions = vectors.T
        order = np.argsort(-values, kind="stable")[:EMBEDDING_SIZE]
        kept = order[values[order] > 1e-9 * max(float(values.max()), 1e-30)]
        components = np.zeros((EMBEDDING_SIZE, wide.shape[1]))
        for place, number in enumerate(kept.tolist()):
            direction = directions[number] / np.linalg.norm(directions[number])
            components[place] = direction * np.sign(direction[np.abs(direction).argmax()])
        return Basis(mean.astype(np.float32), components.astype(np.float32))

    def reduced(self, rows: NDArray[np.floating]) -> NDArray[np.float16]:
        """n×D features as embeddings float16 n×EMBEDDING_SIZE of length 1; zeros for a frame
        that is the mean itself."""
        # Row by row: what else is reduced with a frame must not change its last bits.
        reduced = np.stack(
            [self.components @ (np.asarray(row, np.float32) - self.mean) for row in rows]
        )
        length = np.linalg.norm(reduced, axis=1, keepdims=True)
        scaled = np.divide(reduced, length, out=np.zeros_like(reduced), where=length > 0)
        return np.asarray(scaled, np.float16)

    def to_bytes(self) -> bytes:
        """As a file holds it."""
        stream = io.BytesIO()
        np.savez(stream, mean=self.mean, components=self.components)
        return stream.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> Basis:
        """The inverse. Raises ValueError for anything else."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            mean, components = arrays["mean"], arrays["components"]
        if mean.dtype != np.float32 or components.shape != (EMBEDDING_SIZE, *mean.shape):
            raise ValueError("no basis of embeddings")
        return Basis(mean, components)


class Gathering:
    """The embeddings that a detector makes of frames, as their features come: these wait until
    there are FIT_ON, or no more to come, to fit the basis on."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, int], NDArray[np.float16]] = {}
        self._made: dict[tuple[str, int], NDArray[np.float16]] = {}
        self._basis: Basis | None = None

    def add(self, frame: tuple[str, int], features: NDArray[np.float16]) -> None:
        """Takes in the features of a frame, told by its drive and number."""
        if self._basis is not None:
            self._made[frame] = self._basis.reduced(features[None])[0]
            return
        self._waiting[frame] = features
        if len(self._waiting) == FIT_ON:
            self._settle()

    def made(self) -> Mapping[tuple[str, int], NDArray[np.float16]]:
        """The embeddings of all frames; none where they are too few to fit anything on."""
        if len(self._waiting) > 1:
            self._settle()
        return self._made

    def _settle(self) -> None:
        rows = np.stack(list(self._waiting.values()))
        self._basis = Basis.fitted(rows)
        self._made |= zip(self._waiting, self._basis.reduced(rows), strict=True)
        self._waiting.clear()


def embedding_key(recipe: Mapping[str, Any]) -> str:
    """What embeddings must share to be compared, 12 hexadecimal digits: the detector, its
    number format, its tiles and what 8 bits were calibrated to, out of a score's recipe."""
    shared = [recipe.get(name) for name in ("detector", "precision", "tiles")]
    if "eight_bit" in recipe:
        shared.append(recipe["eight_bit"])
    return hashlib.sha256(repr(shared).encode()).hexdigest()[:12]
