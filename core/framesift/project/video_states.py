"""What edits may change of a video: its drive and place, whether it was removed, and where its
file lies."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, replace

from framesift.files import json_of
from framesift.labels import Edit
from framesift.project.codec import compact
from framesift.project.database import Database
from framesift.project.journal import ProjectJournal
from framesift.project.journal_lines import Group
from framesift.project.paths import Reference
from framesift.project.subjects import Subject, VideoKey

_COLUMNS = (
    "drive, place, id IN (SELECT video FROM removed_videos), name, relative, absolute, bytes, "
    "modified"
)


@dataclass(frozen=True, slots=True)
class VideoState:
    """The state of a video; the last four are a Reference."""

    drive: str
    place: int
    removed: bool
    name: str
    relative: str | None
    absolute: str
    bytes: int | None
    modified: int | None

    def at(self, reference: Reference, name: str) -> VideoState:
        """With its file elsewhere."""
        return replace(
            self,
            name=name,
            relative=reference.relative,
            absolute=reference.absolute,
            bytes=reference.bytes,
            modified=reference.modified,
        )


class VideoStates:
    """The states of all videos by id, and edits of them."""

    def __init__(self, database: Database, journal: ProjectJournal) -> None:
        self._database, self._journal = database, journal
        journal.register(Subject("video", VideoKey, _encode, _decode, self._put))

    def all(self) -> dict[str, VideoState]:
        """Every video's, in the order in which they were added; removed ones too."""
        return {
            video: VideoState(drive, place, bool(removed), *rest)
            for video, drive, place, removed, *rest in self._database.rows(
                f"SELECT id, {_COLUMNS} FROM videos ORDER BY number"
            )
        }

    def removed_then(self, position: int) -> frozenset[str]:
        """The videos that were removed after a line of the journal."""
        changed = self._journal.then(position, VideoKey)
        return frozenset(
            video
            for video, state in self.all().items()
            if changed.get(VideoKey(video), state).removed
        )

    def change(self, after: Mapping[str, VideoState], *, kind: str, text: str) -> Group | None:
        """Gives videos other states, as one gesture; None when nothing changes by it."""
        before = self.all()
        return self._journal.write(
            (Edit(VideoKey(video), before[video], state) for video, state in after.items()),
            kind=kind,
            text=text,
        )

    def arrange(
        self, drives: Mapping[str, Iterable[str]], *, kind: str, text: str
    ) -> Group | None:
        """Gives drives their videos, in order, and brings back those that were removed."""
        before = self.all()
        after = {
            video: replace(before[video], drive=key, place=place, removed=False)
            for key, videos in drives.items()
            for place, video in enumerate(videos)
        }
        return self.change(after, kind=kind, text=text)

    def _put(self, values: Mapping[VideoKey, VideoState]) -> None:
        self._database.many(
            "INSERT INTO drives (key) VALUES (?) ON CONFLICT DO NOTHING",
            [(state.drive,) for state in values.values()],
        )
        self._database.many(
            "UPDATE videos SET drive = ?, place = ?, name = ?, relative = ?, absolute = ?, "
            "bytes = ?, modified = ? WHERE id = ?",
            [
                (s.drive, s.place, s.name, s.relative, s.absolute, s.bytes, s.modified, k.video)
                for k, s in values.items()
            ],
        )
        self._database.many(
            "DELETE FROM removed_videos WHERE video = ?", [(key.video,) for key in values]
        )
        now = time.time()
        self._database.many(
            "INSERT INTO removed_videos VALUES (?, ?)",
            [(key.video, now) for key, state in values.items() if state.removed],
        )


def _encode(state: VideoState) -> str:
    return compact(list(astuple(state)))


def _decode(text: str | None) -> VideoState:
    drive, place, removed, *rest = json_of(text or "[]")
    return VideoState(str(drive), int(place), bool(removed), *rest)
