"""Scoring in 8 bits: shows whether the picks stay the same before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget

from framesift_app.dialogs.form import FormDialog, muted
from framesift_app.session import Session
from framesift_app.strings import percent, tr, trf

if TYPE_CHECKING:
    from framesift.loop import EightBits


class EightBitsDialog(FormDialog):
    """Tries 8 bits on the project's frames; then offers to keep them, or says why not."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Score in 8 bits"),
            tr(
                "On a processor the detector scores about twice as quickly in 8 bits. Scores "
                "differ a little from those without. A minute or so on some of your own frames "
                "shows whether the same ones would be picked."
            ),
            tr("Try it"),
            parent,
        )
        self._session = session
        self._tried: EightBits | None = None
        self._result = muted("")
        self.body.addWidget(self._result)
        self._off = QPushButton(tr("Stop using 8 bits"))
        self._off.setObjectName("off")
        self.buttons.addButton(self._off, QDialogButtonBox.ButtonRole.ActionRole)
        self._off.setVisible(session.detector.in_eight_bits)
        self._off.clicked.connect(self._end)
        if session.detector.in_eight_bits:
            self._result.setText(tr("This project scores in 8 bits now."))
        session.jobs.finished.connect(self._finished)

    def accept(self) -> None:
        if self._tried is not None:
            self._session.detector.use_eight_bits(self._tried)
            super().accept()
            return
        self.complain("")
        self.go.setEnabled(False)
        self._result.setText(tr("Calibrating, and scoring frames both ways…"))
        self._session.detector.try_eight_bits()

    def _end(self) -> None:
        self._session.detector.use_eight_bits(None)
        super().accept()

    def _finished(self, kind: str, result: Any) -> None:
        if kind != "eight bits":
            return
        from framesift.loop import EightBits

        self.go.setEnabled(True)
        if not isinstance(result, EightBits):
            self._result.setText("")
            return
        self._result.setText(
            trf(
                "{0} of {1} picks are the same among {2} frames. A frame takes {3} ms in place "
                "of {4}; scores differ by {5} (median).",
                result.same,
                result.picks,
                result.compared,
                round(result.ms),
                round(result.ms_before),
                percent(result.difference),
            )
        )
        if result.agrees:
            self._tried = result
            self.go.setText(tr("Score in 8 bits"))
        else:
            self.complain(tr("Too few picks are the same: the project goes on without 8 bits."))
