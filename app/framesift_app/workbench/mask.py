"""The camera's mask while it is drawn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from framesift.project import CameraMask
from framesift_app.session.footage import Footage
from framesift_app.session.playhead import Playhead
from framesift_app.workbench.mask_editing import MaskEditor, Shape


class Mask(QObject):
    """`editor`: the mask that is being drawn; None while none is."""

    changed = Signal()

    def __init__(
        self, footage: Footage, playhead: Playhead, size: Callable[[], tuple[float, float]]
    ) -> None:
        """`size`: (width, height) of the picture shown; (0, 0) while there is none."""
        super().__init__()
        self._footage, self._playhead, self._size = footage, playhead, size
        self.editor: MaskEditor | None = None

    @property
    def drawn(self) -> bool:
        """Whether one is being drawn."""
        return self.editor is not None

    def begin(self) -> None:
        """Begins drawing the mask of the camera whose picture is shown."""
        width, height = self._size()
        if width:
            stored = self.stored()
            self.editor = MaskEditor(width, height, stored.shapes if stored else ())
            self.changed.emit()

    def end(self, *, keep: bool) -> None:
        """Stores the mask, or drops what was drawn."""
        drawn, stored = self.editor, self.stored()
        if drawn is None:
            return
        self.editor = None
        shapes: tuple[Shape, ...] = tuple(drawn.shapes)
        if keep and shapes != (stored.shapes if stored else ()):
            drive = stored.drive if stored else ""
            self._footage.set_mask(
                CameraMask(int(drawn.width), int(drawn.height), shapes, drive)
            )
        self.changed.emit()

    def remove_last(self) -> None:
        """Takes the last shape or corner away."""
        if self.editor is not None:
            self.editor.remove_last()
            self.changed.emit()

    def close(self) -> None:
        """Closes the polygon that is being drawn."""
        if self.editor is not None:
            self.editor.close()
            self.changed.emit()

    def escape(self) -> None:
        """Drops the polygon that is being drawn, else the mask."""
        if self.editor is not None and self.editor.corners:
            self.editor.cancel()
            self.changed.emit()
        else:
            self.end(keep=False)

    def stored(self) -> CameraMask | None:
        """The stored mask that holds for the frame shown."""
        place, (width, height) = self._playhead.place, self._size()
        held = [
            mask
            for mask in self._footage.masks
            if mask.width == width
            and mask.height == height
            and mask.drive in ("", place[0] if place else "")
        ]
        return max(held, key=lambda mask: mask.drive != "", default=None)
