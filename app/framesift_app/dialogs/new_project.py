"""New project: where, what to label, which detector, what footage, what to measure by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QSpinBox,
    QWidget,
)

from framesift.project.start import ProjectStart, SampleSettings
from framesift.records.settings import settings_of
from framesift_app.dialogs.detector_field import DetectorField
from framesift_app.dialogs.form import FormDialog, PathField, muted
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.session import Session
from framesift_app.settings import holds_project
from framesift_app.strings import tooltip, tr


@dataclass(frozen=True, slots=True)
class NewProject:
    """What was asked for; `sample` frames are set apart to measure by (0: none)."""

    folder: Path
    classes: tuple[str, ...]
    detector: str
    footage: tuple[Path, ...]
    sample: int


class NewProjectDialog(FormDialog):
    """Asks; `chosen(NewProject)` answers."""

    chosen = Signal(object)

    def __init__(
        self, session: Session, parent: QWidget | None = None, footage: Sequence[Path] = ()
    ) -> None:
        super().__init__(
            tr("New project"),
            tr(
                "A project is a folder that keeps scores, labels, detectors and the history of "
                "your cycles. Your footage stays where it is."
            ),
            tr("Create"),
            parent,
        )
        self.setMinimumSize(560, 560)
        self.setAcceptDrops(True)
        self._folder = PathField("folder", str(suggestion()))
        self._folder.edit.setObjectName("folder")
        classes, detector = settings_of(ProjectStart)
        self.form.addRow(tr("Folder"), self._folder)
        self._start = SettingRows(self.form, [classes])
        self._detector = DetectorField(session, default_detector())
        self._detector.setToolTip(tooltip(detector))
        self.form.addRow(tr(detector.title), self._detector)
        self._list = QListWidget()
        self._list.setObjectName("files")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setAccessibleName(tr("Footage"))
        self.body.addWidget(QLabel(tr("Footage (drop files or folders here)")))
        self.body.addWidget(self._list, 1)
        add, folder, away = (
            QPushButton(text) for text in (tr("Add files…"), tr("Add folder…"), tr("Remove"))
        )
        add.clicked.connect(self._add_files)
        folder.clicked.connect(self._add_folder)
        away.clicked.connect(self._remove)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (add, folder, away):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self._sample = QCheckBox(tr("Set random frames apart to measure by:"))
        self._sample.setChecked(True)
        self._count = QSpinBox()
        self._count.setObjectName("sample")
        (count,) = (row for row in settings_of(SampleSettings) if row.name == "count")
        self._count.setRange(1, 100_000)
        self._count.setValue(count.default)
        self._count.setToolTip(tooltip(count))
        self._sample.toggled.connect(self._count.setEnabled)
        row = QHBoxLayout()
        row.addWidget(self._sample)
        row.addWidget(self._count)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(
            muted(
                tr(
                    "They are never picked and never learnt from. Label them "
                    "once, and every cycle "
                    "tells honestly how much better the detector has become; "
                    "picks cannot tell, "
                    "because they were chosen for being hard."
                )
            )
        )
        self.add_paths(footage)

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Puts footage on the list."""
        known = {self._list.item(i).text() for i in range(self._list.count())}
        self._list.addItems([str(path) for path in paths if str(path) not in known])

    def _add_files(self) -> None:
        names = QFileDialog.getOpenFileNames(self, tr("Add footage"))[0]
        self.add_paths([Path(name) for name in names])

    def _add_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Add a folder"))
        self.add_paths([Path(name)] if name else [])

    def _remove(self) -> None:
        for item in self._list.selectedItems():
            self._list.takeItem(self._list.row(item))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt)
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt)
        self.add_paths(
            [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        )
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def accept(self) -> None:
        folder = self._folder.path
        classes = self._start.values()["classes"]
        detector = self._detector.source
        if detector is None:
            self.complain(tr("Choose the detector's checkpoint file."))
            return
        if folder is None:
            self.complain(tr("Say which folder the project shall have."))
            return
        if not classes:
            self.complain(tr("Name at least one class to label."))
            return
        if holds_project(folder):
            self.complain(tr("There is a project in this folder already; choose another."))
            return
        footage = tuple(Path(self._list.item(i).text()) for i in range(self._list.count()))
        sample = self._count.value() if self._sample.isChecked() and footage else 0
        self.chosen.emit(NewProject(folder, classes, detector, footage, sample))
        super().accept()


def default_detector() -> str:
    """The detector to begin with where nobody chooses."""
    from framesift.loop import bundled

    usual = ProjectStart().detector
    return usual if bundled(usual) else "paper"


def suggestion() -> Path:
    """A folder that is not there yet."""
    home = Path(
        QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        or Path.home()
    )
    for number in range(1, 1000):
        path = home / "Framesift" / f"project-{number}"
        if not path.exists():
            return path
    return home / "Framesift" / "project"
