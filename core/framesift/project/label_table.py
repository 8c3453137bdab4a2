"""The labels that a project holds now, as its tables have them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping

from framesift.labels import UNSEEN, FrameKey, FrameLabels
from framesift.project.codec import decode, encode
from framesift.project.database import Database
from framesift.project.journal import ProjectJournal
from framesift.project.subjects import Subject

PRESENT = "video NOT IN (SELECT video FROM removed_videos)"
"""What makes a query leave out the frames of videos that were removed."""


class LabelTable:
    """Labels by frame. Frames of removed videos keep theirs, and count nowhere."""

    def __init__(self, database: Database, journal: ProjectJournal) -> None:
        self._database = database
        journal.register(Subject("label", FrameKey, encode, self._decode, self.put))

    def _decode(self, text: str | None) -> FrameLabels:
        return decode(text, self._database.path)

    def get(self, key: FrameKey) -> FrameLabels:
        """The labels of a frame; UNSEEN without any."""
        return self._decode(
            self._database.value(
                "SELECT value FROM labels WHERE video = ? AND frame = ?", (key.video, key.frame)
            )
        )

    def all(self, video: str | None = None) -> dict[FrameKey, FrameLabels]:
        """Every frame that is not UNSEEN, by video and frame number."""
        where, values = ("AND video = ?", (video,)) if video is not None else ("", ())
        return self._found(f"WHERE {PRESENT} {where}", values)

    def every(self) -> dict[FrameKey, FrameLabels]:
        """The same, with the frames of removed videos."""
        return self._found("", ())

    def _found(self, where: str, values: tuple[str, ...]) -> dict[FrameKey, FrameLabels]:
        return {
            FrameKey(name, frame): self._decode(text)
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
                f"SELECT video, frame, state FROM labels WHERE state <> 'unseen' AND {PRESENT} "
                f"{where} ORDER BY video, frame",
                values,
            )
        }

    def counts(self) -> tuple[Counter[str], int]:
        """Frames by state, and boxes."""
        rows = self._database.rows(
            "SELECT state, count(*), sum(boxes) FROM labels "
            f"WHERE state <> 'unseen' AND {PRESENT} GROUP BY state"
        )
        return Counter({state: n for state, n, _ in rows}), sum(n for _, _, n in rows)

    def put(self, values: Mapping[FrameKey, FrameLabels]) -> None:
        """Writes the labels of frames in place of those they had."""
        keys = [(key.video, key.frame) for key in values]
        for table in ("labels", "track_boxes"):
            self._database.many(f"DELETE FROM {table} WHERE video = ? AND frame = ?", keys)
        self._database.many(
            "INSERT INTO labels VALUES (?, ?, ?, ?, ?)",
            [
                (key.video, key.frame, value.state, len(value.boxes), encode(value))
                for key, value in values.items()
                if value != UNSEEN
            ],
        )
        self._database.many(
            "INSERT OR IGNORE INTO track_boxes VALUES (?, ?, ?, ?)",
            [
                (box.track, key.video, key.frame, derived)
                for key, value in values.items()
                for derived, boxes in enumerate((value.boxes, value.derived))
                for box in boxes
                if box.track is not None
            ],
        )


def digest(labels: Mapping[FrameKey, FrameLabels]) -> str:
    """A sha256 over labels by video and frame: which boxes stood where, and what else was said.
    How they came about and what is derived make no difference."""
    hashed = hashlib.sha256()
    for key, value in labels.items():
        if value.state != "unseen" or value.weak:
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
            weak = (value.weak,) if value.weak else ()
            hashed.update(repr((key.video, key.frame, value.state, boxes, *weak)).encode())
    return hashed.hexdigest()
