# ruff: noqa: N802 (names that Qt gave)
"""The viewer: the frame at the playhead, and what the detector makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from framesift.boxes import Prediction
from framesift.labels import FrameKey
from framesift_app.panels.buttons import FLAT
from framesift_app.panels.flow import FlowRow
from framesift_app.panels.viewer.canvas import Canvas
from framesift_app.panels.viewer.heat_classes import HeatClasses
from framesift_app.panels.viewer.mask_bar import MaskBar
from framesift_app.panels.viewer.player import PlayerBar
from framesift_app.session import Session
from framesift_app.workbench import Workbench, keys

SETTLED_MS = 120
"""The detector is asked about a frame once the playhead rests on it this long."""


class ViewerPanel(QWidget):
    """Canvas, transport, and switches for what lies over the picture."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._bench = Workbench.of(session)
        self.setObjectName("viewer")
        self.setAccessibleName(self.tr("Viewer"))
        self.canvas = Canvas(self._bench)
        self.player = PlayerBar(self._bench)
        self.mask_bar = MaskBar(self._bench)
        self.overlays = _Overlays(self._bench)
        self.player.number.left.connect(self.canvas.setFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        column.addWidget(self.mask_bar)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.player)
        column.addWidget(self.overlays)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLED_MS)
        self._settle.timeout.connect(self._ask_detector)
        self._have: dict[str, FrameKey | None] = {}
        self._heat_class = ""
        self._connect()
        self._follow()

    def _connect(self) -> None:
        session, bench = self._session, self._bench
        session.playhead.moved.connect(self._follow)
        session.projectChanged.connect(self._follow)
        session.footage.changed.connect(self._follow)
        session.pictures.frameReady.connect(self._frame_ready)
        session.pictures.previewReady.connect(self._preview_ready)
        session.pictures.heatReady.connect(self._heat_ready)
        session.pictures.boxesReady.connect(self._boxes_ready)
        session.pictures.maximaReady.connect(self._maxima_ready)
        session.detector.changed.connect(self._detector_changed)
        session.footage.masksChanged.connect(self._detector_changed)
        bench.changed.connect(self._bench_changed)
        bench.view.asked.connect(self._view)

    # Frames

    def _follow(self) -> None:
        playhead = self._session.playhead.place
        if playhead is None:
            self._have = {}
            self.canvas.clear(self._empty())
            return
        if self._bench.key != self._have.get("heat"):
            self.canvas.set_heat(None)
        self.canvas.set_maxima(())
        self.canvas.set_prediction(None)
        self._have = {}
        self._session.pictures.request_frame(*playhead)
        self._bench_changed()

    def _empty(self) -> str:
        if self._session.project_name is None:
            return self.tr("Open a project, or make a new one.")
        if not self._session.footage.drives and not self._session.footage.evaluation:
            return self.tr("Drop footage here, or add it from the File menu.")
        return self.tr("Click into the timeline, or on a pick, to see a frame.")

    def _frame_ready(self, drive: str, frame: int, image: NDArray[np.uint8]) -> None:
        key = self._bench.key
        if key is not None and self._session.playhead.place == (drive, frame):
            self.canvas.set_frame(key, image)
            words = self.tr("frame {0}").format(self._session.footage.spell(drive, frame))
            self.canvas.setAccessibleDescription(words)
        elif (late := self._session.footage.key_at(drive, frame)) is not None:
            self._preview_ready(drive, frame, late, image)

    def _preview_ready(
        self, drive: str, _frame: int, key: FrameKey, image: NDArray[np.uint8]
    ) -> None:
        # While somebody drags, each answer comes when the playhead has moved on, and shows more
        # of the way than the picture of before. The exact one is not replaced.
        place = self._session.playhead.place
        if (
            place is not None
            and place[0] == drive
            and self.canvas.picture.key != self._bench.key
        ):
            self.canvas.set_frame(key, image)

    # The detector's view

    def _bench_changed(self) -> None:
        bench = self._bench
        if bench.view.heat_class != self._heat_class:
            self._heat_class = bench.view.heat_class
            self._have.pop("heat", None)
            self.canvas.set_heat(None)
        shown = {
            "heat": bench.view.heat,
            "boxes": bench.view.boxes,
            "maxima": bench.view.maxima,
        }
        missing = [
            name for name, on in shown.items() if on and self._have.get(name) != bench.key
        ]
        if missing and bench.key is not None and not bench.playback.playing:
            self._settle.start()

    def _detector_changed(self) -> None:
        self._have = {}
        self.canvas.set_heat(None)
        self.canvas.set_prediction(None)
        self._bench_changed()

    def _ask_detector(self) -> None:
        bench, key = self._bench, self._bench.key
        if key is None or bench.playback.playing:
            return
        asks: dict[str, tuple[bool, Callable[[FrameKey], None]]] = {
            "heat": (
                bench.view.heat,
                lambda frame: self._session.pictures.request_heat(frame, bench.view.heat_class),
            ),
            "boxes": (bench.view.boxes, self._session.pictures.request_boxes),
            "maxima": (bench.view.maxima, self._session.pictures.request_maxima),
        }
        for name, (on, ask) in asks.items():
            if on and self._have.get(name) != key:
                self._have[name] = key
                ask(key)

    def _heat_ready(self, key: FrameKey, heat: NDArray[np.float32]) -> None:
        if key == self._bench.key:
            self._have["heat"] = key
            self.canvas.set_heat(heat, self.tr(self._session.scores.heat_title()))

    def _boxes_ready(self, key: FrameKey, prediction: Prediction) -> None:
        if key == self._bench.key:
            self._have["boxes"] = key
            self.canvas.set_prediction(prediction)

    def _maxima_ready(
        self, key: FrameKey, maxima: Iterable[tuple[float, float, float]]
    ) -> None:
        if key == self._bench.key:
            self._have["maxima"] = key
            self.canvas.set_maxima(tuple(maxima))

    def _view(self, what: str) -> None:
        if what == "fit":
            self.canvas.fit()
        elif what in ("in", "out"):
            self.canvas.zoom(1.25 if what == "in" else 0.8)
        elif what == "go":
            self.player.ask_number()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self._bench, event):
            super().keyPressEvent(event)


class _Overlays(QWidget):
    """Switches and sliders for heat map, boxes and maxima."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.heat = self._switch(
            self.tr("Heat map"),
            bench.view.toggle_heat,
            self.tr(
                "Where in the picture the score comes from that the strategy ranks by: "
                "bright = more (H)"
            ),
        )
        self.opacity = self._slider(
            self.tr("Opacity of the heat map"),
            bench.view.heat_opacity,
            lambda v: bench.view.set_heat_opacity(v),
        )
        self.classes = HeatClasses(bench)
        self.boxes = self._switch(
            self.tr("Boxes"),
            bench.view.toggle_boxes,
            self.tr("What the detector finds in this frame, dotted, with its scores (G)"),
        )
        self.confidence = self._slider(
            self.tr("Least score of the boxes shown"),
            bench.view.confidence,
            lambda v: bench.view.set_confidence(v),
        )
        self.least = QLabel()
        self.least.setMinimumWidth(self.least.fontMetrics().horizontalAdvance("≥ 0.00"))
        self.maxima = self._switch(
            self.tr("Maxima"),
            bench.view.toggle_maxima,
            self.tr(
                "The regions whose maxima made the frame's score (eq. 5), numbered from "
                "the highest (M)"
            ),
        )
        self.fit = self._switch(
            self.tr("Fit"),
            bench.view.fit,
            self.tr("Show the whole picture (F); the wheel zooms"),
            stays=False,
        )
        self.draw_mask = self._switch(
            self.tr("Mask …"),
            bench.begin_mask,
            self.tr(
                "Leave a bonnet or a burnt-in clock out of the scores; drawn once per camera"
            ),
            stays=False,
        )
        row = FlowRow(self, 4)
        row.setContentsMargins(8, 2, 8, 0)
        for widget in (
            self.heat,
            self.opacity,
            self.classes,
            self.boxes,
            self.confidence,
            self.least,
            self.maxima,
            self.draw_mask,
            self.fit,
        ):
            row.addWidget(widget)
        bench.changed.connect(self.refresh)
        self.setStyleSheet(FLAT)
        self.refresh()

    def _switch(
        self, text: str, action: Callable[[], object], tip: str, *, stays: bool = True
    ) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(stays)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: action())
        return button

    def _slider(self, name: str, value: float, action: Callable[[float], None]) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(5, 100)
        slider.setPageStep(10)
        slider.setValue(round(value * 100))
        slider.setMinimumWidth(56)
        slider.setMaximumWidth(110)
        slider.setAccessibleName(name)
        slider.setToolTip(name)
        slider.valueChanged.connect(lambda v: action(v / 100))
        return slider

    def refresh(self) -> None:
        bench = self._bench
        self.heat.setChecked(bench.view.heat)
        self.boxes.setChecked(bench.view.boxes)
        self.maxima.setChecked(bench.view.maxima)
        self.opacity.setEnabled(bench.view.heat)
        self.confidence.setEnabled(bench.view.boxes)
        self.least.setEnabled(bench.view.boxes)
        self.least.setText(f"≥ {bench.view.confidence:.2f}")
        for widget in (self.heat, self.boxes, self.maxima, self.fit):
            widget.setEnabled(bench.key is not None)
        self.draw_mask.setEnabled(bench.key is not None and not bench.mask.drawn)
