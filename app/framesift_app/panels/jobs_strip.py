"""The strip at the bottom: what runs, how far it is, and the buttons to hold or end it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app import theme
from framesift_app.desktop import open_with_desktop
from framesift_app.panels.elided import Elided
from framesift_app.remedies import in_the_window
from framesift_app.session import Session
from framesift_app.strings import duration, number, stage, tr, trf
from framesift_app.workers.jobs import JobView

SHOWN_MS = 12_000
PARTS = 1000


class JobRow(QWidget):
    """One job."""

    def __init__(self, session: Session, job: JobView) -> None:
        super().__init__()
        self._session, self._id, self._paused = session, job.id, False
        self._title = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._counts = QLabel()
        self._counts.setProperty("role", "muted")
        self._notice = Elided()
        self._notice.setProperty("role", "muted")
        self._hold = QToolButton()
        self._hold.setAccessibleName(tr("Pause"))
        self._hold.clicked.connect(self._toggle)
        self._end = QToolButton()
        self._end.setIcon(theme.icon("close"))
        self._end.setAccessibleName(tr("End"))
        self._end.setToolTip(tr("End it; what is done stays done"))
        self._end.clicked.connect(lambda: session.jobs.cancel(self._id))
        for button in (self._hold, self._end):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(8)
        for widget in (self._title, self._bar, self._counts, self._hold, self._end):
            row.addWidget(widget)
        row.addWidget(self._notice, 1)
        self.show_job(job)

    def show_job(self, job: JobView) -> None:
        progress = job.progress
        self._paused = job.state == "paused"
        doing = stage(progress.stage) if progress is not None else ""
        words = {"waiting": tr("waiting"), "paused": tr("paused")}.get(job.state, "")
        self._title.setText(
            " · ".join(
                w
                for w in (
                    job.title,
                    words or (doing if doing.lower() != job.title.lower() else ""),
                )
                if w
            )
        )
        if progress is None or not progress.total:
            self._bar.setRange(0, 0 if job.state == "running" else 1)
        else:
            self._bar.setRange(0, PARTS)
            self._bar.setValue(round(PARTS * min(1.0, progress.done / progress.total)))
        self._counts.setText(numbers(job))
        self._hold.setVisible(job.pausable)
        self._hold.setIcon(theme.icon("play" if self._paused else "pause"))
        self._hold.setToolTip(tr("Go on") if self._paused else tr("Hold on"))
        notice = in_the_window(job.notice)
        self._notice.setText(notice)
        self._notice.setToolTip(notice)

    def _toggle(self) -> None:
        if self._paused:
            self._session.jobs.resume(self._id)
        else:
            self._session.jobs.pause(self._id)


def numbers(job: JobView) -> str:
    """How far, how fast, how long still."""
    progress = job.progress
    if progress is None or not progress.total:
        return ""
    parts = [f"{100 * progress.done / progress.total:.0f}\u202f%"]
    if job.state == "running":
        if progress.rate > 0:
            rate = (
                f"{progress.rate:.1f}" if progress.rate < 10 else number(round(progress.rate))
            )
            parts.append(trf("{0} {1}/s", rate, progress.unit))
        if progress.remaining_s is not None:
            parts.append(trf("{0} left", duration(progress.remaining_s)))
    return "  ".join(parts)


class JobsStrip(QWidget):
    """Jobs in rows; beside them what was last said, whether all is saved, and the device."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: dict[int, JobRow] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._message = Elided()
        self._message.setObjectName("message")
        self._message.setContentsMargins(8, 2, 8, 2)
        self._lines: tuple[str, ...] = ()
        self._path: Path | None = None
        self.more = self._button("more", tr("Details…"), self._show_lines)
        self.open_folder = self._button("open_folder", tr("Open folder"), self._open)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._message, 1)
        line.addWidget(self.more)
        line.addWidget(self.open_folder)
        self._column.addLayout(line)
        self._saved = QLabel()
        self._saved.setProperty("role", "muted")
        self._device = QLabel()
        self._device.setObjectName("device")
        self._device.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(16)
        row.addLayout(self._column, 1)
        row.addWidget(self._saved)
        row.addWidget(self._device)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(lambda: self._say(""))
        session.messages.told.connect(self._say)
        session.messages.reported.connect(self._report)
        session.journal.saving.connect(self._saving)
        session.jobs.changed.connect(self._refresh)
        session.detector.changed.connect(self._refresh)
        session.projectChanged.connect(self._refresh)
        session.projectChanged.connect(self._saved.clear)
        theme.current().changed.connect(self._anew)
        self._refresh()

    def _button(self, name: str, text: str, action: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: action())
        button.hide()
        return button

    def _say(self, sentence: str) -> None:
        text = in_the_window(sentence)
        self._message.setText(text)
        self._message.setToolTip(text)
        for button in (self.more, self.open_folder):
            button.hide()
        self._refresh()
        if text:
            self._quiet.start(SHOWN_MS)

    def _report(self, sentence: str, lines: tuple[str, ...], path: Path | None) -> None:
        """A sentence that stays until the next, with what belongs to it behind buttons."""
        self._say(sentence)
        self._quiet.stop()
        self._lines, self._path = tuple(map(in_the_window, lines)), path
        self.more.setVisible(bool(lines))
        self.open_folder.setVisible(path is not None)

    def _show_lines(self) -> None:
        from framesift_app.panels.lines import LinesDialog

        LinesDialog(self._message.text(), self._lines, self.window()).show()

    def _open(self) -> None:
        if self._path is not None:
            open_with_desktop(self._path)

    def _saving(self, busy: bool) -> None:
        self._saved.setText(tr("saving…") if busy else tr("saved"))

    def _anew(self) -> None:
        for which in list(self._rows):
            self._remove(which)
        self._refresh()

    def _remove(self, which: int) -> None:
        row = self._rows.pop(which)
        row.hide()
        self._column.removeWidget(row)
        row.deleteLater()

    def _refresh(self) -> None:
        active = [job for job in self._session.jobs.views if job.active]
        for gone in self._rows.keys() - {job.id for job in active}:
            self._remove(gone)
        for job in active:
            if job.id in self._rows:
                self._rows[job.id].show_job(job)
            else:
                self._rows[job.id] = JobRow(self._session, job)
                self._column.insertWidget(self._column.count() - 1, self._rows[job.id])
        self._message.setVisible(bool(self._message.text()) or not active)
        self._device.setText(self._words())

    def _words(self) -> str:
        session = self._session
        if session.folder is None:
            return ""
        if session.detector.view is None:
            return trf("{0} · loading", session.detector.name)
        device = {"cuda": tr("GPU"), "mps": tr("GPU (Metal)")}.get(
            session.detector.view.device, tr("CPU")
        )
        return f"{session.detector.name} · {device}"
