"""What a descriptor is: a few numbers that say what a frame, or an object in it, looks like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows: TypeAlias = "NDArray[Any] | ObjectRows"
    """A descriptor over a drive: n×T with one row per frame, or the objects' rows."""


@dataclass(frozen=True, slots=True, eq=False)
class ObjectRows:
    """Descriptors of the objects of a drive. rows: M×T, frame by frame; starts: int64, one more
    than frames: those of frame n are rows[starts[n]:starts[n + 1]]. categories: int64 M, the
    class of each object as a place in `classes`."""

    rows: NDArray[Any]
    starts: NDArray[np.int64]
    categories: NDArray[np.int64]
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, frame: int) -> NDArray[Any]:
        """The rows of one frame's objects, m×T."""
        return self.rows[self.starts[frame] : self.starts[frame + 1]]


class Descriptor(ABC):
    """A member of the family.

    name: its key in DESCRIPTORS. title: one line for lists. per: whether a row belongs to a
    frame or to an object in it. needs: what it is made from ("picture": the decoded frame;
    "features": a detector's, as it scores).
    size: entries of a row, dtype: their kind.
    """

    name: str
    title: str
    per: Literal["frame", "object"] = "frame"
    needs: tuple[str, ...] = ("picture",)
    size: int
    dtype: str = "uint8"

    def describe(self, image: NDArray[np.uint8]) -> NDArray[Any]:
        """The row of a picture, uint8 H×W×3 (RGB); for descriptors that need nothing else."""
        raise NotImplementedError(f"{self.name} is not made from a picture alone")

    @abstractmethod
    def vectors(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Rows M×T as numbers M×D whose angles say how alike they are: what spreads compare.
        A row of zeros for one that says nothing."""

    @abstractmethod
    def unlike(self, row: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float64]:
        """How unlike one row (T) is to others (M×T): float64 M, 0 = the same."""
