"""A project's videos and drives: what they are, and where their files lie now."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.files.printable import printable
from framesift.project.database import Database, Row
from framesift.project.facts import FrameFacts
from framesift.project.journal import ProjectJournal
from framesift.project.journal_lines import Group
from framesift.project.paths import Reference, find
from framesift.project.records import ROLES, Role, StoredDrive, VideoRecord
from framesift.project.video_records import (
    COLUMNS,
    PRESENT_ID,
    Opened,
    fingerprint_of,
    free,
    open_as,
    record_of,
    slug,
)
from framesift.project.video_states import VideoStates

if TYPE_CHECKING:
    from framesift.video import Video


class Videos:
    """The videos of a project, by id, in the order in which they were added.

    A removed video is kept with its scores and labels, which count nowhere, so that undo
    brings it back and cycles can be made again; only `every` tells of it.
    """

    def __init__(self, database: Database, journal: ProjectJournal, folder: Path) -> None:
        self._database, self._journal, self._folder = database, journal, folder
        self._states = VideoStates(database, journal)
        self.facts = FrameFacts(database)

    def all(self, role: Role | None = None) -> tuple[VideoRecord, ...]:
        """All videos, or those of one role."""
        return tuple(v for v in self._records(f"WHERE {PRESENT_ID}") if role in (None, v.role))

    def every(self) -> tuple[VideoRecord, ...]:
        """All videos that the project ever had, removed ones too."""
        return self._records("")

    def removed(self) -> frozenset[str]:
        """The ids of the videos that were removed."""
        return frozenset(v for v, state in self._states.all().items() if state.removed)

    def removed_then(self, position: int) -> frozenset[str]:
        """The ids of the videos that were removed after a line of the journal."""
        return self._states.removed_then(position)

    def _records(self, where: str, *values: object) -> tuple[VideoRecord, ...]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM videos {where} ORDER BY number", values
        )
        return tuple(map(self._record, rows))

    def get(self, video: str) -> VideoRecord:
        """The video of an id; InputError when there is none."""
        row = self._database.one(
            f"SELECT {COLUMNS} FROM videos WHERE id = ? AND {PRESENT_ID}", (video,)
        )
        if row is None:
            raise InputError(
                f"The project has no video {video!r}; `framesift status` lists them."
            )
        return self._record(row)

    def find(self, text: str) -> VideoRecord:
        """The one video meant by an id, a file name (with or without its ending) or a path.
        InputError when none or several are."""
        every = self.all()
        path = str(Path(text).absolute())
        for fits in (
            lambda v: v.id == text,
            lambda v: str(v.path) == path,
            lambda v: printable(text) in (v.name, Path(v.name).stem),
        ):
            fitting = [video for video in every if fits(video)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                names = ", ".join(f"{v.id} ({v.path})" for v in fitting)
                raise InputError(f"{text!r} may mean {names}; name one of these ids.")
        return self.get(text)

    def drives(
        self, role: Role | None = "pool", *, removed: bool = False
    ) -> tuple[StoredDrive, ...]:
        """The drives of one role (None: all), their clips in order; with `removed`, the clips
        that were removed as well, where they were."""
        clips: dict[str, list[VideoRecord]] = {}
        for (key,) in self._database.rows("SELECT key FROM drives ORDER BY number"):
            clips[key] = []
        videos = self.every() if removed else self.all()
        for video in sorted(videos, key=lambda v: v.place):
            if role in (None, video.role):
                clips.setdefault(video.drive, []).append(video)
        return tuple(StoredDrive(key, tuple(of)) for key, of in clips.items() if of)

    def drive(self, key: str) -> StoredDrive:
        """One drive; InputError when there is none."""
        clips = self._records(f"WHERE drive = ? AND {PRESENT_ID}", key)
        if clips:
            return StoredDrive(key, tuple(sorted(clips, key=lambda clip: clip.place)))
        raise InputError(f"The project has no drive {key!r}; `framesift status` lists them.")

    def add(self, video: Opened, *, role: Role = "pool") -> VideoRecord:
        """Adds a video as a drive of its own; see `add_drive`."""
        clips = self.add_drive([video], role=role).clips
        return next(clip for clip in clips if clip.fingerprint == video.fingerprint)

    def add_drive(
        self, clips: Sequence[Opened], *, key: str | None = None, role: Role = "pool"
    ) -> StoredDrive:
        """Adds the clips of one drive, in order of recording.

        A clip that the project has (the same content) is not added again; where some of the
        clips are in a drive already, the others join it and the order becomes the given one;
        one that was removed comes back. New footage is no edit: to take it back is to remove
        it. `key` is made unique. InputError for drawn footage, for clips of several drives,
        and for a clip that has the other role.
        """
        if role not in ROLES:
            raise ValueError(f"no role {role!r}")
        if not clips:
            raise InputError("There is no video to add; name one or more files or folders.")
        for clip in (clips,) if isinstance(clips, str | PathLike) else clips:
            if isinstance(clip, str | PathLike):
                raise InputError(
                    f"{fspath(clip)} has to be opened first; give a list of opened clips, as "
                    "in add_drive([framesift.open_video(path)])."
                )
        with self._database.writing():
            known = [self._known(clip, role) for clip in clips]
            drives = {video.drive for video in known if video is not None}
            if len(drives) > 1:
                raise InputError(
                    f"{clips[0].path.name} and the clips beside it belong to "
                    f"different drives of the project ({', '.join(sorted(drives))})."
                )
            new = [clip for clip, video in zip(clips, known, strict=True) if video is None]
            ids = iter(self._insert_drive(new, role, key if not drives else None))
            added = [next(ids) if video is None else video.id for video in known]
            name = drives.pop() if drives else self.get(added[0]).drive
            # A drive of its own has its order already.
            if len(new) < len(clips):
                self._join(name, added)
        return self.drive(name)

    def extend_drive(self, key: str, clips: Sequence[Opened]) -> StoredDrive:
        """Adds clips that were recorded behind those of a drive. As new footage it is no edit.
        InputError for an unknown drive, and for a clip that the project has."""
        role = self.drive(key).clips[0].role
        with self._database.writing():
            for clip in clips:
                known = self._known(clip, role)
                if known is not None:
                    raise InputError(f"{known.name} is in the project already.")
            places = (s.place for s in self._states.all().values() if s.drive == key)
            for place, clip in enumerate(clips, max(places) + 1):
                self._insert(clip, role, key, place)
            self._note_added(clips)
        return self.drive(key)

    def _note_added(self, clips: Sequence[Opened]) -> None:
        names = ", ".join(printable(clip.path.name) for clip in clips)
        self._journal.note("footage", f"Add {names}")

    def _join(self, drive: str, given: Sequence[str]) -> None:
        states = self._states.all()
        there = [
            video
            for video, state in sorted(states.items(), key=lambda item: item[1].place)
            if state.drive == drive and video not in given and not state.removed
        ]
        back = [states[video].name for video in given if states[video].removed]
        fresh = [states[video].name for video in given if states[video].drive != drive]
        text = f"Order the clips of {drive}"
        if fresh:
            text = f"Add {', '.join([*back, *fresh])} to {drive}"
        elif back:
            text = f"Bring back {', '.join(back)}"
        self._states.arrange({drive: [*there, *given]}, kind="footage", text=text)

    def _insert_drive(
        self, clips: Sequence[Opened], role: Role, key: str | None
    ) -> tuple[str, ...]:
        if not clips:
            return ()
        name = self._unique("drives", "key", key or slug(clips[0].path))
        self._database.run(
            "INSERT INTO drives (key) VALUES (?) ON CONFLICT DO NOTHING", (name,)
        )
        ids = tuple(self._insert(clip, role, name, place) for place, clip in enumerate(clips))
        self._note_added(clips)
        return ids

    def _known(self, clip: Opened, role: Role) -> VideoRecord | None:
        row = self._database.one(
            f"SELECT {COLUMNS} FROM videos WHERE fingerprint = ? AND stream IS ?",
            (clip.fingerprint, getattr(clip, "stream", None)),
        )
        if row is None:
            return None
        video = self._record(row)
        if video.role != role:
            raise InputError(
                f"{clip.path.name} is in the project already, "
                + (
                    "as evaluation footage; it is only ever measured on."
                    if video.role == "evaluation"
                    else "in the pool; what may have trained a detector cannot measure it."
                )
            )
        if not video.path.exists():
            self._refer(video.id, clip.path)
        return video

    def _insert(self, clip: Opened, role: Role, drive: str, place: int) -> str:
        if clip.kind == "synthetic":
            raise InputError("Drawn footage has no file; write it to one and add that.")
        if not len(clip):
            raise InputError(f"{clip.path} has no frame; it cannot be added.")
        video = self._unique("videos", "id", slug(clip.path))
        refers = Reference.to(clip.path, self._folder)
        self._database.run(
            "INSERT INTO videos (id, name, relative, absolute, bytes, modified, fingerprint, "
            "kind, stream, frames, fps, width, height, role, drive, place, added) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                video,
                printable(clip.path.name),
                refers.relative,
                refers.absolute,
                refers.bytes,
                refers.modified,
                clip.fingerprint,
                clip.kind,
                getattr(clip, "stream", None),
                len(clip),
                None if math.isnan(clip.fps) else float(clip.fps),
                int(clip.width),
                int(clip.height),
                role,
                drive,
                place,
                time.time(),
            ),
        )
        self.facts.keep_times(video, clip.times)
        return video

    def _unique(self, table: str, column: str, text: str) -> str:
        # Drives without videos stay in their table: an undo may bring them back.
        taken = {text for (text,) in self._database.rows(f"SELECT {column} FROM {table}")}
        return free(text, taken)

    def free_key(self, text: str) -> str:
        """A key that no drive has: the one wanted, or that with a number."""
        return self._unique("drives", "key", text)

    def arrange(self, drives: Mapping[str, Sequence[str]], text: str = "") -> Group | None:
        """Regroups videos: the ids of each drive, in order; one gesture, of the name `text`.
        Videos that are not named stay; drives without videos go. InputError for unknown videos
        and for drives that would mix the pool with evaluation footage."""
        name = text or f"Arrange {', '.join(drives)}"
        with self._journal.gesture("footage", name) as gathering:
            for video in (video for videos in drives.values() for video in videos):
                self.get(video)
            self._states.arrange(drives, kind="footage", text=name)
            for drive in self.drives(None):
                if len({clip.role for clip in drive.clips}) > 1:
                    raise InputError(
                        f"The drive {drive.key} would hold footage of the pool "
                        "and of the evaluation set; keep them apart."
                    )
        return gathering.group

    def remove(self, *videos: str) -> Group | None:
        """Takes videos out of the project, as one gesture; their files are left alone. Their
        labels and scores are kept, and count nowhere until undo, or adding a video again,
        brings it back. Cycles that were selected from them can still be made again. InputError
        for a video that is not there."""
        names = [self.get(video).name for video in videos]
        states = self._states.all()
        return self._states.change(
            {video: replace(states[video], removed=True) for video in videos},
            kind="footage",
            text=f"Remove {', '.join(names)}",
        )

    def locate(
        self,
        video: str,
        search: Sequence[Path] = (),
        *,
        fingerprint: Callable[[Path], str | None] | None = None,
    ) -> Path:
        """Where the video's file lies now: beside the project as before, where it was, or
        under a folder of `search` by name and content. `fingerprint` tells a file's content
        (None: it cannot be read); by default the file is opened for it.

        Raises InputError when it is gone or its content has changed.
        """
        record = self.get(video)
        given = fingerprint or (lambda path: fingerprint_of(record, path))
        return find(
            self._reference(video),
            self._folder,
            lambda path: given(path) == record.fingerprint,
            search,
        )

    def relink(
        self, video: str, path: Path, *, fingerprint: Callable[[Path], str | None] | None = None
    ) -> VideoRecord:
        """Remembers where a video lies now; InputError when that is another video."""
        record = self.get(video)
        given = fingerprint or (lambda path: fingerprint_of(record, path))
        if not path.exists():
            raise InputError(f"There is nothing at {path}; say where {record.name} is.")
        if given(path) != record.fingerprint:
            raise InputError(
                f"{path} is not {record.name}: its content is another. Choose "
                "the file that was added, or add this one."
            )
        self._refer(video, path)
        return self.get(video)

    def open(self, video: str, search: Sequence[Path] = ()) -> Video:
        """Opens a video where it lies now. InputError when it is gone, changed, or decodes
        another number of frames than when it was added."""
        record = self.get(video)
        opened = open_as(record, self.locate(video, search))
        if len(opened) != record.frames:
            frames = len(opened)
            opened.close()
            raise InputError(
                f"{record.name} has {frames} frames now, and had {record.frames} "
                "when it was added; put the original back."
            )
        return opened

    def _reference(self, video: str) -> Reference:
        row = self._database.one(
            "SELECT relative, absolute, bytes, modified FROM videos WHERE id = ?", (video,)
        )
        assert row is not None
        return Reference(*row)

    def _refer(self, video: str, path: Path) -> None:
        state = self._states.all()[video]
        there = state.at(Reference.to(path, self._folder), printable(path.name))
        self._states.change({video: there}, kind="footage", text=f"Find {state.name} again")

    def _record(self, row: Row) -> VideoRecord:
        record = record_of(row)
        times = self.facts.times(record.id, record.added, record.frames)
        return record if times is None else replace(record, times=times)
