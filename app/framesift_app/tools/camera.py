"""Pictures of the window and of dialogs, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from framesift_app.window import MainWindow


def shown_dialog() -> QWidget | None:
    """The dialog that is open."""
    from PySide6.QtWidgets import QApplication, QDialog

    dialogs = (w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog))
    return next((dialog for dialog in dialogs if dialog.isVisible()), None)


class Camera:
    """Takes pictures of a window in some sizes, light and dark, into a folder."""

    def __init__(self, window: MainWindow, out: Path, sizes: Sequence[tuple[int, int]]) -> None:
        self._window, self._out, self._sizes = window, out, sizes
        self.made: list[Path] = []

    def __call__(self, name: str) -> None:
        """The dialog that is open, or else the window in each size."""
        dialog = shown_dialog()
        if dialog is not None:
            self._shoot(dialog, name)
            return
        docks = self._window.docks.state()  # docks that shrank do not grow again
        for size in self._sizes:
            self._window.resize(*size)
            other = "" if size == self._sizes[0] else f"-{size[0]}x{size[1]}"
            self._shoot(self._window, f"{name}{other}")
        self._window.resize(*self._sizes[0])
        self._window.docks.restore(docks)

    def _shoot(self, widget: QWidget, name: str) -> None:
        from PySide6.QtWidgets import QApplication

        from framesift_app import theme

        for look in ("light", "dark"):
            theme.current().apply(look)
            for _ in range(4):
                QApplication.processEvents()
            self.made.append(self._out / f"{name}-{look}.png")
            widget.grab().save(str(self.made[-1]))
