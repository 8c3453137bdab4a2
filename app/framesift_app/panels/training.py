"""Fine-tuning as it goes: the loss of each step, the miss rate of each validation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from framesift_app.panels.chart import Chart
from framesift_app.panels.flow import FlowRow
from framesift_app.panels.plotting.drawing import Axes, Line
from framesift_app.panels.scrolled import over_foot
from framesift_app.session import Session
from framesift_app.strings import percent, stage, tr, trf


class TrainingPanel(QWidget):
    """Live curves and Stop, which keeps what was learnt."""

    def __init__(
        self, session: Session, act: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._loss = Chart(
            tr("Loss per step"),
            tr("Label some picks, then fine-tune: the loss shows here as it goes."),
            session.messages,
        )
        self._miss = Chart(
            tr("Validation miss rate per epoch"),
            tr(
                "A fifth of your labels, in whole stretches of time, is kept back to validate. "
                "Short footage may have none."
            ),
            session.messages,
            Axes(percent=True),
        )
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.setProperty("role", "muted")
        self._message.setContentsMargins(8, 0, 8, 0)
        self._train = QPushButton(tr("Fine-tune…"))
        self._train.clicked.connect(lambda: act("train"))
        self._stop = QPushButton(tr("Stop and keep"))
        self._stop.setToolTip(tr("Ends the run early; what it has learnt is kept"))
        self._stop.clicked.connect(self._end)
        self._keep = QPushButton(tr("Keep the old one"))
        self._keep.setToolTip(tr("The new detector stays among the project's, to be chosen"))
        self._keep.clicked.connect(session.training.keep_old)
        self._take = QPushButton(tr("Take the new one"))
        self._take.setToolTip(tr("The project goes on with the new detector all the same"))
        self._take.clicked.connect(session.training.take_new)
        row = FlowRow()
        row.setContentsMargins(8, 0, 8, 0)
        for button in (self._keep, self._take, self._train, self._stop):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        charts = over_foot(self, row)
        charts.setSpacing(8)
        charts.addWidget(self._message)
        charts.addWidget(self._loss, 1)
        charts.addWidget(self._miss, 1)
        for signal in (
            session.training.changed,
            session.jobs.changed,
            session.footage.changed,
            session.projectChanged,
        ):
            signal.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        view = self._session.training.view
        lines = [Line(tr("loss"), view.losses, "raw" if len(view.losses) > 20 else "accent")]
        if len(view.losses) > 20:
            lines.append(Line(tr("mean of 20"), averaged(view.losses), "accent"))
        self._loss.show_lines(lines)
        self._miss.show_lines(
            [
                Line(
                    tr("miss rate"),
                    [(epoch, rate) for epoch, rate in view.validated if rate is not None],
                    "labelled",
                    marks=True,
                )
            ]
        )
        running = self._session.jobs.active("train") is not None
        self._train.setVisible(not running)
        self._train.setEnabled(bool(self._session.footage.drives))
        self._stop.setVisible(running)
        for button in (self._keep, self._take):
            button.setVisible(view.offered is not None and not running)
        self._message.setText(self._words(running))
        self._message.setVisible(bool(self._message.text()))

    def _words(self, running: bool) -> str:
        view = self._session.training.view
        if not running:
            return view.message
        job = self._session.jobs.active("train")
        doing = (
            stage(job.progress.stage) if job is not None and job.progress is not None else ""
        )
        if not view.losses:
            return doing[:1].upper() + doing[1:] + "…" if doing else tr("Starting…")
        words = trf(
            "Step {0} of {1}, loss {2:.4f}", view.losses[-1][0], view.steps, view.losses[-1][1]
        )
        if view.validated:
            words += " · " + trf("miss rate {0}", percent(view.validated[-1][1]))
        if doing:
            words += " · " + doing
        return words

    def _end(self) -> None:
        job = self._session.jobs.active("train")
        if job is not None:
            self._stop.setEnabled(False)
            self._session.jobs.cancel(job.id)
            self._stop.setEnabled(True)


def averaged(
    losses: tuple[tuple[int, float], ...],
    window: int = 20,
) -> list[tuple[float, float]]:
    """The running mean of the losses."""
    values = np.array([loss for _, loss in losses])
    sums = np.cumsum(np.insert(values, 0, 0.0))
    means = (sums[window:] - sums[:-window]) / window
    return [
        (float(step), float(mean))
        for (step, _), mean in zip(losses[window - 1 :], means, strict=True)
    ]
