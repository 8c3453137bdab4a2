"""Go on with another detector."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from framesift_app.dialogs.detector_field import DetectorField
from framesift_app.dialogs.form import FormDialog
from framesift_app.session import Session
from framesift_app.strings import tr


class DetectorDialog(FormDialog):
    """Asks the session to choose one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Choose the detector"),
            tr(
                "Scores belong to the detector that made them: with another one the footage is "
                "scored anew, and what was scored before is kept. Fine-tuning "
                "starts from what you "
                "choose here, unless it is a checkpoint of this project."
            ),
            tr("Choose"),
            parent,
        )
        self._session = session
        self._now = QLabel(session.detector.name)
        self._field = DetectorField(session, session.detector.source)
        self.form.addRow(tr("In use"), self._now)
        self.form.addRow(tr("Go on with"), self._field)

    def accept(self) -> None:
        source = self._field.source
        if source is None:
            self.complain(tr("Choose the detector's checkpoint file."))
            return
        self._session.detector.choose(source)
        super().accept()
