"""Labels: what a person says about a frame, as values.

Positions are continuous native pixels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import DERIVED, Box

State = Literal["unseen", "started", "labelled", "nothing", "skipped"]
STATES: tuple[State, ...] = get_args(State)


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
    """What tells one decoded picture from another: a hash over shape and pixels.

    Args:
        image: uint8 H×W×3 (RGB).

    Returns:
        32 hex digits.

    Example:
        >>> len(picture_hash(video[0]))
        32
    """
    digest = hashlib.blake2b(repr(tuple(image.shape)).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Point:
    """A click near the centre of an object: native pixels, and its class."""

    x: float
    y: float
    category: str = "pedestrian"


@dataclass(frozen=True, slots=True)
class Weak:
    """What was said of a frame that costs less than boxes; see `framesift.labels.weak`.

    `points`: clicks near the centres of objects, `every`: whether each object has one or a box.
    `denied`: boxes of proposals that somebody said no to. `tags`: of classes, by name, whether
    an object of them is in the picture; of those that are not there nobody said anything.
    """

    points: tuple[Point, ...] = ()
    every: bool = False
    denied: tuple[Box, ...] = ()
    tags: tuple[tuple[str, bool], ...] = ()

    def __post_init__(self) -> None:
        if len(dict(self.tags)) != len(self.tags):
            raise ValueError("a class is tagged twice")
        if not all(box.denied for box in self.denied):
            raise ValueError("a box that nobody said no to among the denied ones")

    def __bool__(self) -> bool:
        return self != NOT_WEAK


NOT_WEAK = Weak()


@dataclass(frozen=True, slots=True)
class FrameLabels:
    """What is said about one frame.

    `state`: "labelled" with at least one box; "started": with boxes, but nobody said yet that
    these are all, so that it never trains; "nothing": somebody looked and there is nothing;
    "skipped": somebody looked and will not say; "unseen": nobody looked. `ids` names each box,
    so that edits and selections survive others' changes; an id is never given twice in a frame
    (`next_id`). `accepted` and `rejected` hold the ids of proposals that were decided; the
    undecided ones never train.

    `boxes` are what a person made or confirmed. `derived` are boxes of tracks that the program
    made (interpolated or tracked) and nobody has confirmed: they make no frame labelled. A
    frame has one box of a track; a person's takes the place of a derived one.

    `weak` are labels that cost less than boxes. They change no state: a frame of those alone is
    unseen, and a frame whose boxes are all has no need of them.

    `upheld` are the ids of boxes that somebody kept when a detector doubted them; they are not
    asked about again.
    """

    state: State = "unseen"
    boxes: tuple[Box, ...] = ()
    ids: tuple[int, ...] = ()
    next_id: int = 0
    accepted: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()
    derived: tuple[Box, ...] = ()
    weak: Weak = NOT_WEAK
    upheld: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"{self.state!r} is no state of a frame")
        if bool(self.boxes) != (self.state in ("labelled", "started")):
            raise ValueError(f"{len(self.boxes)} boxes in a frame that is {self.state}")
        if self.boxes and not self.ids:
            object.__setattr__(self, "ids", tuple(range(1, len(self.boxes) + 1)))
        if len(self.ids) != len(self.boxes) or len(set(self.ids)) != len(self.ids):
            raise ValueError("every box has an id of its own")
        if any(box.origin in DERIVED for box in self.boxes):
            raise ValueError("a derived box among those that a person made")
        least = max(self.ids, default=0) + 1
        object.__setattr__(self, "next_id", max(self.next_id, least))
        if not self.upheld <= {*self.ids}:
            object.__setattr__(self, "upheld", self.upheld & {*self.ids})
        if self.derived:
            self._sort_derived()

    def _sort_derived(self) -> None:
        made = {box.track for box in self.boxes}
        kept = {box.track: box for box in self.derived if box.track not in made}
        if any(box.track is None or box.origin not in DERIVED for box in self.derived):
            raise ValueError("a derived box is of a track, and interpolated or tracked")
        object.__setattr__(self, "derived", tuple(kept[t] for t in sorted(kept, key=_number)))

    @staticmethod
    def of(boxes: Iterable[Box]) -> FrameLabels:
        """Labels of a frame that somebody looked at: its boxes, or "nothing". Boxes that
        nobody has confirmed are kept as derived ones; a frame of those alone is unseen."""
        boxes = tuple(boxes)
        derived = tuple(box for box in boxes if box.origin in DERIVED)
        made = tuple(box for box in boxes if box.origin not in DERIVED)
        state: State = "labelled" if made else "unseen" if derived else "nothing"
        return FrameLabels(state, made, derived=derived)

    @property
    def trains(self) -> bool:
        """Whether the frame may be learnt from or measured on."""
        return self.state in ("labelled", "nothing")

    @property
    def trains_weakly(self) -> bool:
        """Whether it says something to learn from, without saying all: weak labels, or boxes
        that nobody said are all."""
        return self.state in ("unseen", "started") and bool(self.boxes or self.weak)

    @property
    def counted(self) -> tuple[Box, ...]:
        """The boxes as training and measuring see them: those that a person made or confirmed,
        and derived ones as ignore regions, since an object is likely there."""
        return (*self.boxes, *(replace(box, ignore=True) for box in self.derived))

    def of_track(self, track: int) -> Box | None:
        """The box of a track, made or derived; None without one."""
        return next((b for b in (*self.boxes, *self.derived) if b.track == track), None)

    def box(self, number: int) -> Box:
        """The box of an id; KeyError when there is none."""
        return self.boxes[self._place(number)]

    def _place(self, number: int) -> int:
        if number not in self.ids:
            raise KeyError(number)
        return self.ids.index(number)

    def with_boxes(self, *boxes: Box) -> FrameLabels:
        """With more boxes; each gets a new id, from `next_id` up. One whose track has a box
        here belongs to no track."""
        if not boxes:
            return self
        there = {box.track for box in self.boxes}
        boxes = tuple(replace(b, track=None) if b.track in there else b for b in boxes)
        ids = range(self.next_id, self.next_id + len(boxes))
        state: State = "started" if self.state == "started" else "labelled"
        return replace(self, state=state, boxes=(*self.boxes, *boxes), ids=(*self.ids, *ids))

    def with_box(self, number: int, box: Box) -> FrameLabels:
        """With another box under an id; KeyError when there is none."""
        place = self._place(number)
        return replace(self, boxes=(*self.boxes[:place], box, *self.boxes[place + 1 :]))

    def with_upheld(self, number: int) -> FrameLabels:
        """With a box of which somebody said that it is right; KeyError when there is none."""
        self._place(number)
        return replace(self, upheld=self.upheld | {number})

    def without_boxes(self, *numbers: int) -> FrameLabels:
        """Without these boxes; KeyError when one is not there.

        A frame that loses its last box is unseen again: "nothing there" trains, so it has to
        be said, never to follow from a slip.
        """
        gone = {self._place(number) for number in numbers}
        kept = [i for i in range(len(self.boxes)) if i not in gone]
        return replace(
            self,
            state=self.state if kept else "unseen",
            boxes=tuple(self.boxes[i] for i in kept),
            ids=tuple(self.ids[i] for i in kept),
        )

    def started(self, before: FrameLabels) -> FrameLabels:
        """The same as the first boxes of a frame that was in another state `before`: somebody
        has still to say that these are all."""
        first = self.state == "labelled" and before.state != "labelled"
        return replace(self, state="started") if first else self

    def done(self) -> FrameLabels:
        """The same, when somebody says that these boxes are all."""
        return replace(self, state="labelled") if self.state == "started" else self

    def marked(self, state: Literal["unseen", "nothing", "skipped"]) -> FrameLabels:
        """In another state, without boxes."""
        return replace(self, state=state, boxes=(), ids=(), derived=(), weak=NOT_WEAK)

    def with_derived(self, *boxes: Box) -> FrameLabels:
        """With derived boxes in place of those of the same tracks; where a person made the
        track's box, it stays."""
        new = {box.track for box in boxes}
        kept = (box for box in self.derived if box.track not in new)
        return replace(self, derived=(*kept, *boxes))

    def without_derived(self, *tracks: int) -> FrameLabels:
        """Without the derived boxes of these tracks."""
        return replace(self, derived=tuple(b for b in self.derived if b.track not in tracks))

    def confirmed(self, *tracks: int) -> FrameLabels:
        """The derived boxes of these tracks become labels."""
        boxes = [replace(b, origin="confirmed") for b in self.derived if b.track in tracks]
        return self.with_boxes(*boxes)


def _number(track: int | None) -> int:
    return -1 if track is None else track


UNSEEN = FrameLabels()
