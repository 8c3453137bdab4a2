"""Names of a folder's pictures: numbered ones, and the gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from framesift.video.pictures import (
    numbers_in,
)


def numbered(files: Sequence[Path]) -> bool:
    """Whether the names of pictures differ in their numbers only."""
    patterns = {numbers_in(file.stem)[0] for file in files}
    return len(patterns) == 1 and len(next(iter(patterns))) > 1


def gaps(numbers: Sequence[tuple[int, ...]]) -> tuple[str, ...]:
    """A warning where numbers are missing from an otherwise even row."""
    changing = [i for i in range(len(numbers[0])) if len({n[i] for n in numbers}) > 1]
    if len(changing) != 1 or len(numbers) < 3:
        return ()
    row = np.array([n[changing[0]] for n in numbers], np.float64)
    steps = np.diff(row)
    usual = float(np.median(steps))
    odd = np.flatnonzero(steps != usual)
    if not len(odd):
        return ()
    after = int(row[odd[0]])
    return (
        f"The numbers of the pictures jump {len(odd)} times (first after {after}); the "
        "frames are counted without gaps.",
    )
