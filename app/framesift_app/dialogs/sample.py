"""Random frames to measure by."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

from framesift.project.start import SampleSettings
from framesift.records.settings import settings_of
from framesift_app.dialogs.form import FormDialog
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.session import Session
from framesift_app.strings import tr


class SampleDialog(FormDialog):
    """Asks the session to draw them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Frames for the measuring set"),
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
        self.rows = SettingRows(self.form, settings_of(SampleSettings))
        count = self.rows.rows["count"].widget
        assert isinstance(count, QSpinBox)
        count.setMaximum(max(1, sum(len(drive) for drive in session.footage.drives)))

    def accept(self) -> None:
        self._session.footage.sample_evaluation(self.rows.values()["count"])
        super().accept()
