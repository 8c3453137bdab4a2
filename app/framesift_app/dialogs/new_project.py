"""New project: where, what to label, which detector, what footage, what to measure by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QWidget

from framesift.errors import InputError
from framesift.project.start import ProjectStart, SampleSettings
from framesift.records.settings import settings_of
from framesift.video.settings import VideoSettings
from framesift_app.dialogs.detector_field import DetectorField
from framesift_app.dialogs.fold import more
from framesift_app.dialogs.footage_list import FootageList
from framesift_app.dialogs.form import FormDialog, PathField, muted
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.session import Session
from framesift_app.settings import holds_project
from framesift_app.strings import tooltip, tr


@dataclass(frozen=True, slots=True)
class NewProject:
    """What was asked for; `sample` frames are set apart to measure by (0: none), `reading` says
    how the footage is read."""

    folder: Path
    classes: tuple[str, ...]
    detector: str
    footage: tuple[Path, ...]
    sample: int
    reading: VideoSettings


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
        self.setMinimumWidth(560)
        self.resize(560, 560)
        self._folder = PathField("folder", str(suggestion()))
        self._folder.edit.setObjectName("folder")
        classes, detector = settings_of(ProjectStart)
        self.form.addRow(tr("Folder"), self._folder)
        self._start = SettingRows(self.form, [classes])
        self._detector = DetectorField(session, default_detector())
        self._detector.setToolTip(tooltip(detector))
        self.form.addRow(tr(detector.title), self._detector)
        self.setAcceptDrops(True)
        self.footage = FootageList(footage)
        self.body.addWidget(self.footage, 1)
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
        self._reading = SettingRows(more(self.body), settings_of(VideoSettings))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt)
        self.footage.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt)
        self.footage.dropEvent(event)

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
        try:
            reading = VideoSettings(**self._reading.values())
        except InputError as error:
            self.complain(str(error))
            return
        footage = self.footage.paths
        sample = self._count.value() if self._sample.isChecked() and footage else 0
        self.chosen.emit(NewProject(folder, classes, detector, footage, sample, reading))
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
