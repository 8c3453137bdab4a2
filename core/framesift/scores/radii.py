"""The divergence's radius in proportion to what each level looks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.product.lazy import lazy_module

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy_module("numpy")


def radii_by_box(radius: int, settings: Mapping[str, Any], name: str = "given") -> list[int]:
    """A radius for each level of a detector with one box size per level: `radius` at the level
    of median height, at others in proportion, 1 at least.

    Args:
        radius: working pixels.
        settings: the detector's, whose "box_sizes" are (height, width) per level.
        name: the detector's, for the message.

    Returns:
        A radius per level, working pixels.

    Raises:
        InputError: the detector has no fixed boxes.

    Example:
        >>> radii_by_box(9, {"box_sizes": [[200, 80], [100, 40], [50, 20]]})
        [18, 9, 4]
    """
    sizes = settings.get("box_sizes")
    if not sizes:
        raise InputError(
            f"The detector {name!r} has no fixed boxes to scale the radius by; "
            "give one radius for all levels."
        )
    heights = np.array([height for height, _ in sizes], np.float64)
    return [max(1, round(float(radius * height / np.median(heights)))) for height in heights]
