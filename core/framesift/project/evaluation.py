"""The evaluation set: whole videos, or frames sampled at random, that are only measured on."""

from __future__ import annotations

import random
import time
from itertools import accumulate

from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels, LabelStore
from framesift.project.database import Database
from framesift.project.videos import Videos


class EvaluationSet:
    """What a project measures by. Such frames are never selected and never train."""

    def __init__(self, database: Database, videos: Videos) -> None:
        self._database, self._videos = database, videos

    def sampled(self) -> tuple[FrameKey, ...]:
        """The frames of the pool that were sampled, in the order drawn."""
        rows = self._database.rows("SELECT video, frame FROM evaluation_frames ORDER BY draw")
        return tuple(FrameKey(video, frame) for video, frame in rows)

    def videos(self) -> tuple[str, ...]:
        """The ids of whole videos for measuring."""
        return tuple(video.id for video in self._videos.all("evaluation"))

    def labelled(self, labels: LabelStore) -> dict[FrameKey, FrameLabels]:
        """The frames of the set that can be measured on: labelled, or with nothing there."""
        whole, sampled = set(self.videos()), set(self.sampled())
        return {
            key: value
            for key, value in labels.all().items()
            if value.trains and (key.video in whole or key in sampled)
        }

    def sample(self, count: int, *, seed: int = 0) -> tuple[FrameKey, ...]:
        """Draws `count` more frames of the pool, each equally likely, and keeps them apart for
        good; returns the new ones.

        Frames that were labelled or taken cannot be drawn. The same project and seed draw the
        same frames. InputError when there are not enough.
        """
        if count < 1:
            raise InputError(f"{count} frames measure nothing; give a number from 1 up.")
        pool = self._videos.all("pool")
        ends = list(accumulate((len(video) for video in pool), initial=0))
        places = {video.id: at for video, at in zip(pool, ends[:-1], strict=True)}
        used = {
            places[video] + frame
            for video, frame in self._database.rows(
                "SELECT video, frame FROM labels WHERE state <> 'unseen' "
                "UNION SELECT video, frame FROM picks "
                "UNION SELECT video, frame FROM evaluation_frames"
            )
            if video in places
        }
        free = ends[-1] - len(used)
        if free < count:
            raise InputError(
                f"Only {max(free, 0)} frames of the pool are neither labelled nor "
                f"taken; {count} cannot be drawn. Add more videos first."
            )
        with self._database.writing():
            drawn = int(self._database.value("SELECT count(*) FROM evaluation_frames"))
            order = random.Random(f"{seed}:{drawn}").sample(range(ends[-1]), count + len(used))
            frames = [number for number in order if number not in used][:count]
            keys = tuple(
                self._key(number, ends, [video.id for video in pool]) for number in frames
            )
            now = time.time()
            self._database.many(
                "INSERT INTO evaluation_frames VALUES (?, ?, ?, ?, ?)",
                [(key.video, key.frame, drawn + at, seed, now) for at, key in enumerate(keys)],
            )
        return keys

    @staticmethod
    def _key(number: int, ends: list[int], ids: list[str]) -> FrameKey:
        at = next(i for i in range(len(ids)) if number < ends[i + 1])
        return FrameKey(ids[at], number - ends[at])
