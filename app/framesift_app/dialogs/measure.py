"""Measuring a detector whose classes have other names than the project's."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from framesift_app.dialogs.form import FormDialog
from framesift_app.dialogs.renaming import renamed
from framesift_app.session import Session
from framesift_app.strings import tr, trf


class MeasureDialog(FormDialog):
    """Asks the session to measure, and which class is which."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        view, labels = session.detector.view, session.labels.classes
        theirs = view.classes if view is not None else ()
        super().__init__(
            tr("Measure the detector"),
            trf(
                "The detector finds {0}, and the labels are of {1}: say which is which.",
                ", ".join(theirs),
                ", ".join(labels),
            ),
            tr("Measure"),
            parent,
        )
        self._session = session
        self._map = QLineEdit()
        self._map.setObjectName("map")
        example = f"{theirs[0]}={labels[0]}" if theirs and labels else ""
        self._map.setPlaceholderText(example)
        self.form.addRow(tr("Rename classes"), self._map)

    def accept(self) -> None:
        class_map = renamed(self._map.text())
        if not class_map:
            self.complain(tr("Write renamed classes as person=pedestrian."))
            return
        self._session.detector.evaluate(class_map)
        super().accept()


def meets(session: Session) -> bool:
    """Whether the detector knows a class of the project, as far as that can be told."""
    view = session.detector.view
    return view is None or not {*view.classes}.isdisjoint(session.labels.classes)
