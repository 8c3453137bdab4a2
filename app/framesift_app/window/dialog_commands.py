"""The actions that open a dialog. Each is imported when it is opened for the first time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from framesift_app.session import Session


class DialogCommands:
    """Opens dialogs over a window; none of them is modal."""

    def __init__(
        self, window: QWidget, session: Session, apply_keys: Callable[[], None]
    ) -> None:
        """`apply_keys`: called when somebody has chosen other keys."""
        self._window, self._session, self._apply_keys = window, session, apply_keys

    def commands(self) -> dict[str, Callable[[], None]]:
        """What is opened by nothing but its dialog, by the action's id."""
        return {
            "import": self.import_labels,
            "export": self.export_labels,
            "settings": self.settings,
            "score": self.score,
            "sample": self.sample,
            "detector": self.detector,
            "measure": self.measure,
            "plan": self.plan,
            "eight_bits": self.eight_bits,
            "map": self.map,
            "documentation": self.documentation,
            "keys": self.keys,
            "system": self.system,
            "licences": self.licences,
            "about": self.about,
        }

    def _open(self, kind: type[QDialog], make: Callable[[], QDialog]) -> None:
        """Shows a dialog; one of its kind that is open already comes to the front."""
        for dialog in self._window.findChildren(kind):
            if dialog.isVisible():
                dialog.raise_()
                dialog.activateWindow()
                return
        make().show()

    def import_labels(self) -> None:
        from framesift_app.dialogs.exchange import ImportDialog

        self._open(ImportDialog, lambda: ImportDialog(self._session, self._window))

    def export_labels(self) -> None:
        from framesift_app.dialogs.exchange import ExportDialog

        self._open(ExportDialog, lambda: ExportDialog(self._session, self._window))

    def settings(self) -> None:
        from framesift_app.dialogs.preferences import SettingsDialog

        self._open(SettingsDialog, lambda: SettingsDialog(self._apply_keys, self._window))

    def score(self) -> None:
        from framesift_app.dialogs.scoring import ScoreDialog

        self._open(ScoreDialog, lambda: ScoreDialog(self._session, self._window))

    def sample(self) -> None:
        from framesift_app.dialogs.sample import SampleDialog

        self._open(SampleDialog, lambda: SampleDialog(self._session, self._window))

    def detector(self) -> None:
        from framesift_app.dialogs.detector import DetectorDialog

        self._open(DetectorDialog, lambda: DetectorDialog(self._session, self._window))

    def measure(self) -> None:
        """Measures at once, unless it must be said first which class is which."""
        from framesift_app.dialogs.measure import MeasureDialog, meets

        if meets(self._session):
            self._session.detector.evaluate()
        else:
            self._open(MeasureDialog, lambda: MeasureDialog(self._session, self._window))

    def train(self) -> None:
        from framesift_app.dialogs.train import TrainDialog

        self._open(TrainDialog, lambda: TrainDialog(self._session, self._window))

    def plan(self) -> None:
        from framesift_app.dialogs.plan import PlanDialog

        self._open(PlanDialog, lambda: PlanDialog(self._session, self._window))

    def eight_bits(self) -> None:
        from framesift_app.dialogs.eight_bits import EightBitsDialog

        self._open(EightBitsDialog, lambda: EightBitsDialog(self._session, self._window))

    def map(self) -> None:
        from framesift_app.panels.frame_map import FrameMapDialog

        self._open(FrameMapDialog, lambda: FrameMapDialog(self._session, self._window))

    def documentation(self) -> None:
        from framesift_app.dialogs.documentation import open_documentation

        open_documentation(self._window)

    def keys(self) -> None:
        from framesift_app.dialogs.preferences import KeysDialog

        self._open(KeysDialog, lambda: KeysDialog(self._window))

    def system(self) -> None:
        from framesift_app.dialogs.system import SystemDialog

        self._open(SystemDialog, lambda: SystemDialog(self._session, self._window))

    def licences(self) -> None:
        from framesift_app.dialogs.licences import LicencesDialog

        self._open(LicencesDialog, lambda: LicencesDialog(self._session, self._window))

    def about(self) -> None:
        from framesift_app.dialogs.about import AboutDialog

        def make() -> AboutDialog:
            dialog = AboutDialog(self._window)
            dialog.licences.connect(self.licences)
            return dialog

        self._open(AboutDialog, make)
