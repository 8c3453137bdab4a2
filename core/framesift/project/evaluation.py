"""The evaluation set: whole videos, or frames sampled at random, that are only measured on."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from itertools import accumulate

from framesift.errors import InputError
from framesift.labels import Edit, FrameKey, FrameLabels, LabelStore
from framesift.project.database import Database
from framesift.project.journal import ProjectJournal
from framesift.project.label_table import PRESENT
from framesift.project.subjects import SampleKey, Subject
from framesift.project.videos import Videos


class EvaluationSet:
    """What a project measures by. Such frames are never selected and never train."""

    def __init__(self, database: Database, journal: ProjectJournal, videos: Videos) -> None:
        self._database, self._journal, self._videos = database, journal, videos
        journal.register(Subject("evaluation", SampleKey, _encode, bool, self._put))

    def sampled(self) -> tuple[FrameKey, ...]:
        """The frames of the pool that were sampled, in the order drawn; those of removed
        videos are left out."""
        rows = self._database.rows(
            f"SELECT video, frame FROM evaluation_frames WHERE active AND {PRESENT} "
            "ORDER BY draw, number"
        )
        return tuple(FrameKey(video, frame) for video, frame in rows)

    def sampled_then(self, position: int) -> tuple[FrameKey, ...]:
        """The frames that were sampled after a line of the journal, in the order drawn, without
        those of the videos that were removed then."""
        rows = self._database.rows(
            "SELECT number, video, frame, active FROM evaluation_frames ORDER BY draw, number"
        )
        changed = self._journal.then(position, SampleKey)
        removed = self._videos.removed_then(position)
        return tuple(
            FrameKey(video, frame)
            for number, video, frame, on in rows
            if changed.get(SampleKey(number, video, frame), on) and video not in removed
        )

    def holds(self, key: FrameKey) -> bool:
        """Whether a frame is only ever measured on."""
        role = self._database.value("SELECT role FROM videos WHERE id = ?", (key.video,))
        drawn = self._database.value(
            "SELECT 1 FROM evaluation_frames WHERE active AND video = ? AND frame = ?",
            (key.video, key.frame),
        )
        return role == "evaluation" or drawn is not None

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
        """Draws `count` more frames of the pool, each equally likely, and keeps them apart;
        returns the new ones. One gesture: undo puts the frames back into the pool.

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
                "UNION SELECT video, frame FROM picks WHERE state <> 'withdrawn' "
                "UNION SELECT video, frame FROM evaluation_frames WHERE active"
            )
            if video in places
        }
        free = ends[-1] - len(used)
        if free < count:
            raise InputError(
                f"Only {max(free, 0)} frames of the pool are neither labelled nor "
                f"taken; {count} cannot be drawn. Add more videos first."
            )
        with self._journal.gesture("sample", _named(count)):
            drawn = int(
                self._database.value("SELECT count(*) FROM evaluation_frames WHERE active")
            )
            order = random.Random(f"{seed}:{drawn}").sample(range(ends[-1]), count + len(used))
            frames = [number for number in order if number not in used][:count]
            keys = tuple(
                self._key(number, ends, [video.id for video in pool]) for number in frames
            )
            self._draw(keys, drawn, seed)
        return keys

    def _draw(self, keys: Sequence[FrameKey], drawn: int, seed: int) -> None:
        now = time.time()
        first = 1 + int(
            self._database.value("SELECT coalesce(max(number), 0) FROM evaluation_frames")
        )
        self._database.many(
            "INSERT INTO evaluation_frames VALUES (?, ?, ?, ?, ?, ?, 0)",
            [
                (first + at, key.video, key.frame, drawn + at, seed, now)
                for at, key in enumerate(keys)
            ],
        )
        self._journal.write(
            Edit(SampleKey(first + at, key.video, key.frame), False, True)
            for at, key in enumerate(keys)
        )

    def _put(self, values: Mapping[SampleKey, bool]) -> None:
        self._database.many(
            "UPDATE evaluation_frames SET active = ? WHERE number = ?",
            [(active, key.number) for key, active in values.items()],
        )

    @staticmethod
    def _key(number: int, ends: list[int], ids: list[str]) -> FrameKey:
        at = next(i for i in range(len(ids)) if number < ends[i + 1])
        return FrameKey(ids[at], number - ends[at])


def _encode(active: bool) -> str | None:
    return "active" if active else None


def _named(count: int) -> str:
    return f"Sample {count} frame{'' if count == 1 else 's'} to measure by"
