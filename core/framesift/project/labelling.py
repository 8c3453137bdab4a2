"""A project's labels: journalled, undoable, on the disk before a change is acknowledged."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from framesift.errors import InputError
from framesift.labels import (
    UNSEEN,
    FrameKey,
    FrameLabels,
    LabelGroup,
    Picture,
    checked,
    edits_between,
)
from framesift.labels.edits import Edit, EditGroup
from framesift.project.codec import decode, encode
from framesift.project.database import Database, damaged
from framesift.project.pictures import Pictures

Classes = Callable[[], tuple[str, ...]]


class _Size(NamedTuple):
    frames: int
    width: int
    height: int
    kind: str


class Gesture(NamedTuple):
    """A line of the journal: `status` is "done", "undone" or "dropped", `frames` the number
    of frames that it changed."""

    number: int
    status: str
    kind: str
    text: str
    time: float
    frames: int


class ProjectLabels:
    """The LabelStore of a project; see framesift.labels.LabelStore and
    framesift.labels.edits for the rules of undo, which survives a restart.

    When a method returns, its change is on the disk, and when it raises, nothing has changed.
    """

    def __init__(self, database: Database, classes: Classes) -> None:
        self._database, self._classes = database, classes
        self.pictures = Pictures(database)

    def get(self, key: FrameKey) -> FrameLabels:
        """The labels of a frame; UNSEEN without any."""
        return decode(
            self._database.value(
                "SELECT value FROM labels WHERE video = ? AND frame = ?", (key.video, key.frame)
            ),
            self._database.path,
        )

    def all(self, video: str | None = None) -> dict[FrameKey, FrameLabels]:
        """Every frame that is not UNSEEN, by video and frame number."""
        where, values = ("WHERE video = ?", (video,)) if video is not None else ("", ())
        return {
            FrameKey(name, frame): decode(text, self._database.path)
            for name, frame, text in self._database.rows(
                f"SELECT video, frame, value FROM labels {where} ORDER BY video, frame", values
            )
        }

    def states(self, video: str | None = None) -> dict[FrameKey, str]:
        """The states alone of every frame that is not unseen; quicker than `all`."""
        where, values = ("AND video = ?", (video,)) if video is not None else ("", ())
        return {
            FrameKey(name, frame): state
            for name, frame, state in self._database.rows(
                f"SELECT video, frame, state FROM labels WHERE state <> 'unseen' {where} "
                "ORDER BY video, frame",
                values,
            )
        }

    def counts(self) -> tuple[Counter[str], int]:
        """Frames by state, and boxes."""
        rows = self._database.rows(
            "SELECT state, count(*), sum(boxes) FROM labels "
            "WHERE state <> 'unseen' GROUP BY state"
        )
        return Counter({state: n for state, n, _ in rows}), sum(n for _, _, n in rows)

    def change(
        self,
        after: Mapping[FrameKey, FrameLabels],
        *,
        kind: str = "edit",
        text: str = "",
        pictures: Mapping[FrameKey, Picture] | None = None,
    ) -> LabelGroup | None:
        """Gives frames new labels, as one gesture; None when nothing changes by it.

        Boxes are cut at the picture's edge (framesift.labels.checked). `pictures` ties the
        labels to the decoded pictures they were made on. What was undone before can no longer
        be redone. Raises InputError for frames that do not exist, boxes that cannot be, and
        pictures other than those that were labelled before.
        """
        with self._database.writing():
            self.pictures.put(pictures or {})
            sizes = self._sizes({key.video for key in after})
            wanted = {
                key: self._checked(key, value, sizes, (pictures or {}).get(key))
                for key, value in after.items()
            }
            edits = edits_between(self._present(wanted), wanted)
            if not edits:
                return None
            group = EditGroup(edits, kind, text, time.time())
            number = self._record(group)
            self._put(group.after())
        return EditGroup(edits, kind, text, group.time, number)

    def _checked(
        self,
        key: FrameKey,
        labels: FrameLabels,
        sizes: Mapping[str, _Size],
        picture: Picture | None,
    ) -> FrameLabels:
        size = sizes.get(key.video)
        if size is None:
            raise InputError(f"The project has no video {key.video!r}; add it first.")
        if not 0 <= key.frame < size.frames:
            raise InputError(f"{key.video} has no frame {key.frame}; it has {size.frames}.")
        if not labels.boxes:
            return labels
        if picture is None and size.kind == "stills":
            picture = self.pictures.get(key)
        width, height = (
            (size.width, size.height) if picture is None else (picture.width, picture.height)
        )
        try:
            return checked(labels, width, height, self._classes())
        except InputError as error:
            raise InputError(f"Frame {key.frame} of {key.video}: {error}") from error

    def _sizes(self, videos: Iterable[str]) -> dict[str, _Size]:
        rows = self._database.rows("SELECT id, frames, width, height, kind FROM videos")
        wanted = set(videos)
        return {video: _Size(*size) for video, *size in rows if video in wanted}

    def _present(self, keys: Iterable[FrameKey]) -> dict[FrameKey, FrameLabels]:
        return {key: self.get(key) for key in keys}

    def _record(self, group: LabelGroup) -> int:
        run = self._database.run
        run("UPDATE journal SET status = 'dropped' WHERE status = 'undone'")
        number = run(
            "INSERT INTO journal (status, kind, text, time) VALUES ('done', ?, ?, ?)",
            (group.kind, group.text, group.time),
        )
        self._database.many(
            "INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    number,
                    place,
                    edit.key.video,
                    edit.key.frame,
                    encode(edit.before),
                    encode(edit.after),
                )
                for place, edit in enumerate(group.edits)
            ],
        )
        return number

    def _put(self, values: Mapping[FrameKey, FrameLabels]) -> None:
        self._database.many(
            "DELETE FROM labels WHERE video = ? AND frame = ?",
            [(key.video, key.frame) for key in values],
        )
        self._database.many(
            "INSERT INTO labels VALUES (?, ?, ?, ?, ?)",
            [
                (key.video, key.frame, value.state, len(value.boxes), encode(value))
                for key, value in values.items()
                if value != UNSEEN
            ],
        )

    def undo(self) -> LabelGroup | None:
        """Takes the latest gesture back; None when there is none."""
        with self._database.writing():
            group = self._next_undo()
            if group is not None:
                self._put(group.before())
                self._mark(group.number, "undone")
        return group

    def redo(self) -> LabelGroup | None:
        """Does the gesture again that was undone last; None when there is none."""
        with self._database.writing():
            group = self._next_redo()
            if group is not None:
                self._put(group.after())
                self._mark(group.number, "done")
        return group

    @property
    def undo_text(self) -> str | None:
        """The text of the gesture that undo would take back; None when there is none."""
        return self._text("done", "DESC")

    @property
    def redo_text(self) -> str | None:
        """The text of the gesture that redo would do again; None when there is none."""
        return self._text("undone", "ASC")

    def gestures(self, last: int = 1000) -> tuple[Gesture, ...]:
        """The latest gestures, oldest first, without their edits; quick."""
        rows = self._database.rows(
            "SELECT number, status, kind, text, time, "
            "(SELECT count(*) FROM edits WHERE gesture = number) "
            "FROM journal ORDER BY number DESC LIMIT ?",
            (last,),
        )
        return tuple(Gesture(*row) for row in reversed(rows))

    def journal(self, last: int = 50) -> tuple[tuple[str, LabelGroup], ...]:
        """The latest gestures, oldest first, each with "done", "undone" or "dropped"."""
        rows = self._database.rows(
            "SELECT number, status FROM journal ORDER BY number DESC LIMIT ?", (last,)
        )
        return tuple((status, self._group(number)) for number, status in reversed(rows))

    def snapshot(self, keys: Iterable[FrameKey] | None = None) -> str:
        """A sha256 over the labels of `keys` (default: of every frame): which boxes stood
        where, for the ledger. How they came about makes no difference."""
        labels = self.all()
        wanted = labels if keys is None else set(keys)
        digest = hashlib.sha256()
        for key, value in labels.items():
            if key in wanted and value.state != "unseen":
                boxes = [
                    (
                        float(b.x1),
                        float(b.y1),
                        float(b.x2),
                        float(b.y2),
                        b.category,
                        b.ignore,
                        b.occluded,
                        b.truncated,
                    )
                    for b in value.boxes
                ]
                digest.update(repr((key.video, key.frame, value.state, boxes)).encode())
        return digest.hexdigest()

    def _text(self, status: str, order: str) -> str | None:
        text: str | None = self._database.value(
            f"SELECT text FROM journal WHERE status = ? ORDER BY number {order} LIMIT 1",
            (status,),
        )
        return text

    def _next_undo(self) -> LabelGroup | None:
        return self._at("SELECT max(number) FROM journal WHERE status = 'done'")

    def _next_redo(self) -> LabelGroup | None:
        # What is undone lies behind all that is done: the oldest was undone last.
        return self._at("SELECT min(number) FROM journal WHERE status = 'undone'")

    def _at(self, query: str) -> LabelGroup | None:
        number = self._database.value(query)
        return None if number is None else self._group(number)

    def _group(self, number: int) -> LabelGroup:
        row = self._database.one(
            "SELECT kind, text, time FROM journal WHERE number = ?", (number,)
        )
        assert row is not None
        path = self._database.path
        edits = tuple(
            Edit(FrameKey(video, frame), decode(before, path), decode(after, path))
            for video, frame, before, after in self._database.rows(
                "SELECT video, frame, before, after FROM edits WHERE gesture = ? "
                "ORDER BY place",
                (number,),
            )
        )
        kind, text, when = row
        try:
            return EditGroup(edits, kind, text, when, number)
        except ValueError as error:
            raise damaged(path, "the journal is not whole") from error

    def _mark(self, number: int, status: str) -> None:
        self._database.run("UPDATE journal SET status = ? WHERE number = ?", (status, number))
