# ruff: noqa: N802 (names that Qt gave)
"""The bar under the picture: stepping, playing, where one is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app.panels.buttons import FLAT
from framesift_app.panels.icons import icon
from framesift_app.workbench import Workbench

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class FrameBox(QSpinBox):
    """The number of the frame; Enter goes there, and leaves the keys to the picture again."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.left.emit()

    def textFromValue(self, value: int) -> str:
        return f"{value:,}".replace(",", "\u2009")

    def valueFromText(self, text: str) -> int:
        digits = "".join(c for c in text if c.isdigit())
        return int(digits) if digits else self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        plain = all(c.isdigit() or c.isspace() for c in text)
        return (
            QValidator.State.Acceptable if plain else QValidator.State.Invalid,
            text,
            position,
        )


class PlayerBar(QWidget):
    """Moves the playhead, and says where it is."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._icons: dict[QToolButton, str] = {}
        self.first = self._button(
            "first", self.tr("First frame (Home)"), workbench.playback.home
        )
        self.back = self._button(
            "back",
            self.tr("One frame back (←, Shift ten)"),
            lambda: workbench.playback.step(-1),
            repeat=True,
        )
        self.play = self._button(
            "play",
            self.tr("Play or stop (K; L on, J back, again: faster)"),
            workbench.playback.toggle,
        )
        self.forward = self._button(
            "forward",
            self.tr("One frame on (→, Shift ten)"),
            lambda: workbench.playback.step(1),
            repeat=True,
        )
        self.last = self._button("last", self.tr("Last frame (End)"), workbench.playback.end)
        self.around = self._button(
            "loop",
            self.tr(
                "Play 3 s before and after this frame, over and over (P); its "
                "boxes stay in sight"
            ),
            workbench.play_around,
        )
        self.number = FrameBox()
        self.number.setKeyboardTracking(False)
        self.number.setAccessibleName(self.tr("Go to frame"))
        self.number.setToolTip(self.tr("Go to a frame by its number, counted from 0 (Ctrl+G)"))
        self.number.editingFinished.connect(self._go)
        self.number.valueChanged.connect(self._go)
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setToolTip(self.tr("How fast to play"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.currentIndexChanged.connect(
            lambda: workbench.playback.set_speed(float(self.speed.currentData()))
        )
        # A label would have the whole window laid out anew at each frame.
        self.place = QLineEdit()
        self.place.setReadOnly(True)
        self.place.setFrame(False)
        self.place.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.place.setAccessibleName(self.tr("Frame and time"))
        self.place.setStyleSheet("QLineEdit { background: transparent; border: none; }")
        self.place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.place.setMinimumWidth(
            self.place.fontMetrics().horizontalAdvance("frame 100 000 · 00:00.00")
        )
        self.seek = QSlider(Qt.Orientation.Horizontal)
        self.seek.setAccessibleName(self.tr("Place in the drive"))
        self.seek.setToolTip(self.tr("Drag to any place of the drive"))
        self.seek.setPageStep(100)
        self.seek.valueChanged.connect(self._seek)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        for widget in (self.first, self.back, self.play, self.forward, self.last, self.around):
            row.addWidget(widget)
        row.addSpacing(4)
        row.addWidget(self.place, 1)
        row.addWidget(self.number)
        row.addWidget(self.speed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 0, 8, 0)
        bar.addWidget(self.seek)
        column.addLayout(bar)
        column.addLayout(row)
        workbench.session.playhead.moved.connect(self.refresh)
        workbench.session.footage.changed.connect(self.refresh)
        workbench.session.projectChanged.connect(self.refresh)
        workbench.playback.changed.connect(self.refresh)
        self.setStyleSheet(FLAT)
        self._paint_icons()
        self.refresh()

    def _button(
        self, name: str, tip: str, action: Callable[[], object], *, repeat: bool = False
    ) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setAutoRepeat(repeat)
        button.setIconSize(QSize(16, 16))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: action())
        self._icons[button] = name
        return button

    def _paint_icons(self) -> None:
        for button, name in self._icons.items():
            button.setIcon(icon(name, self.palette()))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_icons()
        super().changeEvent(event)

    def refresh(self) -> None:
        """Shows where the playhead is."""
        session, playback = self._workbench.session, self._workbench.playback
        drive = (
            None
            if session.playhead.place is None
            else session.footage.drive(session.playhead.place[0])
        )
        for widget in (*self._icons, self.number, self.speed, self.seek):
            widget.setEnabled(drive is not None)
        timeless = drive is not None and drive.kind == "stills"
        for button in (self.play, self.around):
            button.setEnabled(drive is not None and not timeless)
        self._icons[self.play] = "pause" if playback.playing else "play"
        self.play.setIcon(icon(self._icons[self.play], self.palette()))
        self.around.setDown(playback.pinned is not None)
        if session.playhead.place is None or drive is None:
            self.place.setText("")
            return
        key, frame = session.playhead.place
        self.place.setText(self.tr("frame {0}").format(session.footage.spell(key, frame)))
        self.place.setToolTip(self.tr("{0}, frame {1} of {2}").format(key, frame, len(drive)))
        self.number.blockSignals(True)
        if self.number.maximum() != len(drive) - 1:
            self.number.setRange(0, len(drive) - 1)
        if not self.number.hasFocus() or playback.playing:
            self.number.setValue(frame)
        self.number.blockSignals(False)
        self.seek.blockSignals(True)
        self.seek.setRange(0, len(drive) - 1)
        self.seek.setValue(frame)
        self.seek.blockSignals(False)

    def _seek(self, frame: int) -> None:
        session = self._workbench.session
        if session.playhead.place is not None:
            self._workbench.playback.stop()
            session.playhead.go_to(session.playhead.place[0], frame)

    def ask_number(self) -> None:
        """Waits for a frame number to be typed."""
        self.number.setFocus()
        self.number.selectAll()

    def _go(self) -> None:
        session = self._workbench.session
        if (
            session.playhead.place is not None
            and session.playhead.place[1] != self.number.value()
        ):
            self._workbench.playback.stop()
            session.playhead.go_to(session.playhead.place[0], self.number.value())
