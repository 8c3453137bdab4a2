"""Random numbers that depend on a seed and a name alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np
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
