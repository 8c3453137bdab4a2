"""Short lists in panels, and the pictures in them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from framesift_app.panels.icons import swatch_icon
from framesift_app.panels.key_list import KeyList, Row
from framesift_app.workbench import Workbench


def _row(number: int, words: str, colour: str = "#204080") -> Row:
    return number, words, swatch_icon(QColor(colour)), f"tip of {words}"


def _shown(keys: KeyList) -> list[tuple[str, str]]:
    return [(keys.item(at).text(), keys.item(at).toolTip()) for at in range(keys.count())]


def test_rows_are_filled_once_and_again_where_they_differ(qtbot: Any, session: Any) -> None:
    keys = KeyList(Workbench.of(session), "Boxes", 2, 5)
    qtbot.addWidget(keys)
    changed: list[int] = []
    keys.fill([_row(4, "a"), _row(7, "b")], 7)
    keys.model().dataChanged.connect(lambda *_: changed.append(1))
    keys.fill([_row(4, "a"), _row(7, "b")], 4)
    assert changed == []
    assert keys.currentRow() == 0
    keys.fill([_row(4, "a"), _row(7, "c")], None)
    assert changed
    assert _shown(keys) == [("a", "tip of a"), ("c", "tip of c")]
    assert keys.currentRow() == -1
    changed.clear()
    keys.fill([_row(4, "a", "#804020"), _row(7, "c")], None)
    assert changed
    keys.fill([_row(7, "c")], 7)
    assert _shown(keys) == [("c", "tip of c")]
    assert keys.currentRow() == 0


def test_swatches_are_of_their_colour_and_pattern() -> None:
    solid, hatched = Qt.BrushStyle.SolidPattern, Qt.BrushStyle.BDiagPattern
    pictures = {
        (colour, pattern): swatch_icon(QColor(colour), pattern).pixmap(18, 12).toImage()
        for colour in ("#ff0000", "#0000ff")
        for pattern in (solid, hatched)
    }
    for (colour, pattern), image in pictures.items():
        if pattern is solid:
            assert image.pixelColor(image.rect().center()) == QColor(colour)
        assert sum(image == other for other in pictures.values()) == 1
