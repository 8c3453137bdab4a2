"""Light and dark: Fusion with our own palette, colours that colour-blind eyes tell apart
(after Okabe and Ito), icons in the colour of the text."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory

from framesift.product.resources import resource
from framesift_app import settings

THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a theme, "#rrggbb" each."""

    background: str
    base: str
    raised: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    raw: str
    smooth: str
    earlier: str
    pick: str
    todo: str
    labelled: str
    nothing: str
    skipped: str
    delta1: str
    delta2: str
    playhead: str
    proposal: str
    ignore: str
    grid: str
    warning: str
    canvas: str


class Theme(QObject):
    """The application's theme; `current` gives the only one there is."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name = "light"
        self._follows = False

    @property
    def colours(self) -> Colours:
        """The colours of now."""
        return _colours(self._name)

    @property
    def dark(self) -> bool:
        return self._name == "dark"

    @property
    def chosen(self) -> str:
        """What the user chose: system, light or dark."""
        return settings.preferences().theme

    def choose(self, name: str) -> None:
        """Puts a theme on from now on: system, light or dark."""
        settings.put("theme", name)
        self.apply()

    def apply(self, name: str | None = None) -> None:
        """Puts a theme on (None: the chosen one) and tells everybody."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        name = name or self.chosen
        if name == "system":
            dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
            name = "dark" if dark else "light"
        self._name = name
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setPalette(_palette(self.colours))
        app.setStyleSheet(_sheet(self.colours, resource("icons", f"tick-{name}.svg")))
        icon.cache_clear()
        self.changed.emit()
        if not self._follows:
            self._follows = True
            app.styleHints().colorSchemeChanged.connect(self._system_changed)

    def _system_changed(self) -> None:
        if self.chosen == "system":
            self.apply()


@functools.cache
def current() -> Theme:
    """The application's theme: style and palette are the whole process's."""
    return Theme()


@functools.cache
def _colours(name: str) -> Colours:
    return Colours(**json.loads(resource("themes", f"{name}.json").read_text(encoding="utf-8")))


def colours() -> Colours:
    """The colours of now."""
    return current().colours


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, c.background),
        (role.WindowText, c.text),
        (role.Base, c.base),
        (role.AlternateBase, c.raised),
        (role.Text, c.text),
        (role.Button, c.raised),
        (role.ButtonText, c.text),
        (role.BrightText, c.warning),
        (role.Highlight, c.accent),
        (role.HighlightedText, c.on_accent),
        (role.ToolTipBase, c.raised),
        (role.ToolTipText, c.text),
        (role.Link, c.accent),
        (role.PlaceholderText, c.muted),
        (role.Mid, c.border),
        (role.Midlight, c.grid),
        (role.Dark, c.border),
        (role.Shadow, c.border),
        (role.Light, c.raised),
    ):
        palette.setColor(which, QColor(colour))
    off = QColor(c.muted)
    off.setAlpha(150)
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, off)
    return palette


def _sheet(c: Colours, tick: Path) -> str:
    return f"""
QToolTip {{ color: {c.text}; background: {c.raised}; border: 1px solid {c.border};
  padding: 4px; }}
QDockWidget {{ font-weight: 600; }}
QDockWidget::title {{ background: {c.background}; padding: 6px 8px; }}
QMainWindow::separator {{ background: {c.border}; width: 1px; height: 1px; }}
QMenuBar {{ background: {c.background}; padding: 2px 4px; }}
QStatusBar::item {{ border: none; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="warning"] {{ color: {c.warning}; }}
QLabel[role="title"] {{ font-size: 22pt; font-weight: 600; }}
QLabel[role="heading"] {{ font-weight: 600; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton {{ padding: 5px 12px; border: 1px solid {c.border}; border-radius: 4px;
  background: {c.raised}; color: {c.text}; }}
QPushButton:hover {{ border-color: {c.accent}; }}
QPushButton:pressed {{ background: {c.grid}; }}
QPushButton:focus {{ border-color: {c.accent}; }}
QPushButton:disabled {{ color: {c.muted}; background: {c.background}; }}
QPushButton[role="primary"] {{ background: {c.accent}; color: {c.on_accent};
  border-color: {c.accent}; }}
QPushButton[role="primary"]:focus {{ border: 1px solid {c.text}; }}
QPushButton[role="primary"]:disabled {{ background: {c.grid}; color: {c.muted};
  border-color: {c.border}; }}
QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 3px; }}
QToolButton:hover, QToolButton:focus {{ border-color: {c.border}; background: {c.raised}; }}
QToolButton:focus {{ border-color: {c.accent}; }}
QProgressBar {{ border: 1px solid {c.border}; border-radius: 4px; background: {c.base};
  height: 10px; text-align: center; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
QFrame[role="card"] {{ background: {c.base}; border: 1px solid {c.border};
  border-radius: 8px; }}
QTreeView, QTableView, QListView {{ border: none; background: {c.base}; }}
QHeaderView::section {{ background: {c.background}; color: {c.muted}; border: none;
  border-bottom: 1px solid {c.border}; padding: 4px 6px; }}
QMenu {{ background: {c.base}; border: 1px solid {c.border}; padding: 4px; }}
QMenu::item {{ padding: 4px 24px 4px 28px; border-radius: 3px; }}
QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QMenu::item:disabled {{ background: transparent; color: {c.muted}; }}
QMenu::separator {{ height: 1px; background: {c.border}; margin: 4px 8px; }}
QMenu::indicator {{ left: 6px; }}
QCheckBox::indicator, QMenu::indicator, QTreeView::indicator, QListView::indicator {{
  width: 13px; height: 13px; border: 1px solid {c.muted}; border-radius: 3px;
  background: {c.base}; }}
QCheckBox::indicator:checked, QMenu::indicator:checked, QTreeView::indicator:checked,
QListView::indicator:checked {{ background: {c.accent}; border-color: {c.accent};
  image: url("{tick.as_posix()}"); }}
QCheckBox::indicator:focus {{ border-color: {c.accent}; }}
QCheckBox::indicator:disabled, QMenu::indicator:disabled {{ border-color: {c.border};
  background: {c.background}; }}
QCheckBox::indicator:checked:disabled, QMenu::indicator:checked:disabled {{
  background: {c.muted}; border-color: {c.muted}; }}
"""


@functools.cache
def icon(name: str) -> QIcon:
    """An icon of resources/icons in the colour of the text, at several sizes."""
    drawn = QIcon()
    text = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    for mode, colour in (
        (QIcon.Mode.Normal, colours().text),
        (QIcon.Mode.Disabled, colours().muted),
    ):
        renderer = QSvgRenderer(QByteArray(text.replace("#000000", colour).encode()))
        for size in (16, 24, 32, 64, 128):
            pixmap = QPixmap(QSize(size, size))
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, size, size))
            painter.end()
            drawn.addPixmap(pixmap, mode)
    return drawn
