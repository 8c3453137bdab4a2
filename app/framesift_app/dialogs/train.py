"""Fine-tune: a form with sensible defaults, and what it will take."""

from __future__ import annotations

import contextlib

import shiboken6
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from framesift.errors import InputError
from framesift.records.settings import flat, settings_of
from framesift.training.settings import TrainSettings
from framesift_app.dialogs.cost import CostLabel
from framesift_app.dialogs.fold import more
from framesift_app.dialogs.form import FormDialog
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.session import Session
from framesift_app.strings import number, tr, trf

VALIDATION = 0.2
FIRST = (
    "epochs",
    "batch",
    "learning_rate",
    "validate_every",
    "adopt",
    "min_height",
    "batch_norm",
)
"""What most people look at; the rest is unfolded."""


class TrainDialog(FormDialog):
    """Asks the session to train."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Fine-tune the detector"),
            tr(
                "Trains on all labels so far, in a process of its own; the window stays quick. "
                "Stopping early keeps what was learnt."
            ),
            tr("Fine-tune"),
            parent,
        )
        self._session = session
        self._defaults: TrainSettings | None = None
        self._start = QComboBox()
        self._start.addItem(tr("The initial detector, as in the paper"), "initial")
        self._start.addItem(tr("The current detector"), "current")
        self._fit = QCheckBox(tr("Fit the detector's box sizes to the labels first"))
        self._resume = QCheckBox(tr("Go on with the run that was interrupted"))
        self._cost = CostLabel(session, self, lambda costs: costs.step_ms)
        table = {setting.name: setting for setting in settings_of(TrainSettings)}
        self.rows = SettingRows(self.form, (table[name] for name in FIRST))
        for text, widget in (
            (tr("Start from"), self._start),
            ("", self._fit),
            ("", self._resume),
            (tr("It will take"), self._cost),
        ):
            self.form.addRow(text, widget)
        seldom = more(self.body)
        for setting in table.values():
            self.rows.add(setting, seldom)
        self._resume.setVisible(interrupted(session))
        self.rows.changed.connect(self._tell)
        self._cost.measured.connect(self._tell)
        self._start.currentIndexChanged.connect(self._ask_defaults)
        self._tell()
        self._ask_defaults()

    def _ask_defaults(self) -> None:
        start = self._start.currentData()

        def known(settings: TrainSettings) -> None:
            if shiboken6.isValid(self) and start == self._start.currentData():
                self._show_defaults(settings)

        self._session.training.ask_defaults(start, known)

    def _show_defaults(self, settings: TrainSettings) -> None:
        """Fields that still show the defaults so far show these; what was typed stays."""
        before = flat(self._defaults or TrainSettings())
        new = flat(settings)
        for name, row in self.rows.rows.items():
            with contextlib.suppress(InputError):
                if row.value() == before[name]:
                    row.show_value(new[name])
        self._defaults = settings
        self._tell()
        # As the value before would have been.
        self.type_over()

    def _tell(self) -> None:
        frames = round(self._session.training.trainable_frames() * (1 - VALIDATION))
        self._cost.say(
            trf("{0} labelled frames to train on", number(max(frames, 0))),
            frames * self.rows.rows["epochs"].value(),
        )
        self.go.setEnabled(frames > 0 and self._defaults is not None)
        self.complain(
            "" if frames > 0 else tr("There is no labelled frame yet; label some picks first.")
        )

    def accept(self) -> None:
        if self._defaults is None:
            return
        usual = flat(self._defaults)
        try:
            shown = self.rows.values()
            changes = {name: value for name, value in shown.items() if value != usual[name]}
            settings = self._defaults.with_given(changes)
        except InputError as error:
            self.complain(str(error))
            return
        self._session.training.start(
            settings,
            start=self._start.currentData(),
            resume=self._resume.isChecked() and self._resume.isVisible(),
            fit_boxes=self._fit.isChecked(),
        )
        super().accept()


def interrupted(session: Session) -> bool:
    """Whether a run of this cycle was left unfinished."""
    if session.folder is None:
        return False
    out = session.folder / "training" / f"cycle-{len(session.cycles.all):03d}"
    ended = any(
        event.kind == "training" and event.cycle == len(session.cycles.all)
        for event in session.cycles.events
    )
    return (out / "job.json").exists() and not ended
