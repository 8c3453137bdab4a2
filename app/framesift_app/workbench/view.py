"""The view: which overlays lie over the picture, and what part of it is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class View(QObject):
    """`heat`, `boxes` (the detector's, from `confidence` on) and `maxima` are shown or not."""

    changed = Signal()
    asked = Signal(str)
    """"fit", "in", "out" or "go": what the viewer shall do."""

    def __init__(self) -> None:
        super().__init__()
        self.heat = self.boxes = self.maxima = False
        self.confidence = 0.5
        self.heat_opacity = 0.6
        self.heat_class = ""

    def toggle_heat(self) -> None:
        self.heat = not self.heat
        self.changed.emit()

    def toggle_boxes(self) -> None:
        self.boxes = not self.boxes
        self.changed.emit()

    def toggle_maxima(self) -> None:
        self.maxima = not self.maxima
        self.changed.emit()

    def set_heat_opacity(self, share: float) -> None:
        self.heat_opacity = share
        self.changed.emit()

    def set_heat_class(self, category: str) -> None:
        """Shows the heat map of one class alone, or ("") of all that count."""
        self.heat_class = category
        self.changed.emit()

    def set_confidence(self, least: float) -> None:
        self.confidence = least
        self.changed.emit()

    def fit(self) -> None:
        self.asked.emit("fit")

    def zoom_in(self) -> None:
        self.asked.emit("in")

    def zoom_out(self) -> None:
        self.asked.emit("out")

    def go_to_frame(self) -> None:
        self.asked.emit("go")
