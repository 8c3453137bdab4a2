"""The chooser of the class that the heat map shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from framesift_app.workbench import Workbench


class HeatClasses(QComboBox):
    """All classes that count in the score, or one of the detector's; hidden for detectors of
    a single class."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Class of the heat map"))
        self.setToolTip(self.tr("Show the pixel score as it counts, or of one class alone"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaximumWidth(160)
        self.activated.connect(lambda _: bench.view.set_heat_class(self.currentData() or ""))
        bench.session.detector.changed.connect(self.refresh)
        bench.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        detector = self._bench.session.detector.view
        names = detector.classes if detector is not None else ()
        offered = ["", *names] if len(names) > 1 else [""]
        if offered != [self.itemData(n) for n in range(self.count())]:
            self.clear()
            for name in offered:
                self.addItem(name or self.tr("All classes"), name)
        if self._bench.view.heat_class not in offered:
            self._bench.view.heat_class = ""
        self.setCurrentIndex(offered.index(self._bench.view.heat_class))
        self.setVisible(len(names) > 1)
        self.setEnabled(self._bench.view.heat)
