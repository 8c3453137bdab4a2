# ruff: noqa: N802 (names that Qt gave)
"""A row of controls that becomes two or more where the window is narrow."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

EXPANDING = Qt.Orientation.Horizontal


class FlowRow(QLayout):
    """Lays its items out from left to right, in as many lines as it takes. What is over in a
    line goes to the items that expand, up to their largest width."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def invalidate(self) -> None:
        """An item has changed; else what is known of the row holds."""
        self._heights.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._height(width)
        return self._heights[width]

    def _height(self, width: int) -> int:
        margins = self.contentsMargins()
        lines = self._lines(width - margins.left() - margins.right())
        heights = [max(item.sizeHint().height() for item in line) for line in lines]
        between = self.spacing() // 2 * max(0, len(lines) - 1)
        return margins.top() + sum(heights) + between + margins.bottom()

    def sizeHint(self) -> QSize:
        shown = self._shown()
        width = sum(_least(item) for item in shown) + self.spacing() * max(0, len(shown) - 1)
        margins = self.contentsMargins()
        width += margins.left() + margins.right()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        widest = max((_least(item) for item in self._shown()), default=0)
        lowest = max((item.minimumSize().height() for item in self._shown()), default=0)
        margins = self.contentsMargins()
        return QSize(
            widest + margins.left() + margins.right(),
            lowest + margins.top() + margins.bottom(),
        )

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        inside = rect.marginsRemoved(self.contentsMargins())
        y = inside.top()
        for line in self._lines(inside.width()):
            height = max(item.sizeHint().height() for item in line)
            x = inside.left()
            for item, width in zip(line, self._widths(line, inside.width()), strict=True):
                down = (height - min(height, item.sizeHint().height())) // 2
                place = QPoint(x, y + down)
                item.setGeometry(
                    QRect(place, QSize(width, min(height, item.sizeHint().height())))
                )
                x += width + self.spacing()
            y += height + self.spacing() // 2

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = 0
        for item in self._shown():
            needed = _least(item)
            if lines and needed + self.spacing() <= left:
                lines[-1].append(item)
                left -= needed + self.spacing()
            else:
                lines.append([item])
                left = width - needed
        return lines

    def _widths(self, line: list[QLayoutItem], width: int) -> list[int]:
        widths = [_least(item) for item in line]
        over = width - sum(widths) - self.spacing() * (len(line) - 1)
        growing = [n for n, item in enumerate(line) if item.expandingDirections() & EXPANDING]
        # Those with the least room left first, so that what they cannot take goes on.
        growing.sort(key=lambda n: line[n].maximumSize().width() - widths[n])
        for place, n in enumerate(growing):
            share = max(0, over) // (len(growing) - place)
            more = min(share, line[n].maximumSize().width() - widths[n])
            widths[n] += more
            over -= more
        return widths


def _least(item: QLayoutItem) -> int:
    """How wide an item must at least be to be read."""
    if item.expandingDirections() & EXPANDING:
        return item.minimumSize().width()
    return max(item.minimumSize().width(), item.sizeHint().width())
