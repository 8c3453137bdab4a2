"""What a strategy is: what it needs, and how it chooses from a pool."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np

    from framesift.selection.frame_rules import FrameRules
    from framesift.selection.pool import Pool
    from framesift.selection.result import Selection
else:
    np = lazy_module("numpy")


@dataclass(frozen=True, slots=True)
class Draws:
    """Random numbers that depend on a seed and a name alone: another drive, or more frames at
    its end, change nothing for the frames that were there."""

    seed: int = 0

    def of(self, name: str) -> np.random.Generator:
        """The numbers of one drive (or of whatever else has a name)."""
        digest = hashlib.sha256(f"{self.seed}\0{name}".encode("utf-8", "surrogatepass"))
        return np.random.default_rng(int.from_bytes(digest.digest(), "little"))


class Strategy(ABC):
    """A member of the family.

    name: its key in STRATEGIES. title: its name in lists, description: what it looks for, one
    line. signals: the scores that it ranks by (names of framesift.scores' SCORES and
    BOX_SCORES), in order; () where it needs no detector. descriptors: those that it reads
    (names of DESCRIPTORS). needs: what a detector must have for it ("maps", "boxes",
    "dropout"). cost: forward passes of the detector per frame, in words. failure: which kind
    of failure it looks for, in words. smoothing: whether eq. 6 applies to its signals.
    temporal_rules: whether Δt1, Δt2 and the look-alike rule apply (a frame once taken stays
    taken anyway).
    """

    name: str
    title: str
    description: str
    signals: tuple[str, ...] = ()
    descriptors: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    cost: str = "0"
    failure: str = "none"
    smoothing: bool = False
    temporal_rules: bool = True

    @abstractmethod
    def rank(self, pool: Pool, rules: FrameRules, rng: Draws) -> Selection:
        """The picks, best first, each with its reason, and why the others are not among them.

        pool: its drives hold the strategy's signals (smoothed where `smoothing` says so, see
        PoolDrive.values) and descriptors. rules: what the picks keep to; `rules.select` takes
        the highest values under all of them. rng: of the random ones. The same arguments give
        the same picks to the bit.
        """
