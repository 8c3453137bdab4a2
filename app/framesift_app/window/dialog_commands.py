"""The actions that open a dialog. Each is imported when it is opened for the first time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

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
            "plan": self.plan,
            "documentation": self.documentation,
            "keys": self.keys,
            "system": self.system,
            "licences": self.licences,
            "about": self.about,
        }

    def import_labels(self) -> None:
        from framesift_app.dialogs.exchange import ImportDialog

        ImportDialog(self._session, self._window).show()

    def export_labels(self) -> None:
        from framesift_app.dialogs.exchange import ExportDialog

        ExportDialog(self._session, self._window).show()

    def settings(self) -> None:
        from framesift_app.dialogs.preferences import SettingsDialog

        SettingsDialog(self._apply_keys, self._window).show()

    def score(self) -> None:
        from framesift_app.dialogs.scoring import ScoreDialog

        ScoreDialog(self._session, self._window).show()

    def sample(self) -> None:
        from framesift_app.dialogs.sample import SampleDialog

        SampleDialog(self._session, self._window).show()

    def detector(self) -> None:
        from framesift_app.dialogs.detector import DetectorDialog

        DetectorDialog(self._session, self._window).show()

    def train(self) -> None:
        from framesift_app.dialogs.train import TrainDialog

        TrainDialog(self._session, self._window).show()

    def plan(self) -> None:
        from framesift_app.dialogs.plan import PlanDialog

        PlanDialog(self._session, self._window).show()

    def documentation(self) -> None:
        from framesift_app.dialogs.documentation import open_documentation

        open_documentation(self._window)

    def keys(self) -> None:
        from framesift_app.dialogs.preferences import KeysDialog

        KeysDialog(self._window).show()

    def system(self) -> None:
        from framesift_app.dialogs.system import SystemDialog

        SystemDialog(self._session, self._window).show()

    def licences(self) -> None:
        from framesift_app.dialogs.licences import LicencesDialog

        LicencesDialog(self._session, self._window).show()

    def about(self) -> None:
        from framesift_app.dialogs.about import AboutDialog

        dialog = AboutDialog(self._window)
        dialog.licences.connect(self.licences)
        dialog.show()
