"""What there is to choose from, as the window knows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from framesift.labels import FrameKey
from framesift.project import StoredDrive, by_drive
from framesift.selection import Pool, PoolDrive
from framesift.selection.descriptors import DESCRIPTORS
from framesift.selection.timeline import EVERY_FRAME, Grid
from framesift_app.session.cycles import Cycles
from framesift_app.session.footage import Footage
from framesift_app.session.scores import Scores

if TYPE_CHECKING:
    from framesift.selection.descriptors.base import Rows


class PoolMaker:
    """Pools of the scores, cycles and footage of now."""

    def __init__(self, footage: Footage, scores: Scores, cycles: Cycles) -> None:
        self._footage, self._scores, self._cycles = footage, scores, cycles
        self._measured: tuple[Sequence[StoredDrive], Mapping[str, PoolDrive]] = ((), {})

    def _drives(self) -> Mapping[str, PoolDrive]:
        """Of each drive what does not change while it is there: the times of a million frames
        take longer than a selection from them."""
        drives = self._footage.drives
        if drives is not self._measured[0]:
            self._measured = drives, {drive.key: PoolDrive.of(drive) for drive in drives}
        return self._measured[1]

    @property
    def seconds(self) -> float:
        """How long there are frames to pick in all of the footage."""
        return sum(drive.seconds for drive in self._drives().values())

    def pool(self, declined: Iterable[FrameKey]) -> Pool:
        """What there is to choose from but for what was declined. What is labelled while it is
        offered stays in the offer until it is taken. A drive to which a clip was added counts
        once both its footage and its scores are read anew."""
        scores, drives = self._scores, self._footage.drives
        excluded = {key: {*frames} for key, frames in scores.excluded.items()}
        for key, frames in by_drive(declined, drives).items():
            excluded.setdefault(key, set()).update(frames)
        signals = {name: scores.signals.get(name, {}) for name in scores.strategy.signals}
        grid = Grid(scores.every)
        return Pool(
            tuple(
                replace(
                    self._drives()[drive.key],
                    signals={name: of[drive.key] for name, of in signals.items()},
                    descriptors=self._descriptors(drive),
                    candidates=None if signals or grid == EVERY_FRAME else grid.mask(drive),
                    taken=scores.taken.get(drive.key, ()),
                    labelled=scores.labelled.get(drive.key, ()),
                    excluded=sorted(excluded.get(drive.key, ())),
                )
                for drive in drives
                if all(len(of.get(drive.key, ())) == len(drive) for of in signals.values())
            ),
            len(self._cycles.all) + 1,
        )

    def _descriptors(self, drive: StoredDrive) -> dict[str, Rows]:
        """What is known of how a drive's frames look; rows of zeros, for what the strategy
        reads, where nothing of the drive is scored."""
        scores = self._scores
        known: dict[str, Rows] = {
            name: of[drive.key]
            for name, of in scores.descriptors.items()
            if len(of.get(drive.key, ())) == len(drive)
        }
        signals = (scores.signals.get(name, {}) for name in scores.strategy.signals)
        if any(drive.key in of and not np.isnan(of[drive.key]).all() for of in signals):
            return known
        none: dict[str, Rows] = {
            name: np.zeros((len(drive), DESCRIPTORS[name].size), DESCRIPTORS[name].dtype)
            for name in scores.strategy.descriptors
        }
        return {**none, **known}
