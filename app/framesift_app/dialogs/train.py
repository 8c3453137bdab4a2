"""Fine-tune: a form with sensible defaults, and what it will take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QSpinBox,
    QWidget,
)

from framesift.errors import InputError
from framesift_app.dialogs.cost import CostLabel
from framesift_app.dialogs.form import FormDialog
from framesift_app.session import Session
from framesift_app.strings import number, tr, trf

if TYPE_CHECKING:
    from framesift.training import TrainSettings

VALIDATION = 0.2


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
        self._epochs = QSpinBox()
        self._epochs.setObjectName("epochs")
        self._epochs.setRange(1, 100_000)
        self._epochs.setValue(50)
        self._epochs.setToolTip(tr("Passes over all labelled frames; the paper takes 50"))
        self._batch = QSpinBox()
        self._batch.setObjectName("batch")
        self._batch.setRange(1, 1024)
        self._batch.setValue(8)
        self._batch.setToolTip(tr("Fewer need less memory; torchvision's detectors take 4"))
        self._rate = QDoubleSpinBox()
        self._rate.setDecimals(6)
        self._rate.setRange(1e-6, 1.0)
        self._rate.setSingleStep(1e-4)
        self._rate.setValue(1e-3)
        self._rate.setToolTip(tr("Falls to a tenth of this by the last step"))
        self._start = QComboBox()
        self._start.addItem(tr("The initial detector, as in the paper"), "initial")
        self._start.addItem(tr("The current detector"), "current")
        self._validate = QSpinBox()
        self._validate.setRange(0, 1000)
        self._validate.setValue(1)
        self._validate.setSpecialValueText(tr("never"))
        self._adopt = QComboBox()
        self._adopt.addItem(tr("The last one, as in the paper"), "last")
        self._adopt.addItem(tr("The best of the validations"), "best")
        self._low = QDoubleSpinBox()
        self._low.setObjectName("min_height")
        self._low.setRange(0, 1000)
        self._low.setDecimals(0)
        self._low.setValue(50)
        self._low.setSuffix(tr(" px"))
        self._low.setToolTip(tr("Lower labels (at working size) neither train nor count"))
        self._norms = QComboBox()
        self._norms.setObjectName("norms")
        self._norms.addItem(tr("By each step's frames, as in the paper"), "batch")
        self._norms.addItem(tr("As the detector has it"), "frozen")
        self._norms.setToolTip(
            tr(
                "Batch normalisation. With a few hundred labels of footage that "
                "looks unlike what "
                "the detector learnt from (night, say), keep it as the detector has it"
            )
        )
        self._fit = QCheckBox(tr("Fit the detector's box sizes to the labels first"))
        self._resume = QCheckBox(tr("Go on with the run that was interrupted"))
        self._cost = CostLabel(session, self, lambda costs: costs.step_ms)
        for text, widget in (
            (tr("Epochs"), self._epochs),
            (tr("Frames a step"), self._batch),
            (tr("Learning rate"), self._rate),
            (tr("Start from"), self._start),
            (tr("Validate every (epochs)"), self._validate),
            (tr("Keep"), self._adopt),
            (tr("Smallest label"), self._low),
            (tr("Normalisation"), self._norms),
            ("", self._fit),
            ("", self._resume),
            (tr("It will take"), self._cost),
        ):
            self.form.addRow(text, widget)
        self._resume.setVisible(interrupted(session))
        self._epochs.valueChanged.connect(self._tell)
        self._cost.measured.connect(self._tell)
        self._start.currentIndexChanged.connect(self._ask_defaults)
        self._tell()
        self._ask_defaults()

    def _ask_defaults(self) -> None:
        start = self._start.currentData()

        def known(found: TrainSettings) -> None:
            if shiboken6.isValid(self) and start == self._start.currentData():
                self._show_defaults(found)

        self._session.training.ask_defaults(start, known)

    def _show_defaults(self, found: TrainSettings) -> None:
        """Fields that still show the defaults so far show these; what was typed stays."""
        from framesift.training import TrainSettings

        shown, before = self._values(), self._defaults or TrainSettings()
        for field, name in (
            (self._epochs, "epochs"),
            (self._batch, "batch"),
            (self._rate, "learning_rate"),
            (self._low, "min_height"),
            (self._validate, "validate_every"),
        ):
            if shown[name] == getattr(before, name):
                field.setValue(getattr(found, name))
        for choice, name in ((self._adopt, "adopt"), (self._norms, "norms")):
            if shown[name] == getattr(before, name):
                choice.setCurrentIndex(choice.findData(getattr(found, name)))
        self._defaults = found
        self._tell()

    def _values(self) -> dict[str, Any]:
        """What the fields say, by the names of TrainSettings."""
        return {
            "epochs": self._epochs.value(),
            "batch": self._batch.value(),
            "learning_rate": self._rate.value(),
            "min_height": self._low.value(),
            "validate_every": self._validate.value(),
            "adopt": self._adopt.currentData(),
            "norms": self._norms.currentData(),
        }

    def _tell(self) -> None:
        frames = round(self._session.training.trainable_frames() * (1 - VALIDATION))
        self._cost.say(
            trf("{0} labelled frames to train on", number(max(frames, 0))),
            frames * self._epochs.value(),
        )
        self.go.setEnabled(frames > 0 and self._defaults is not None)
        self.complain(
            "" if frames > 0 else tr("There is no labelled frame yet; label some picks first.")
        )

    def accept(self) -> None:
        if self._defaults is None:
            return
        changes = {
            name: value
            for name, value in self._values().items()
            if value != getattr(self._defaults, name)
        }
        if "learning_rate" in changes:
            changes["final_learning_rate"] = changes["learning_rate"] / 10
        try:
            settings = self._defaults.with_(**changes)
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
