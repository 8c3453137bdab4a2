"""A strategy as its one file would have it: it reads the thumbnails of all drives, and those of
the taken frames."""

from __future__ import annotations

import numpy as np

from framesift.selection import DESCRIPTORS, FrameRules, Pool, Selection
from framesift.selection.strategies import Draws, Strategy

LOOK = DESCRIPTORS["thumbnail"]


class FarApart(Strategy):
    """What looks least like the other drives and like what is taken already. seen: of every
    pool that it ranked, how many drives it has and how many frames are taken."""

    name, title = "far-apart", "Unlike the rest"
    description = "frames that look like no other drive and like nothing taken"
    descriptors = ("thumbnail",)

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def rank(self, pool: Pool, rules: FrameRules, rng: Draws) -> Selection:
        rows = {drive.key: np.asarray(drive.descriptors[LOOK.name]) for drive in pool}
        taken = np.concatenate([rows[drive.key][list(drive.taken)] for drive in pool])
        self.seen.append((len(pool), len(taken)))
        values = {}
        for drive in pool:
            others = [rows[other.key] for other in pool if other is not drive]
            against = np.concatenate([*others, taken])
            own = [LOOK.unlike(row, against).mean() for row in rows[drive.key]]
            values[drive.key] = drive.pickable(np.array(own))
        return rules.select(values, raw=values, reason={"by": "thumbnail"})
