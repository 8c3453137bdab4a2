"""The Session: the only one that changes the open project."""

from __future__ import annotations

from PySide6.QtCore import QObject

from framesift_app.session.demo import Demo


class Session(Demo):
    """What the window's panels ask, and what tells them that something has changed.

    Nouns by file: core (signals, state, threads), looking (playhead, pictures), choosing
    (scores, rules), picking (picks), marking (labels), footage (project, videos),
    detecting (detectors), work (jobs), reporting (pages), examining (this machine), demo.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.playheadChanged.connect(self._follow_pick)
        self.selectionChanged.connect(self._follow_pick)

    def warm_up(self) -> None:
        """Imports torch in the background; called when the window is there."""
        self._inference.warm_up()
        self.list_detectors()
