"""Detector proposals: kept apart from labels, and never learnt from until accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from framesift.boxes import Box
from framesift.labels import (
    FrameKey,
    LabelGroup,
    Proposal,
    accept,
    reject,
    undecided,
    verified,
)
from framesift.project.classes import ClassList
from framesift.project.codec import decode_box, encode_box
from framesift.project.database import Database
from framesift.project.labelling import ProjectLabels


class Proposals:
    """The latest detector's boxes for frames to label. What a person decides about them is an
    edit of the frame's labels, so that undo takes it back."""

    def __init__(
        self, database: Database, labels: ProjectLabels, class_list: ClassList
    ) -> None:
        self._database, self._labels, self._class_list = database, labels, class_list

    def put(self, detector: str, boxes: Mapping[FrameKey, Iterable[tuple[Box, float]]]) -> None:
        """Stores the boxes and scores in [0, 1] that a detector (its identity) proposes for
        frames, in place of what was proposed for these frames before."""
        with self._database.writing():
            self._database.many(
                "DELETE FROM proposals WHERE video = ? AND frame = ?",
                [(key.video, key.frame) for key in boxes],
            )
            self._database.many(
                "INSERT INTO proposals (video, frame, detector, box, score) "
                "VALUES (?, ?, ?, ?, ?)",
                [
                    (key.video, key.frame, detector, encode_box(box), float(score))
                    for key, proposed in boxes.items()
                    for box, score in proposed
                ],
            )

    def of(self, key: FrameKey) -> tuple[Proposal, ...]:
        """All proposals for a frame, the surest first, whatever was decided. Their classes are
        named as they are now: a detector goes on to say what a class was called when it was
        trained."""
        return tuple(
            Proposal(number, self._named(decode_box(text, self._database.path)), score)
            for number, text, score in self._database.rows(
                "SELECT id, box, score FROM proposals WHERE video = ? AND frame = ? "
                "ORDER BY score DESC, id",
                (key.video, key.frame),
            )
        )

    def _named(self, box: Box) -> Box:
        return replace(box, category=self._class_list.now(box.category))

    def open(self, key: FrameKey) -> tuple[Proposal, ...]:
        """The proposals for a frame that nobody has decided about."""
        return undecided(self._labels.get(key), self.of(key))

    def accept(self, key: FrameKey, ids: Collection[int] | None = None) -> LabelGroup | None:
        """Makes open proposals (default: all of the frame's) labels, as one gesture."""
        chosen = [p for p in self.open(key) if ids is None or p.id in ids]
        return self._labels.change(
            {key: accept(self._labels.get(key), chosen)},
            kind="accept",
            text=_named("Accept", len(chosen)),
        )

    def reject(self, key: FrameKey, ids: Collection[int] | None = None) -> LabelGroup | None:
        """Declines open proposals (default: all of the frame's), as one gesture."""
        chosen = [p for p in self.open(key) if ids is None or p.id in ids]
        return self._labels.change(
            {key: reject(self._labels.get(key), chosen)},
            kind="reject",
            text=_named("Reject", len(chosen)),
        )

    def verify(
        self, key: FrameKey, yes: bool, ids: Collection[int] | None = None
    ) -> LabelGroup | None:
        """Answers whether open proposals (default: all of the frame's) are right, as one
        gesture; see `framesift.labels.verified`."""
        chosen = [p for p in self.open(key) if ids is None or p.id in ids]
        return self._labels.change(
            {key: verified(self._labels.get(key), chosen, yes=yes)},
            kind="verify",
            text=_named("Confirm" if yes else "Deny", len(chosen)),
        )


def _named(verb: str, count: int) -> str:
    return f"{verb} {count} proposal{'' if count == 1 else 's'}"
