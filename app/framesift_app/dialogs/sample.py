"""Random frames to measure by."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

from framesift_app.dialogs.form import FormDialog
from framesift_app.session import Session
from framesift_app.strings import tr


class SampleDialog(FormDialog):
    """Asks the session to draw them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Frames to measure by"),
            tr(
                "Frames drawn at random are never picked and never learnt from. "
                "Label them once, "
                "and every cycle tells honestly how much better the detector has become; picks "
                "cannot tell, because they were chosen for being hard."
            ),
            tr("Set apart"),
            parent,
        )
        self._session = session
        self._count = QSpinBox()
        self._count.setRange(1, max(1, sum(len(drive) for drive in session.footage.drives)))
        self._count.setValue(100)
        self.form.addRow(tr("Frames"), self._count)

    def accept(self) -> None:
        self._session.footage.sample_evaluation(self._count.value())
        super().accept()
