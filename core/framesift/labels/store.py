"""Stores of labels: what they do, and one in memory."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from framesift.labels.edits import Edit, EditGroup, Journal, put
from framesift.labels.labels import UNSEEN, FrameKey, FrameLabels

LabelEdit = Edit[FrameKey, FrameLabels]
LabelGroup = EditGroup[FrameKey, FrameLabels]


class LabelStore(Protocol):
    """Labels by frame. Frames without labels are UNSEEN."""

    def get(self, key: FrameKey) -> FrameLabels:
        """The labels of a frame."""
        ...

    def all(self, video: str | None = None) -> dict[FrameKey, FrameLabels]:
        """Every frame that is not UNSEEN, by video and frame number."""
        ...

    def change(
        self, after: Mapping[FrameKey, FrameLabels], *, kind: str = "edit", text: str = ""
    ) -> LabelGroup | None:
        """Gives frames new labels, as one gesture; None when nothing changes by it."""
        ...


def edits_between(
    before: Mapping[FrameKey, FrameLabels], after: Mapping[FrameKey, FrameLabels]
) -> tuple[LabelEdit, ...]:
    """The edits that lead from one state of labels to another; frames that the first lacks are
    UNSEEN there.

    Args:
        before: labels by frame.
        after: labels by frame; frames that it lacks are left alone.

    Returns:
        An edit for each frame that differs, in the order of `after`.

    Example:
        >>> from framesift.boxes import Box
        >>> len(edits_between({}, {FrameKey("clip", 3): FrameLabels.of([Box(1, 2, 3, 4)])}))
        1
    """
    return tuple(
        Edit(key, before.get(key, UNSEEN), value)
        for key, value in after.items()
        if before.get(key, UNSEEN) != value
    )


class MemoryLabels:
    """A LabelStore without a disk, with undo: for simulations, and the model that the tests
    hold the project's store and journal against."""

    def __init__(self) -> None:
        self._labels: dict[FrameKey, FrameLabels] = {}
        self.journal: Journal[FrameKey, FrameLabels] = Journal()

    def get(self, key: FrameKey) -> FrameLabels:
        return self._labels.get(key, UNSEEN)

    def all(self, video: str | None = None) -> dict[FrameKey, FrameLabels]:
        return {
            key: self._labels[key] for key in sorted(self._labels) if video in (None, key.video)
        }

    def change(
        self, after: Mapping[FrameKey, FrameLabels], *, kind: str = "edit", text: str = ""
    ) -> LabelGroup | None:
        edits = edits_between(self._labels, after)
        if not edits:
            return None
        group = EditGroup(edits, kind, text, time.time())
        self.journal.record(group)
        put(self._labels, group.after(), UNSEEN)
        return group

    def undo(self) -> LabelGroup | None:
        group = self.journal.undo()
        if group is not None:
            put(self._labels, group.before(), UNSEEN)
        return group

    def redo(self) -> LabelGroup | None:
        group = self.journal.redo()
        if group is not None:
            put(self._labels, group.after(), UNSEEN)
        return group
