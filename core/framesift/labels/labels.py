"""Labels: what a person says about a frame, as values; and stores that hold them.

A label is checked before it is stored (`checked`). Positions are continuous native pixels.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels.edits import Edit, EditGroup, Journal, put

State = Literal["unseen", "labelled", "nothing", "skipped"]
STATES: tuple[State, ...] = get_args(State)

CUT = 1.0
"""A box that loses more than this many pixels at the picture's edge is marked truncated."""


@dataclass(frozen=True, slots=True, order=True)
class FrameKey:
    """The identity of a frame: the video's id and the 0-based frame number."""

    video: str
    frame: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Which decoded picture a label belongs to: `picture_hash` of it, its native size, and
    the frame's timestamp in the stream's own ticks (None for stills)."""

    hash: str
    width: int
    height: int
    timestamp: int | None = None


def picture_hash(image: NDArray[np.uint8]) -> str:
    """32 hex digits over shape and pixels of a decoded picture, uint8 H×W×3 RGB."""
    digest = hashlib.blake2b(repr(tuple(image.shape)).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class FrameLabels:
    """What is said about one frame.

    `state`: "labelled" with at least one box; "nothing": somebody looked and there is
    nothing; "skipped": somebody looked and will not say; "unseen": nobody looked. `ids`
    names each box, so that edits and selections survive others' changes; an id is never given
    twice in a frame (`next_id`). `accepted` and `rejected` hold the ids of proposals that
    were decided; the undecided ones never train.
    """

    state: State = "unseen"
    boxes: tuple[Box, ...] = ()
    ids: tuple[int, ...] = ()
    next_id: int = 0
    accepted: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"{self.state!r} is no state of a frame")
        if bool(self.boxes) != (self.state == "labelled"):
            raise ValueError(f"{len(self.boxes)} boxes in a frame that is {self.state}")
        if self.boxes and not self.ids:
            object.__setattr__(self, "ids", tuple(range(1, len(self.boxes) + 1)))
        if len(self.ids) != len(self.boxes) or len(set(self.ids)) != len(self.ids):
            raise ValueError("every box has an id of its own")
        least = max(self.ids, default=0) + 1
        object.__setattr__(self, "next_id", max(self.next_id, least))

    @staticmethod
    def of(boxes: Iterable[Box]) -> FrameLabels:
        """Labels of a frame that somebody looked at: its boxes, or "nothing"."""
        boxes = tuple(boxes)
        return FrameLabels("labelled" if boxes else "nothing", boxes)

    @property
    def trains(self) -> bool:
        """Whether the frame may be learnt from or measured on."""
        return self.state in ("labelled", "nothing")

    def box(self, number: int) -> Box:
        """The box of an id; KeyError when there is none."""
        return self.boxes[self._place(number)]

    def _place(self, number: int) -> int:
        if number not in self.ids:
            raise KeyError(number)
        return self.ids.index(number)

    def with_boxes(self, *boxes: Box) -> FrameLabels:
        """With more boxes; each gets a new id, from `next_id` up."""
        if not boxes:
            return self
        ids = range(self.next_id, self.next_id + len(boxes))
        return replace(
            self, state="labelled", boxes=(*self.boxes, *boxes), ids=(*self.ids, *ids)
        )

    def with_box(self, number: int, box: Box) -> FrameLabels:
        """With another box under an id; KeyError when there is none."""
        place = self._place(number)
        return replace(self, boxes=(*self.boxes[:place], box, *self.boxes[place + 1 :]))

    def without_boxes(self, *numbers: int) -> FrameLabels:
        """Without these boxes; KeyError when one is not there.

        A frame that loses its last box is unseen again: "nothing there" trains, so it has to
        be said, never to follow from a slip.
        """
        gone = {self._place(number) for number in numbers}
        kept = [i for i in range(len(self.boxes)) if i not in gone]
        return replace(
            self,
            state="labelled" if kept else "unseen",
            boxes=tuple(self.boxes[i] for i in kept),
            ids=tuple(self.ids[i] for i in kept),
        )

    def marked(self, state: Literal["unseen", "nothing", "skipped"]) -> FrameLabels:
        """In another state, without boxes."""
        return replace(self, state=state, boxes=(), ids=())


UNSEEN = FrameLabels()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A detector's box, offered for labelling. `id` is its own in the whole project; `score`
    in [0, 1]."""

    id: int
    box: Box
    score: float


def accept(labels: FrameLabels, proposals: Iterable[Proposal]) -> FrameLabels:
    """The proposals' boxes become labels; those accepted before are left alone."""
    new = [p for p in proposals if p.id not in labels.accepted]
    ids = frozenset(p.id for p in new)
    more = labels.with_boxes(*(p.box for p in new))
    return replace(more, accepted=more.accepted | ids, rejected=more.rejected - ids)


def reject(labels: FrameLabels, proposals: Iterable[Proposal]) -> FrameLabels:
    """The proposals are declined, unless they were accepted before."""
    ids = frozenset(p.id for p in proposals) - labels.accepted
    return replace(labels, rejected=labels.rejected | ids)


def undecided(labels: FrameLabels, proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """The proposals neither accepted nor rejected."""
    decided = labels.accepted | labels.rejected
    return tuple(p for p in proposals if p.id not in decided)


def checked(
    labels: FrameLabels, width: float, height: float, classes: Iterable[str]
) -> FrameLabels:
    """The labels as they may be stored for a picture of `width` × `height` pixels.

    What lies outside the picture is cut off, and a box that loses more than a pixel is marked
    truncated. Raises InputError for a box that is not finite, empty or wholly outside, or of
    a class that is not among `classes` (ignore regions may be of any).
    """
    known = frozenset(classes)
    boxes = tuple(_checked(box, width, height, known) for box in labels.boxes)
    return labels if boxes == labels.boxes else replace(labels, boxes=boxes)


def _checked(box: Box, width: float, height: float, known: frozenset[str]) -> Box:
    corners = (float(box.x1), float(box.y1), float(box.x2), float(box.y2))
    said = "The box (" + ", ".join(f"{v:g}" for v in corners) + ")"
    if not all(math.isfinite(v) for v in corners):
        raise InputError(f"{said} has a corner that is no number; draw it again.")
    if box.width <= 0 or box.height <= 0:
        raise InputError(
            f"{said} is empty; its right edge must lie beyond its left one, and "
            "its bottom below its top."
        )
    if not box.ignore and box.category not in known:
        raise InputError(
            f"{said} is of the class {box.category!r}, which is not among "
            f"{', '.join(sorted(known)) or '(none)'}; add the class first."
        )
    x1, y1, x2, y2 = corners
    inside = replace(box, x1=x1, y1=y1, x2=x2, y2=y2).clipped(width, height)
    if inside.width <= 0 or inside.height <= 0:
        raise InputError(f"{said} lies outside the picture of {width:g}×{height:g} pixels.")
    lost = max(
        abs(a - b)
        for a, b in zip(corners, (inside.x1, inside.y1, inside.x2, inside.y2), strict=True)
    )
    return replace(inside, truncated=True) if lost > CUT else inside


LabelEdit = Edit[FrameKey, FrameLabels]
LabelGroup = EditGroup[FrameKey, FrameLabels]


class LabelStore(Protocol):
    """Labels by frame, with undo. Frames without labels are UNSEEN."""

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

    def undo(self) -> LabelGroup | None:
        """Takes the latest gesture back; None when there is none."""
        ...

    def redo(self) -> LabelGroup | None:
        """Does the gesture again that was undone last; None when there is none."""
        ...


def edits_between(
    before: Mapping[FrameKey, FrameLabels], after: Mapping[FrameKey, FrameLabels]
) -> tuple[LabelEdit, ...]:
    """The edits that lead to `after`, in its order; frames not in `before` are UNSEEN."""
    return tuple(
        Edit(key, before.get(key, UNSEEN), value)
        for key, value in after.items()
        if before.get(key, UNSEEN) != value
    )


class MemoryLabels:
    """A LabelStore without a disk: for simulations, and the model that the tests hold the
    project's store against."""

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
