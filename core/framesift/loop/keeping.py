"""Keeps the logits of frames while they are scored, for rescoring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.errors import InputError
from framesift.project import Project
from framesift.project.logits import CHUNK, LogitChunk, LogitSet, LogitStore
from framesift.records import Notice

if TYPE_CHECKING:
    from framesift.scores import FrameScorer
    from framesift.scores.kept_logits import Rounded

_OF_THE_SCORE = ("score", "mask")


def network_recipe(recipe: Mapping[str, Any], flip: bool) -> dict[str, Any]:
    """Of a series' recipe what its logits depend on."""
    return {**{n: v for n, v in recipe.items() if n not in _OF_THE_SCORE}, "flip": flip}


def check_kept(scorer: FrameScorer) -> None:
    """Raises InputError for a score whose maps cannot be kept: they come of other looks at a
    frame than one."""
    if not scorer.one_look:
        from framesift.scores.family import SCORES

        serving = " and ".join(name for name, score in SCORES.items() if score.one_look)
        raise InputError(
            f"{scorer.method} is not computed from one set of maps a frame, so kept logits are "
            f"of no use to it; they serve {serving}."
        )


@dataclass(slots=True)
class Keeper:
    """Keeps the logits of the frames of one video as they are scored, within `limit` bytes for
    the whole project."""

    store: LogitStore
    target: LogitSet
    source: Rounded
    limit: int
    _frames: list[int] = field(default_factory=list)
    _rows: list[Any] = field(default_factory=list)
    _used: int = 0
    full: bool = False

    def __post_init__(self) -> None:
        self._used = self.store.bytes()
        self.full = self._used >= self.limit

    def batch(self, frames: Sequence[int]) -> Iterator[Notice]:
        """Takes in what a batch gave; `frames` are its numbers, in order."""
        from framesift.scores.kept_logits import joined

        given = self.source.take()
        if not frames or self.full:
            return
        maps = joined(given, len(frames))
        if self._rows and self._rows[0].size != maps.size:
            yield from self.flush()
        self._rows.append(maps)
        self._frames += frames
        if len(self._frames) >= CHUNK:
            yield from self.flush()

    def flush(self) -> Iterator[Notice]:
        """Writes what waits."""
        from framesift.scores.kept_logits import joined

        if not self._frames:
            return
        maps = joined(self._rows, len(self._frames))
        size = maps.size
        chunk = LogitChunk(
            np.array(self._frames, np.int64),
            [level.half().numpy() for level in maps.logits],
            None if maps.flipped is None else [level.half().numpy() for level in maps.flipped],
            (size.native, size.content, size.padded, size.origin),
            maps.classes,
            maps.corner,
        )
        if not self._used:
            each = sum(level.nbytes for level in (*chunk.levels, *(chunk.flipped or ())))
            each //= len(self._frames)
            yield Notice(
                f"Logits are kept: up to {each / 1e3:.0f} kB a frame, {each * 36e3 / 1e9:.1f} "
                f"GB for an hour at 10 frames/s; at most {self.limit / 1e9:g} GB in all."
            )
        self._used += self.target.write(chunk)
        self._frames, self._rows = [], []
        if self._used >= self.limit:
            self.full = True
            yield Notice(
                f"Kept logits have reached {self.limit / 1e9:g} GB: after frame "
                f"{chunk.frames[-1]} none are kept; scoring goes on."
            )


def keeper(
    project: Project,
    video: str,
    scorer: FrameScorer,
    recipe: Mapping[str, Any],
    source: Rounded,
    gigabytes: float,
) -> Keeper:
    """What keeps the logits of a video that is scored under a recipe. Raises InputError for a
    limit that is none and a score that they do not serve."""
    check_kept(scorer)
    if not 0 < gigabytes < 1e6:
        raise InputError(f"{gigabytes:g} GB are no limit for logits; give a number above 0.")
    store = LogitStore(project.folder)
    target = store.open(video, network_recipe(recipe, bool(scorer.params.flip)))
    return Keeper(store, target, source, int(gigabytes * 1e9))
