"""Labels that cost less than boxes: points, four extreme clicks, answers to proposals, tags.

The tool in hand is the boxes' (`Boxes.tool`); a click or a key is one gesture of the journal,
whose times say what such a label costs.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels, Point, with_points, with_tags
from framesift.labels.weak import CLICKS, box_of_extremes, without_points
from framesift_app.session.labels import Labels
from framesift_app.session.messages import Messages
from framesift_app.session.proposals import Proposals
from framesift_app.workbench.box_editing import BoxEditor, Tool
from framesift_app.workbench.boxes import Boxes

Place = tuple[float, float]


class WeakLabels(QObject):
    """`clicks`: of the object whose extremes are being clicked."""

    changed = Signal()

    def __init__(
        self,
        boxes: Boxes,
        labels: Labels,
        proposed: Proposals,
        messages: Messages,
        key: Callable[[], FrameKey | None],
    ) -> None:
        """`key`: the frame whose labels may be changed; None while none may."""
        super().__init__()
        self._boxes, self._labels, self._proposed = boxes, labels, proposed
        self._messages, self._key = messages, key
        self.clicks: tuple[Place, ...] = ()

    @property
    def tool(self) -> Tool:
        return self._boxes.tool

    @property
    def clicking(self) -> bool:
        """Whether a click in the picture is a label."""
        return self.tool in ("point", "extremes")

    def toggle(self, tool: Tool) -> None:
        """Takes a tool in hand, or lays it down; says what to do with it."""
        self.clicks = ()
        self._boxes.set_tool("select" if self.tool == tool else tool)
        hints = {
            "point": self.tr(
                "Click near the center of each object, once more on a point to take it away. "
                "D: each object has one."
            ),
            "extremes": self.tr(
                "Click an object's top, left, bottom and right, in any order: four clicks are "
                "its box. Esc takes the last click back."
            ),
            "verify": self.tr(
                "Is the strong box right? Enter: yes, X: no such object. Both are learnt from."
            ),
            "tags": self.tr("Press the digit of each class that is in the picture, then D."),
        }
        if self.tool in hints:
            self._messages.tell(hints[self.tool])

    def forget(self) -> None:
        """Drops what has been begun; another frame is shown."""
        self.clicks = ()

    def step_back(self) -> bool:
        """Takes the last click of an object back; False where there is none."""
        if not self.clicks:
            return False
        self.clicks = self.clicks[:-1]
        self.changed.emit()
        return True

    # Points and extremes

    def click(self, at: Place, reach: float) -> None:
        """A click of the tool in hand. `reach`: how near, in native pixels, to an old point."""
        key, editor = self._key(), self._boxes.editor
        if key is None:
            return
        x = min(max(at[0], 0.0), editor.width)
        y = min(max(at[1], 0.0), editor.height)
        if self.tool == "point":
            self._point(key, editor.category, (x, y), reach)
        else:
            self._extreme(editor, (x, y))
        self.changed.emit()

    def _point(self, key: FrameKey, category: str, at: Place, reach: float) -> None:
        labels = self._labels.of(key)
        near = [
            place
            for place, point in enumerate(labels.weak.points)
            if max(abs(point.x - at[0]), abs(point.y - at[1])) <= reach
        ]
        if near:
            text = self.tr("point taken away")
            self._labels.change(key, without_points(labels, near[-1]), text)
            return
        marked = with_points(labels, [Point(*at, category)], every=False)
        self._labels.change(key, marked, self.tr("{0} pointed at").format(category), "point")

    def _extreme(self, editor: BoxEditor, at: Place) -> None:
        self.clicks = (*self.clicks, at)
        if len(self.clicks) < CLICKS:
            return
        clicks, self.clicks = self.clicks, ()
        try:
            box = box_of_extremes(clicks, editor.category)
        except InputError as error:
            self._messages.tell(str(error))
            return
        self._boxes.commit(editor.add(box), "extremes")

    # Answers

    def answer(self, number: int, yes: bool) -> None:
        """Whether a proposal, by its id, is right."""
        key = self._key()
        if key is not None:
            self._proposed.verify(key, [number], yes)

    # Tags

    def tag(self, n: int) -> None:
        """The n-th class (from 1) is in the picture; once more: nothing is said of it."""
        key, classes = self._key(), self._labels.classes
        if key is None or not 1 <= n <= len(classes):
            return
        labels, name = self._labels.of(key), classes[n - 1]
        shown = None if dict(labels.weak.tags).get(name) else True
        words = self.tr("{0} is there") if shown else self.tr("{0} untagged")
        self._labels.change(key, with_tags(labels, {name: shown}), words.format(name), "tag")

    # All of it

    def finish(self) -> bool:
        """Says that each object has a point, or (tags) that the picture shows nothing else;
        False where the frame is not labelled in these ways."""
        if self.tool != "tags":
            return self.finish_points()
        key, labels = self._unseen()
        if key is not None:
            stated = dict(labels.weak.tags)
            rest = {name: False for name in self._labels.classes if name not in stated}
            text = self.tr("no other classes")
            self._labels.change(key, with_tags(labels, rest), text, "tag")
        return key is not None

    def finish_points(self) -> bool:
        """Says that each object has a point, where there are some."""
        key, labels = self._unseen()
        if key is None or not labels.weak.points:
            return False
        text = self.tr("done, {0} points").format(len(labels.weak.points))
        self._labels.change(key, with_points(labels, [], every=True), text, "done")
        return True

    def _unseen(self) -> tuple[FrameKey | None, FrameLabels]:
        """The frame, where nobody has labelled it by boxes, and its labels."""
        key = self._key()
        labels = FrameLabels() if key is None else self._labels.of(key)
        return key if labels.state == "unseen" else None, labels
