"""Score: how densely, by what, and how long it will take."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSpinBox, QWidget

from framesift.planner import Plan
from framesift_app.dialogs.form import FormDialog
from framesift_app.session import Session
from framesift_app.strings import duration, number, tr


class ScoreDialog(FormDialog):
    """Asks the session to score."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Score the footage"), tr(
            "The detector looks at every frame, and each gets a score: how much its maps "
            "disagree with their surroundings. It runs in the background, coarse to fine, and "
            "may be held or ended; what is scored stays scored."), tr("Score"), parent)
        self._session = session
        self._ms: float | None = None
        self._every = QSpinBox()
        self._every.setObjectName("every")
        self._every.setRange(1, 1000)
        self._every.setValue(session.every)
        self._every.setToolTip(tr(
            "1: every frame, as in the paper. 3: every third frame, three times as quick; "
            "smoothing counts the scored frames."))
        self._method = QComboBox()
        for text, name in ((tr("Divergence of the maps (the paper's)"), "divergence"),
                           (tr("Entropy of the maps"), "entropy"),
                           (tr("Monte-Carlo dropout (slow)"), "mc_dropout")):
            self._method.addItem(text, name)
        at = self._method.findData(session.score_options.get("method", "divergence"))
        self._method.setCurrentIndex(max(0, at))
        self._mirror = QCheckBox(tr("Look at the mirror image, too (twice as long)"))
        self._mirror.setChecked(bool(session.score_options.get("mirror")))
        self._time = QLabel()
        self._time.setWordWrap(True)
        self.form.addRow(tr("Every n-th frame"), self._every)
        self.form.addRow(tr("Score"), self._method)
        self.form.addRow("", self._mirror)
        self.form.addRow(tr("It will take"), self._time)
        self._every.valueChanged.connect(self._tell)
        self._mirror.toggled.connect(self._tell)
        session.finished.connect(self._finished)
        if not any(job.active for job in session.jobs):
            session.plan(1, 1)
            self.finished.connect(self._no_more_plan)
        self._tell()

    def _finished(self, kind: str, result: Any) -> None:
        if kind == "plan" and isinstance(result, Plan):
            self._ms = result.costs.score_ms
            self._tell()

    def _no_more_plan(self) -> None:
        job = self._session.job("plan")
        if job is not None:
            self._session.cancel_job(job.id)

    def _tell(self) -> None:
        frames = sum(len(drive) for drive in self._session.drives) // self._every.value()
        known = number(frames) + " " + tr("frames")
        if self._ms is None:
            busy = self._session.job("plan") is not None
            self._time.setText(known + " · " + (tr("measuring this machine…") if busy else tr(
                "it shows as soon as it runs")))
            return
        seconds = frames * self._ms / 1000 * (2 if self._mirror.isChecked() else 1)
        self._time.setText(tr("{0} · about {1} on this machine", known, duration(seconds)))

    def accept(self) -> None:
        self._session.score(self._every.value(), method=self._method.currentData(),
                            mirror=self._mirror.isChecked())
        super().accept()
