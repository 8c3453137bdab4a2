"""What work will take on this machine: measured while the dialog is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLabel

from framesift.bench.planner import Costs, Plan
from framesift_app.session import Session
from framesift_app.strings import duration, tr, trf


class CostLabel(QLabel):
    """Says how long some frames will take. `per_frame` chooses among the measured costs, ms;
    `measured` tells that they are known now."""

    measured = Signal()

    def __init__(
        self, session: Session, dialog: QDialog, per_frame: Callable[[Costs], float]
    ) -> None:
        super().__init__()
        self._session, self._per_frame = session, per_frame
        self._ms: float | None = None
        self.setObjectName("cost")
        self.setWordWrap(True)
        session.jobs.finished.connect(self._finished)
        if not any(job.active for job in session.jobs.views):
            session.detector.plan(1, 1, session.scores.every)
            dialog.finished.connect(self._no_more)

    def say(self, words: str, frames: float) -> None:
        """`words` first, then the time of that many frames as far as it is known."""
        if self._ms:
            words += "\n" + trf("about {0} on this machine", duration(frames * self._ms / 1000))
        elif self._session.jobs.active("plan") is not None:
            words += "\n" + tr("measuring this machine…")
        else:
            words += "\n" + tr("the time left shows as soon as it runs")
        self.setText(words)

    def _finished(self, kind: str, result: Any) -> None:
        if kind == "plan":
            if isinstance(result, Plan):
                self._ms = self._per_frame(result.costs)
            self.measured.emit()

    def _no_more(self) -> None:
        job = self._session.jobs.active("plan")
        if job is not None:
            self._session.jobs.cancel(job.id)
