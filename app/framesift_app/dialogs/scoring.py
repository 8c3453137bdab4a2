"""Score: how densely, by what, and how long it will take."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QWidget

from framesift_app.dialogs.cost import CostLabel
from framesift_app.dialogs.form import FormDialog
from framesift_app.session import Session
from framesift_app.strings import number, tr, trf
from framesift_app.workers.inference import RADIUS


class ScoreDialog(FormDialog):
    """Asks the session to score."""

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
        self._every.setValue(session.every)
        self._every.setToolTip(
            tr(
                "1: every frame, as in the paper. 3: every third frame, three times as quick; "
                "smoothing counts the scored frames."
            )
        )
        self._method = QComboBox()
        detector = session.detector
        maps = (
            (tr("Divergence of the maps (the paper's)"), "divergence"),
            (tr("Entropy of the maps"), "entropy"),
        )
        drops = ((tr("Monte-Carlo dropout (slow)"), "mc_dropout"),)
        boxes = (
            (tr("Entropy of the boxes"), "box_entropy"),
            (tr("Margin of the boxes"), "box_margin"),
            (tr("Least confidence of the boxes"), "box_least_confidence"),
        )
        for text, name in (
            *(maps if detector is None or detector.has_maps else ()),
            *(drops if detector is None or detector.trainable else ()),
            *boxes,
        ):
            self._method.addItem(text, name)
        self._method.setToolTip(
            tr(
                "The maps' scores look at every place of the picture. The "
                "boxes' scores only look "
                "at what the detector found; they are for detectors without maps."
            )
        )
        at = self._method.findData(session.score_options.get("method", "divergence"))
        self._method.setCurrentIndex(max(0, at))
        self._mirror = QCheckBox(tr("Look at the mirror image, too (twice as long)"))
        self._mirror.setChecked(bool(session.score_options.get("mirror")))
        self._by_box = QCheckBox(tr("Neighbourhoods in proportion to each level's boxes"))
        self._by_box.setObjectName("by_box")
        self._by_box.setToolTip(
            tr(
                "Unticked, all levels of the maps have the paper's radius. Worth a trial where "
                "people are small; measure which suits your footage."
            )
        )
        self._by_box.setChecked(isinstance(session.score_options["radius"], list))
        self._by_box.setEnabled(detector is not None and detector.radii is not None)
        self._cost = CostLabel(session, self, lambda costs: costs.score_ms)
        self.form.addRow(tr("Every n-th frame"), self._every)
        self.form.addRow(tr("Score"), self._method)
        self.form.addRow("", self._by_box)
        self.form.addRow("", self._mirror)
        self.form.addRow(tr("It will take"), self._cost)
        self._every.valueChanged.connect(self._tell)
        self._mirror.toggled.connect(self._tell)
        self._by_box.toggled.connect(self._tell)
        self._method.currentIndexChanged.connect(self._tell)
        self._cost.measured.connect(self._tell)
        self._tell()

    def _radius(self) -> int | list[int]:
        detector = self._session.detector
        if self._by_box.isChecked() and detector is not None and detector.radii is not None:
            return list(detector.radii)
        return RADIUS

    def _left(self) -> int:
        """The frames that have no score yet."""
        session, every = self._session, self._every.value()
        same = (
            session.score_options.get("method") == self._method.currentData()
            and session.score_options.get("mirror") == self._mirror.isChecked()
            and session.score_options["radius"] == self._radius()
        )
        left = sum(-(-len(drive) // every) for drive in session.drives)
        if same:
            left -= sum(
                int(np.count_nonzero(~np.isnan(values[::every])))
                for values in session.raw.values()
            )
        return max(0, left)

    def _tell(self) -> None:
        left = self._left()
        words = trf("{0} frames without a score", number(left))
        times = 2 if self._mirror.isChecked() else 1
        if self._method.currentData() == "mc_dropout":
            self._cost.setText(
                words + "\n" + tr("several times as long as with the paper's score")
            )
        else:
            self._cost.say(words, left * times)

    def accept(self) -> None:
        self._session.score(
            self._every.value(),
            method=self._method.currentData(),
            mirror=self._mirror.isChecked(),
            radius=self._radius(),
        )
        super().accept()
