"""Words at boxes, put so that they do not lie over each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

GROUND = QColor(0, 0, 0, 175)
GAP = 2.0
ROWS = 3
"""How many captions may stand above each other at a box's edge."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Words at a box: `texts` from the longest to the shortest that still says something.
    The heavier caption chooses its place first; one that `must` be seen is never left out."""

    area: QRectF
    texts: tuple[str, ...]
    colour: QColor
    below: bool = False
    weight: float = 0.0
    must: bool = False


class Captions:
    """Collects captions while boxes are painted, and paints them over all of them."""

    def __init__(self) -> None:
        self._waiting: list[Caption] = []

    def add(self, caption: Caption) -> None:
        if any(caption.texts):
            self._waiting.append(caption)

    def paint(self, painter: QPainter) -> None:
        """Paints what fits; where even the shortest words do not, they are left out."""
        for caption, text, field in self.placed(painter):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(GROUND)
            painter.drawRoundedRect(field, 3, 3)
            colour = caption.colour
            painter.setPen(colour.lighter(125) if colour.lightness() < 140 else colour)
            painter.drawText(field, Qt.AlignmentFlag.AlignCenter, text)

    def placed(self, painter: QPainter) -> list[tuple[Caption, str, QRectF]]:
        """Which words go where."""
        view = QRectF(painter.window())
        metrics = QFontMetricsF(painter.font())
        done: list[tuple[Caption, str, QRectF]] = []
        for caption in sorted(self._waiting, key=lambda c: (-c.must, -c.weight)):
            placed = self._place(caption, metrics, view, [field for _, _, field in done])
            if placed is not None:
                done.append((caption, *placed))
        return done

    def _place(
        self, caption: Caption, metrics: QFontMetricsF, view: QRectF, taken: list[QRectF]
    ) -> tuple[str, QRectF] | None:
        first: tuple[str, QRectF] | None = None
        for text in caption.texts:
            width, height = metrics.horizontalAdvance(text) + 8, metrics.height() + 2
            for field in _fields(caption, width, height, view):
                if not any(field.intersects(other) for other in taken):
                    return text, field
                first = first or (text, field)
        return first if caption.must else None


def _fields(caption: Caption, width: float, height: float, view: QRectF) -> Iterator[QRectF]:
    """Where a caption may stand, the best place first: at its edge, flush left or right, in
    rows away from the box; at the other edge; inside."""
    area = caption.area
    above = [area.top() - GAP - height * (row + 1) - row for row in range(ROWS)]
    under = [area.bottom() + GAP + (height + 1) * row for row in range(ROWS)]
    inside = [area.bottom() - height - GAP if caption.below else area.top() + GAP]
    near, far = (under, above) if caption.below else (above, under)
    room = max(view.left(), view.right() - width)
    for top in (*near[:1], *far[:1], *near[1:], *inside, *far[1:]):
        if top < view.top() or top + height > view.bottom():
            continue
        for left in (area.left(), area.right() - width):
            yield QRectF(min(max(view.left(), left), room), top, width, height)
