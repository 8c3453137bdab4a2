"""Drawing, moving and resizing boxes with a pointer; knows nothing of Qt.

Positions are native pixels. A gesture runs from `press` over `move` to `release`; until then
the labels stay as they are and `preview` shows what they would become.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from framesift.boxes import Box
from framesift.labels import FrameLabels

Tool = Literal["select", "draw", "centre", "ignore", "point", "extremes", "verify", "tags"]
CLICKING: frozenset[Tool] = frozenset({"draw", "centre", "ignore", "point", "extremes"})
"""Tools for which a press in the picture makes a label; with the others it selects."""
Handle = Literal["nw", "n", "ne", "e", "se", "s", "sw", "w"]
Done = Literal["drawn", "moved", "resized", "deleted", "classified", "marked", "unmarked"]
HANDLES: tuple[Handle, ...] = ("nw", "ne", "se", "sw", "n", "e", "s", "w")
IGNORED = "ignore"
"""What a Change calls an ignore region."""
LEAST = 3.0
"""A box narrower or lower than this many native pixels is not drawn."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Change:
    """A finished gesture: the new labels; what was done to what, for the undo menu."""

    labels: FrameLabels
    done: Done
    what: str


@dataclass(frozen=True, slots=True)
class _Drag:
    """What the pointer holds. `number`: the box's id, None for a new one; `fixed`: a corner
    that stays, or the centre. A pointer that moves less than `click` pixels does nothing."""

    kind: Literal["move", "resize", "draw", "centre"]
    number: int | None
    start: Point
    before: Box
    handle: Handle | None = None
    click: float = 0.0


def covers(box: Box, at: Point, reach: float = 0.0) -> bool:
    """Whether a box lies under a point, or no farther from it than `reach` pixels."""
    x, y = at
    return box.x1 - reach <= x <= box.x2 + reach and box.y1 - reach <= y <= box.y2 + reach


def handle_at(box: Box, handle: Handle) -> Point:
    """Where a box's handle lies."""
    x = {"w": box.x1, "e": box.x2}.get(handle[-1], (box.x1 + box.x2) / 2)
    y = {"n": box.y1, "s": box.y2}.get(handle[0], (box.y1 + box.y2) / 2)
    return x, y


class BoxEditor:
    """One frame's labels under a pointer.

    `selected` is the id of the selected box, `category` the class of new boxes, `tool` what
    pressing on free ground does.
    """

    def __init__(self) -> None:
        self.labels = FrameLabels()
        self.width = self.height = 0.0
        self.selected: int | None = None
        self.category = "pedestrian"
        self.tool: Tool = "select"
        self._drag: _Drag | None = None
        self._now: Box | None = None

    def show(self, labels: FrameLabels, width: float, height: float) -> None:
        """Takes another frame, or this frame's labels as they are now."""
        self.labels = labels
        self.width, self.height = float(width), float(height)
        if self.selected not in labels.ids:
            self.selected = None
        if self._drag is not None and self._drag.number not in (None, *labels.ids):
            self.cancel()

    # What is where

    def box(self) -> Box | None:
        """The selected box."""
        return None if self.selected is None else self.labels.box(self.selected)

    def preview(self) -> tuple[int | None, Box] | None:
        """While a gesture runs: the box's id (None for a new one) and what it would be."""
        return (
            None if self._drag is None or self._now is None else (self._drag.number, self._now)
        )

    @property
    def drawing(self) -> bool:
        """Whether the tool in hand makes something where one presses."""
        return self.tool in CLICKING

    @property
    def busy(self) -> bool:
        return self._drag is not None

    def handle(self, at: Point, reach: float) -> Handle | None:
        """The selected box's handle within `reach` pixels of a point, the nearest."""
        box = self.box()
        if box is None:
            return None
        away = {
            h: max(abs(a - b) for a, b in zip(handle_at(box, h), at, strict=True))
            for h in HANDLES
        }
        nearest = min(HANDLES, key=lambda h: away[h])
        return nearest if away[nearest] <= reach else None

    def hit(self, at: Point, reach: float = 0.0) -> int | None:
        """The id of the box under a point: the selected one, else the smallest."""
        under = [
            (number, box)
            for number, box in zip(self.labels.ids, self.labels.boxes, strict=True)
            if covers(box, at, reach)
        ]
        if any(number == self.selected for number, _ in under):
            return self.selected
        smallest = min(under, key=lambda held: held[1].width * held[1].height, default=None)
        return None if smallest is None else smallest[0]

    # Gestures

    def press(
        self,
        at: Point,
        reach: float,
        *,
        centre: bool = False,
        adjust: bool = False,
        click: float = 0.0,
    ) -> bool:
        """Begins a gesture; False where there is nothing to hold (free ground, no tool).

        `reach` is how near a handle must be; `centre`: draw from the middle this once. With a
        tool in hand a handle is only taken to `adjust`: a neighbour's would be in the way.
        `click`: how far the pointer must go for more than a click.
        """
        handle = self.handle(at, reach) if adjust or not self.drawing else None
        if handle is not None and self.selected is not None:
            box = self.labels.box(self.selected)
            self._begin(_Drag("resize", self.selected, at, box, handle, click), box)
            return True
        if not self.drawing:
            number = self.hit(at, reach / 2)
            self.selected = number
            if number is None:
                return False
            box = self.labels.box(number)
            self._begin(_Drag("move", number, at, box, click=click), box)
            return True
        x, y = self._inside(at)
        seed = Box(x, y, x, y, self.category, ignore=self.tool == "ignore")
        kind: Literal["centre", "draw"] = (
            "centre" if centre or self.tool == "centre" else "draw"
        )
        self._begin(_Drag(kind, None, (x, y), seed, click=click), seed)
        return True

    def move(self, at: Point) -> None:
        """Follows the pointer."""
        drag = self._drag
        if drag is None:
            return
        if drag.kind == "move":
            self._now = self._shifted(drag.before, at[0] - drag.start[0], at[1] - drag.start[1])
        elif drag.kind == "resize":
            assert drag.handle is not None
            self._now = self._resized(drag.before, drag.handle, self._inside(at))
        else:
            self._now = self._drawn(drag, self._inside(at))

    def release(self, at: Point) -> Change | None:
        """Ends the gesture; what it changed, None for a click that changed nothing."""
        drag = self._drag
        if drag is None:
            return None
        self.move(at)
        now, self._drag, self._now = self._now, None, None
        assert now is not None
        if drag.number is None:
            least = max(LEAST, drag.click)
            if now.width < least or now.height < least:
                # A click with a tool in hand selects.
                self.selected = self.hit(drag.start)
                return None
            return self.add(now)
        gone = max(abs(a - b) for a, b in zip(at, drag.start, strict=True))
        if now == drag.before or drag.number not in self.labels.ids or gone < drag.click:
            return None
        return self._changed(drag.number, now, "moved" if drag.kind == "move" else "resized")

    def cancel(self) -> None:
        """Drops the gesture that runs."""
        self._drag = self._now = None

    # Keys

    def nudge(self, dx: float, dy: float, *, resize: bool = False) -> Change | None:
        """Moves the selected box, or its right bottom corner, by some pixels."""
        box = self.box()
        if box is None or self.selected is None:
            return None
        if resize:
            now = self._resized(box, "se", self._inside((box.x2 + dx, box.y2 + dy)))
        else:
            now = self._shifted(box, dx, dy)
        return (
            None
            if now == box
            else self._changed(self.selected, now, "resized" if resize else "moved")
        )

    def add(self, box: Box) -> Change:
        """Adds a box, which is selected then."""
        labels = self.labels.with_boxes(box)
        self._take(labels)
        self.selected = labels.ids[-1]
        return Change(labels, "drawn", _word(box))

    def delete(self) -> Change | None:
        """Deletes the selected box; the one drawn before it is selected then."""
        box = self.box()
        if box is None or self.selected is None:
            return None
        labels = self.labels.without_boxes(self.selected)
        self._take(labels)
        self.selected = labels.ids[-1] if labels.ids else None
        return Change(labels, "deleted", _word(box))

    def classify(self, category: str) -> Change | None:
        """The class of the selected box, and of those drawn from now on."""
        self.category = category
        box = self.box()
        if (
            box is None
            or self.selected is None
            or (box.category == category and not box.ignore)
        ):
            return None
        return self._changed(
            self.selected, replace(box, category=category, ignore=False), "classified", category
        )

    def toggle(self, attribute: Literal["occluded", "truncated", "ignore"]) -> Change | None:
        """Turns an attribute of the selected box over."""
        box = self.box()
        if box is None or self.selected is None:
            return None
        on = not getattr(box, attribute)
        now = (
            replace(box, occluded=on)
            if attribute == "occluded"
            else replace(box, truncated=on)
            if attribute == "truncated"
            else replace(box, ignore=on)
        )
        return self._changed(self.selected, now, "marked" if on else "unmarked", attribute)

    def select_next(self, step: int = 1) -> None:
        """Selects the next box, around."""
        ids = self.labels.ids
        if ids:
            at = ids.index(self.selected) if self.selected in ids else (-1 if step > 0 else 0)
            self.selected = ids[(at + step) % len(ids)]

    # Inside

    def _begin(self, drag: _Drag, box: Box) -> None:
        self._drag, self._now = drag, box

    def _take(self, labels: FrameLabels) -> None:
        # Seen at once; the store's answer brings the same, or what it made of it.
        self.labels = labels

    def _changed(self, number: int, box: Box, done: Done, what: str = "") -> Change:
        labels = self.labels.with_box(number, box)
        self._take(labels)
        return Change(labels, done, what or _word(box))

    def _inside(self, at: Point) -> Point:
        return min(max(at[0], 0.0), self.width), min(max(at[1], 0.0), self.height)

    def _shifted(self, box: Box, dx: float, dy: float) -> Box:
        dx = min(max(dx, -box.x1), self.width - box.x2)
        dy = min(max(dy, -box.y1), self.height - box.y2)
        return replace(box, x1=box.x1 + dx, x2=box.x2 + dx, y1=box.y1 + dy, y2=box.y2 + dy)

    def _resized(self, box: Box, handle: Handle, to: Point) -> Box:
        x1, y1, x2, y2 = box.x1, box.y1, box.x2, box.y2
        across, down = min(LEAST, box.width), min(LEAST, box.height)
        if handle[-1] == "w":
            x1 = min(to[0], x2 - across)
        if handle[-1] == "e":
            x2 = max(to[0], x1 + across)
        if handle[0] == "n":
            y1 = min(to[1], y2 - down)
        if handle[0] == "s":
            y2 = max(to[1], y1 + down)
        return replace(box, x1=x1, y1=y1, x2=x2, y2=y2)

    def _drawn(self, drag: _Drag, to: Point) -> Box:
        (x, y), box = drag.start, drag.before
        if drag.kind == "centre":
            across = min(abs(to[0] - x), x, self.width - x)
            down = min(abs(to[1] - y), y, self.height - y)
            return replace(box, x1=x - across, x2=x + across, y1=y - down, y2=y + down)
        return replace(
            box, x1=min(x, to[0]), x2=max(x, to[0]), y1=min(y, to[1]), y2=max(y, to[1])
        )


def _word(box: Box) -> str:
    return IGNORED if box.ignore else box.category
