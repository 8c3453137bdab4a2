"""Signals out of other threads, handed over in the window's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Relay(QObject):
    """Runs functions on the thread that made it; `post` may be called from any."""

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, function: Callable[[], None]) -> None:
        """Runs the function soon, in the order of posting."""
        # The window may be gone by now; then nobody wants to know.
        with contextlib.suppress(RuntimeError):
            self._posted.emit(function)

    def close(self) -> None:
        """What is still waiting is dropped."""
        self._open = False

    @Slot(object)
    def _run(self, function: Callable[[], None]) -> None:
        if self._open:
            function()
