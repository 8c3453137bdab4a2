"""Looking: overlays, zoom, playing, stepping; and the camera's mask."""

from __future__ import annotations

from PySide6.QtCore import Slot

from framesift.project import CameraMask
from framesift_app.workbench.core import WorkbenchCore
from framesift_app.workbench.mask_editing import MaskEditor, Shape


class Looking(WorkbenchCore):
    """What is shown, and how."""

    # Looking

    @Slot()
    def toggle_heat(self) -> None:
        self.heat = not self.heat
        self.changed.emit()

    @Slot()
    def toggle_boxes(self) -> None:
        self.boxes = not self.boxes
        self.changed.emit()

    @Slot()
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

    @Slot()
    def fit(self) -> None:
        self.viewAsked.emit("fit")

    @Slot()
    def zoom_in(self) -> None:
        self.viewAsked.emit("in")

    @Slot()
    def zoom_out(self) -> None:
        self.viewAsked.emit("out")

    @Slot()
    def go_to_frame(self) -> None:
        self.viewAsked.emit("go")

    @Slot()
    def toggle_play(self) -> None:
        self.playback.toggle()

    @property
    def playing(self) -> bool:
        return self.playback.playing

    @Slot()
    def play_around(self) -> None:
        """Plays ±3 s around the pick, or stops."""
        if self.playback.playing:
            self.playback.stop()
        elif self.key is not None:
            self.playback.around(self.key)

    def step(self, n: int) -> None:
        self.playback.stop()
        self.session.step(n)

    @Slot()
    def home(self) -> None:
        self._end(0)

    @Slot()
    def end(self) -> None:
        self._end(-1)

    def _end(self, frame: int) -> None:
        self.playback.stop()
        if self.session.playhead is not None:
            key, _ = self.session.playhead
            drive = self.session.drive(key)
            if drive is not None:
                self.session.go_to(key, frame % len(drive))

    # The camera's mask

    @property
    def masking(self) -> bool:
        return self.mask is not None

    def begin_mask(self) -> None:
        """Begins drawing the mask of the camera whose picture is shown."""
        if self.key is None or not self.editor.width:
            return
        self.playback.stop()
        stored = self.stored_mask()
        self.mask = MaskEditor(
            self.editor.width, self.editor.height, stored.shapes if stored else ()
        )
        self.changed.emit()

    def end_mask(self, *, keep: bool) -> None:
        """Stores the mask, or drops what was drawn."""
        mask, stored = self.mask, self.stored_mask()
        if mask is None:
            return
        self.mask = None
        shapes: tuple[Shape, ...] = tuple(mask.shapes)
        if keep and shapes != (stored.shapes if stored else ()):
            self.session.set_mask(
                CameraMask(
                    int(mask.width), int(mask.height), shapes, stored.drive if stored else ""
                )
            )
        self.changed.emit()

    def stored_mask(self) -> CameraMask | None:
        """The stored mask that holds for the frame shown."""
        place = self.session.playhead
        width, height = self.editor.width, self.editor.height
        fitting = [
            mask
            for mask in self.session.masks
            if mask.width == width
            and mask.height == height
            and mask.drive in ("", place[0] if place else "")
        ]
        return max(fitting, key=lambda mask: mask.drive != "", default=None)
