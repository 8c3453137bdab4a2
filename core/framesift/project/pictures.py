"""Which decoded picture each label belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from framesift.errors import InputError
from framesift.labels import FrameKey, Picture
from framesift.project.database import Database
from framesift.project.label_table import PRESENT

_COLUMNS = "hash, width, height, timestamp"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A labelled frame whose picture is not the one that was labelled."""

    key: FrameKey
    labelled: Picture
    now: str

    def __str__(self) -> str:
        return (
            f"Frame {self.key.frame} of {self.key.video} is not the picture that was "
            "labelled; put the original video back, or label the frame again."
        )


class Pictures:
    """The pictures of labelled frames. What is known of a frame stays until `rebind`; those of
    removed videos are kept and not told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: FrameKey) -> Picture | None:
        row = self._database.one(
            f"SELECT {_COLUMNS} FROM pictures WHERE video = ? AND frame = ?",
            (key.video, key.frame),
        )
        return None if row is None else Picture(*row)

    def all(self) -> dict[FrameKey, Picture]:
        return {
            FrameKey(video, frame): Picture(*rest)
            for video, frame, *rest in self._database.rows(
                f"SELECT video, frame, {_COLUMNS} FROM pictures WHERE {PRESENT} "
                "ORDER BY video, frame"
            )
        }

    def missing(self) -> tuple[FrameKey, ...]:
        """Labelled frames whose picture is not known yet, as after an import."""
        return tuple(
            FrameKey(video, frame)
            for video, frame in self._database.rows(
                "SELECT video, frame FROM labels WHERE state IN ('labelled', 'nothing') "
                f"AND {PRESENT} EXCEPT SELECT video, frame FROM pictures ORDER BY 1, 2"
            )
        )

    def put(self, pictures: Mapping[FrameKey, Picture]) -> None:
        """Ties frames to pictures. InputError where another picture is known already."""
        if not pictures:
            return
        with self._database.writing():
            known = {key: self.get(key) for key in pictures}
            for mismatch in mismatches(known, {k: p.hash for k, p in pictures.items()}):
                raise InputError(str(mismatch))
            self._insert({k: p for k, p in pictures.items() if known[k] is None})

    def rebind(self, pictures: Mapping[FrameKey, Picture]) -> None:
        """Ties frames to other pictures than before: somebody looked and the labels fit."""
        with self._database.writing():
            self._database.many(
                "DELETE FROM pictures WHERE video = ? AND frame = ?",
                [(key.video, key.frame) for key in pictures],
            )
            self._insert(pictures)

    def verify(self, hashes: Mapping[FrameKey, str]) -> tuple[Mismatch, ...]:
        """Compares the hashes of decoded pictures with those that were labelled; frames
        without a known picture fit anything."""
        return mismatches({key: self.get(key) for key in hashes}, hashes)

    def _insert(self, pictures: Mapping[FrameKey, Picture]) -> None:
        self._database.many(
            "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?)",
            [
                (k.video, k.frame, p.hash, p.width, p.height, p.timestamp)
                for k, p in pictures.items()
            ],
        )


def mismatches(
    known: Mapping[FrameKey, Picture | None], hashes: Mapping[FrameKey, str]
) -> tuple[Mismatch, ...]:
    """The frames whose picture is known and another than found, in order."""
    pairs: Iterable[tuple[FrameKey, Picture | None]] = (
        (key, known.get(key)) for key in sorted(hashes)
    )
    return tuple(
        Mismatch(key, picture, hashes[key])
        for key, picture in pairs
        if picture is not None and picture.hash != hashes[key]
    )
