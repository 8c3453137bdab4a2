"""What frames look like, in few bytes: what tells look-alikes and spreads picks.

A new descriptor is one class in a file of its own and one line here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from framesift.selection.descriptors.base import Descriptor, ObjectRows
from framesift.selection.descriptors.embedding import FrameEmbedding
from framesift.selection.descriptors.objects import ObjectEmbedding
from framesift.selection.descriptors.thumbnail import Thumbnail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.descriptors.base import Rows as Rows

DESCRIPTORS: dict[str, Descriptor] = {
    descriptor.name: descriptor
    for descriptor in (Thumbnail(), FrameEmbedding(), ObjectEmbedding())
}


def described(
    image: NDArray[np.uint8], names: Iterable[str] | None = None
) -> dict[str, NDArray[np.uint8]]:
    """The rows of a picture, uint8 H×W×3 (RGB), by name: of all descriptors that need nothing
    but the picture, or of `names`."""
    chosen = DESCRIPTORS if names is None else {name: DESCRIPTORS[name] for name in names}
    return {
        name: descriptor.describe(image)
        for name, descriptor in chosen.items()
        if descriptor.needs == ("picture",)
    }


def of_pictures(names: Iterable[str]) -> tuple[str, ...]:
    """Those of these descriptors that need nothing but the picture."""
    return tuple(
        name
        for name in names
        if name in DESCRIPTORS and DESCRIPTORS[name].needs == ("picture",)
    )


__all__ = ["DESCRIPTORS", "Descriptor", "ObjectRows", "described", "of_pictures"]
