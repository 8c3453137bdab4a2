"""The cycles: the project's ledger, as it was read last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from framesift.project import Cycle, Event
from framesift_app.session.detector import Detector
from framesift_app.session.part import OpenProject, Part

if TYPE_CHECKING:
    from framesift.project import Project

Ledger = tuple[tuple[Cycle, ...], tuple[Event, ...]]


class Cycles(Part):
    """All cycles in order, and all events of the ledger."""

    changed = Signal()
    reloaded = Signal()
    """The ledger was read anew; after `changed`."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self._detector = detector

    def _clear(self) -> None:
        self.all: tuple[Cycle, ...] = ()
        self.events: tuple[Event, ...] = ()

    def read(self, project: Project) -> Ledger:
        return project.ledger.cycles(), project.ledger.events()

    def opened(self, project: OpenProject, stored: Ledger) -> None:
        super().opened(project, stored)
        self.all, self.events = stored

    def announce(self) -> None:
        self.changed.emit()

    def reload(self) -> None:
        """Reads the ledger again."""

        def done(stored: Ledger) -> None:
            self.all, self.events = stored
            self.changed.emit()
            self.reloaded.emit()

        if self._project is not None:
            self._project.ask(self.read, done)

    def put(self, cycle: Cycle) -> None:
        """Shows a cycle that was taken, or changed, just now."""
        self.all = (*(known for known in self.all if known.number != cycle.number), cycle)
        self.changed.emit()

    @property
    def latest(self) -> Cycle | None:
        return self.all[-1] if self.all else None

    @property
    def picked(self) -> int:
        """How many frames all cycles have taken."""
        return sum(len(cycle.picks) for cycle in self.all)

    @property
    def earlier_detector(self) -> str:
        """The identity of the detector before that of now, by the cycles; "" without one."""
        return next(
            (
                cycle.detector
                for cycle in reversed(self.all)
                if cycle.detector != self._detector.identity
            ),
            "",
        )
