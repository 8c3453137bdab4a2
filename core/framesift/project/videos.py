"""A project's videos and drives: what they are, and where their files lie now."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.project.database import Database
from framesift.project.facts import FrameFacts
from framesift.project.paths import Reference, find
from framesift.project.records import ROLES, Role, StoredDrive, VideoRecord

if TYPE_CHECKING:
    from framesift.video import Video

_COLUMNS = (
    "id, name, absolute, fingerprint, kind, stream, frames, fps, width, height, role, "
    "drive, place, added"
)
_REFERRING = ("labels", "pictures", "edits", "picks", "evaluation_frames", "split")


class Opened(Protocol):
    """What has to be known of a video to add it; a framesift.video.Video knows it."""

    @property
    def path(self) -> Path: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def fps(self) -> float: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def times(self) -> NDArray[np.float64] | None: ...
    def __len__(self) -> int: ...


class Videos:
    """The videos of a project, by id, in the order in which they were added."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder
        self.facts = FrameFacts(database)

    def all(self, role: Role | None = None) -> tuple[VideoRecord, ...]:
        """All videos, or those of one role."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM videos ORDER BY number")
        return tuple(v for v in map(self._record, rows) if role in (None, v.role))

    def get(self, video: str) -> VideoRecord:
        """The video of an id; InputError when there is none."""
        row = self._database.one(f"SELECT {_COLUMNS} FROM videos WHERE id = ?", (video,))
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
            lambda v: text in (v.name, Path(v.name).stem),
        ):
            found = [video for video in every if fits(video)]
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(f"{v.id} ({v.path})" for v in found)
                raise InputError(f"{text!r} may mean {names}; name one of these ids.")
        return self.get(text)

    def drives(self, role: Role | None = "pool") -> tuple[StoredDrive, ...]:
        """The drives of one role (None: all), their clips in order."""
        clips: dict[str, list[VideoRecord]] = {}
        for (key,) in self._database.rows("SELECT key FROM drives ORDER BY number"):
            clips[key] = []
        for video in sorted(self.all(role), key=lambda v: v.place):
            clips.setdefault(video.drive, []).append(video)
        return tuple(StoredDrive(key, tuple(of)) for key, of in clips.items() if of)

    def drive(self, key: str) -> StoredDrive:
        """One drive; InputError when there is none."""
        for drive in self.drives(None):
            if drive.key == key:
                return drive
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
        clips are in a drive already, the others join it and the order becomes the given one.
        `key` is made unique. InputError for drawn footage, for clips of several drives, and
        for a clip that has the other role.
        """
        if role not in ROLES:
            raise ValueError(f"no role {role!r}")
        if not clips:
            raise InputError("There is no video to add; name one or more files or folders.")
        with self._database.writing():
            known = [self._known(clip, role) for clip in clips]
            drives = {video.drive for video in known if video is not None}
            if len(drives) > 1:
                raise InputError(
                    f"{clips[0].path.name} and the clips beside it belong to "
                    f"different drives of the project ({', '.join(drives)})."
                )
            if drives:
                name = drives.pop()
            else:
                name = self._unique("drives", "key", key or _slug(clips[0].path))
                self._database.run("INSERT INTO drives (key) VALUES (?)", (name,))
            added = [
                video.id if video is not None else self._insert(clip, role, name)
                for clip, video in zip(clips, known, strict=True)
            ]
            self._order(name, added)
        return self.drive(name)

    def _known(self, clip: Opened, role: Role) -> VideoRecord | None:
        row = self._database.one(
            f"SELECT {_COLUMNS} FROM videos WHERE fingerprint = ? AND stream IS ?",
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
            self._refer(video.id, Reference.to(clip.path, self._folder))
        return video

    def _insert(self, clip: Opened, role: Role, drive: str) -> str:
        if clip.kind == "synthetic":
            raise InputError("Drawn footage has no file; write it to one and add that.")
        if not len(clip):
            raise InputError(f"{clip.path} has no frame; it cannot be added.")
        video = self._unique("videos", "id", _slug(clip.path))
        refers = Reference.to(clip.path, self._folder)
        self._database.run(
            "INSERT INTO videos (id, name, relative, absolute, bytes, modified, fingerprint, "
            "kind, stream, frames, fps, width, height, role, drive, place, added) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                video,
                clip.path.name,
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
                1 << 30,
                time.time(),
            ),
        )
        self.facts.keep_times(video, clip.times)
        return video

    def _unique(self, table: str, column: str, wanted: str) -> str:
        taken = {text for (text,) in self._database.rows(f"SELECT {column} FROM {table}")}
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def free_key(self, wanted: str) -> str:
        """A key that no drive has: the one wanted, or that with a number."""
        return self._unique("drives", "key", wanted)

    def _order(self, drive: str, given: Sequence[str]) -> None:
        rows = self._database.rows(
            "SELECT id FROM videos WHERE drive = ? ORDER BY place, number", (drive,)
        )
        rest = [video for (video,) in rows if video not in given]
        self._database.many(
            "UPDATE videos SET place = ? WHERE id = ?",
            [(n, video) for n, video in enumerate([*rest, *given])],
        )

    def arrange(self, drives: Mapping[str, Sequence[str]]) -> None:
        """Regroups videos: the ids of each drive, in order. Videos that are not named stay;
        drives without videos go. InputError for unknown videos and for drives that would mix
        the pool with evaluation footage."""
        with self._database.writing():
            for key, ids in drives.items():
                if self._database.value("SELECT 1 FROM drives WHERE key = ?", (key,)) is None:
                    self._database.run("INSERT INTO drives (key) VALUES (?)", (key,))
                for place, video in enumerate(ids):
                    self.get(video)
                    self._database.run(
                        "UPDATE videos SET drive = ?, place = ? WHERE id = ?",
                        (key, place, video),
                    )
            for drive in self.drives(None):
                if len({clip.role for clip in drive.clips}) > 1:
                    raise InputError(
                        f"The drive {drive.key} would hold footage of the pool "
                        "and of the evaluation set; keep them apart."
                    )
            self._database.run("DELETE FROM drives WHERE key NOT IN (SELECT drive FROM videos)")

    def remove(self, video: str) -> None:
        """Forgets a video and its scores (its file is left alone). InputError when labels,
        picks or the evaluation set refer to it."""
        record = self.get(video)
        with self._database.writing():
            for table in _REFERRING:
                if self._database.value(f"SELECT 1 FROM {table} WHERE video = ?", (video,)):
                    raise InputError(
                        f"{record.name} has labels, picks or frames for "
                        "measuring; it cannot be removed."
                    )
            if self._database.value(
                "SELECT 1 FROM cycle_series JOIN series ON series.number "
                "= cycle_series.series WHERE video = ?",
                (video,),
            ):
                raise InputError(
                    f"A cycle was selected from {record.name}; it cannot be removed."
                )
            for table in ("scores", "maxima"):
                self._database.run(
                    f"DELETE FROM {table} WHERE series IN "
                    "(SELECT number FROM series WHERE video = ?)",
                    (video,),
                )
            self.facts.forget(video)
            for table in ("series", "thumbnails", "proposals"):
                self._database.run(f"DELETE FROM {table} WHERE video = ?", (video,))
            self._database.run("DELETE FROM videos WHERE id = ?", (video,))
            self._database.run("DELETE FROM drives WHERE key NOT IN (SELECT drive FROM videos)")

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
        given = fingerprint or (lambda path: _fingerprint(record, path))
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
        given = fingerprint or (lambda path: _fingerprint(record, path))
        if not path.exists():
            raise InputError(f"There is nothing at {path}; say where {record.name} is.")
        if given(path) != record.fingerprint:
            raise InputError(
                f"{path} is not {record.name}: its content is another. Choose "
                "the file that was added, or add this one."
            )
        with self._database.writing():
            self._refer(video, Reference.to(path, self._folder))
            self._database.run("UPDATE videos SET name = ? WHERE id = ?", (path.name, video))
        return self.get(video)

    def open(self, video: str, search: Sequence[Path] = ()) -> Video:
        """Opens a video where it lies now. InputError when it is gone, changed, or decodes
        another number of frames than when it was added."""
        record = self.get(video)
        opened = _open(record, self.locate(video, search))
        if len(opened) != record.frames:
            found = len(opened)
            opened.close()
            raise InputError(
                f"{record.name} has {found} frames now, and had {record.frames} "
                "when it was added; put the original back."
            )
        return opened

    def _reference(self, video: str) -> Reference:
        row = self._database.one(
            "SELECT relative, absolute, bytes, modified FROM videos WHERE id = ?", (video,)
        )
        assert row is not None
        return Reference(*row)

    def _refer(self, video: str, to: Reference) -> None:
        self._database.run(
            "UPDATE videos SET relative = ?, absolute = ?, bytes = ?, modified = ? "
            "WHERE id = ?",
            (to.relative, to.absolute, to.bytes, to.modified, video),
        )

    def _record(self, row: tuple[Any, ...]) -> VideoRecord:
        record = _record(row)
        times = self.facts.times(record.id, record.added, record.frames)
        return record if times is None else replace(record, times=times)


def _record(row: tuple[Any, ...]) -> VideoRecord:
    (
        video,
        name,
        absolute,
        fingerprint,
        kind,
        stream,
        frames,
        fps,
        width,
        height,
        role,
        drive,
        place,
        added,
    ) = row
    return VideoRecord(
        video,
        name,
        Path(absolute),
        fingerprint,
        kind,
        stream,
        frames,
        math.nan if fps is None else fps,
        width,
        height,
        role,
        drive,
        place,
        added,
    )


def _slug(path: Path) -> str:
    stem = path.name if path.is_dir() else path.stem
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in stem) or "video"


def _open(record: VideoRecord, path: Path) -> Video:
    from framesift.video import open_stills, open_video

    if record.kind == "stills":
        return open_stills(path)
    if record.kind == "images":
        return open_video(path, fps=record.fps)
    opened = open_video(path, stream=record.stream)
    if record.times is None and opened.fps != record.fps:
        # Somebody said another rate than the file when it was added.
        opened.close()
        return open_video(path, stream=record.stream, fps=record.fps)
    return opened


def _fingerprint(record: VideoRecord, path: Path) -> str | None:
    try:
        with _open(record, path) as video:
            return video.fingerprint
    except InputError:
        return None
