"""Score: how densely, by what, and how long it will take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from framesift.errors import InputError
from framesift.records.settings import Setting, settings_of, union
from framesift.scores import ScoreSettings, every_score, score_params
from framesift_app.dialogs.cost import CostLabel
from framesift_app.dialogs.form import FormDialog
from framesift_app.dialogs.setting_rows import SettingRows, more
from framesift_app.session import Session
from framesift_app.strings import number, tr, trf


class ScoreDialog(FormDialog):
    """Asks the session to score. The rows are those of the chosen score's settings."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Score the footage"),
            tr(
                "The detector looks at every frame, and each gets a score: how much its maps "
                "disagree with their surroundings. It runs in the background, "
                "coarse to fine, and "
                "may be held or ended; what is scored stays scored."
            ),
            tr("Score"),
            parent,
        )
        self._session = session
        self._every = QSpinBox()
        self._every.setObjectName("every")
        self._every.setRange(1, 1000)
        self._every.setValue(session.scores.every)
        self._every.setToolTip(
            tr(
                "1: every frame, as in the paper. 3: every third frame, three times as quick; "
                "smoothing counts the scored frames."
            )
        )
        self._method = QComboBox()
        self._method.setObjectName("method")
        for name, score in _offered(session):
            self._method.addItem(tr(score.title), name)
        self._method.setToolTip(
            tr(
                "The maps' scores look at every place of the picture. The "
                "boxes' scores only look "
                "at what the detector found; they are for detectors without maps."
            )
        )
        at = self._method.findData(session.scores.options["method"])
        self._method.setCurrentIndex(max(0, at))
        self._cost = CostLabel(session, self, lambda costs: costs.score_ms)
        self.form.addRow(tr("Every n-th frame"), self._every)
        self.form.addRow(tr("Score"), self._method)
        self.rows = SettingRows(self.form, union(score_params()))
        self.form.addRow(tr("It will take"), self._cost)
        seldom = more(self.body)
        for one in settings_of(ScoreSettings):
            self.rows.add(one, seldom)
        self.rows.show_values(session.scores.options)
        by_box = self.rows.rows["radius_by_box"].widget
        by_box.setEnabled(
            session.detector.view is not None and session.detector.view.radii is not None
        )
        self._every.valueChanged.connect(self._tell)
        self._method.currentIndexChanged.connect(self._chosen)
        self.rows.changed.connect(self._tell)
        self._cost.measured.connect(self._tell)
        self._chosen()

    def _settings(self) -> tuple[Setting, ...]:
        """The settings of the chosen score."""
        params = score_params()[self._method.currentData()]
        return (*settings_of(params), *settings_of(ScoreSettings))

    def _chosen(self) -> None:
        self.rows.show_only(one.name for one in self._settings())
        self._tell()

    def options(self) -> dict[str, Any]:
        """The FrameScorer options that the form says. Raises InputError."""
        values = self.rows.values(one.name for one in self._settings())
        if not self.rows.rows["radius_by_box"].widget.isEnabled():
            values.pop("radius_by_box", None)
        return {"method": self._method.currentData(), **values}

    def _left(self, options: dict[str, Any]) -> int:
        """The frames that have no score yet."""
        session, every = self._session, self._every.value()
        before = {one.name: one.default for one in self._settings()} | session.scores.options
        same = all(before.get(name) == value for name, value in options.items())
        left = sum(-(-len(drive) // every) for drive in session.footage.drives)
        if same:
            left -= sum(
                int(np.count_nonzero(~np.isnan(values[::every])))
                for values in session.scores.raw.values()
            )
        return max(0, left)

    def _tell(self) -> None:
        try:
            options = self.options()
        except InputError as error:
            self.complain(str(error))
            return
        self.complain("")
        left = self._left(options)
        words = trf("{0} frames without a score", number(left))
        times = 2 if options.get("flip") else 1
        if every_score()[options["method"]].needs == "dropout":
            self._cost.setText(
                words + "\n" + tr("several times as long as with the paper's score")
            )
        else:
            self._cost.say(words, left * times)

    def accept(self) -> None:
        try:
            options = self.options()
        except InputError as error:
            self.complain(str(error))
            return
        self._session.scores.start(self._every.value(), **options)
        super().accept()


def _offered(session: Session) -> Iterator[tuple[str, Any]]:
    """The scores that the detector can have; all until it is known."""
    detector = session.detector.view
    for name, score in every_score().items():
        if (
            detector is None
            or score.needs == "boxes"
            or (score.needs == "maps" and detector.has_maps)
            or (score.needs == "dropout" and detector.trainable)
        ):
            yield name, score
