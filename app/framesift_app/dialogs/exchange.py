"""Labels in and out, in every format."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from framesift.errors import InputError
from framesift.project.exchange_settings import ExportSettings, ImportSettings
from framesift.records.settings import settings_of
from framesift_app.dialogs.form import FormDialog, PathField
from framesift_app.dialogs.renaming import pairs, renamed
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.session import Session
from framesift_app.strings import tr


def formats() -> list[tuple[str, str]]:
    """(title, name) of every format."""
    from framesift.formats import FORMATS

    titled = ((member.title, name) for name, member in FORMATS.items())
    return sorted(titled, key=lambda pair: pair[0].lower())


class ImportDialog(FormDialog):
    """Asks the session to bring labels in."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Import labels"),
            tr("Frames that the file labels get its labels, as one step that undo takes back."),
            tr("Import"),
            parent,
        )
        # The longest example in a field is seen whole.
        self.setMinimumWidth(640)
        self._session = session
        self._path = PathField("file")
        self._path.edit.setObjectName("path")
        self._path.edit.setPlaceholderText(tr("a file, or the path of a folder"))
        self._format = QComboBox()
        self._format.addItem(tr("Recognise it"), None)
        for text, name in formats():
            self._format.addItem(text, name)
        self._video = QComboBox()
        self._video.addItem(tr("As the file says"), None)
        for drive in (*session.footage.drives, *session.footage.evaluation):
            for clip in drive.clips:
                self._video.addItem(clip.name, clip.id)
        self._map = QLineEdit()
        self._map.setPlaceholderText(tr("person=pedestrian, car=vehicle"))
        self._map.setObjectName("map")
        self._ignore = QLineEdit()
        self._ignore.setObjectName("ignore")
        self._ignore.setPlaceholderText(tr("rider, group=pedestrian"))
        self._ignore.setToolTip(
            tr(
                "Boxes of these classes become ignore regions, of every class "
                "of the project or "
                "of the one behind the equals sign."
            )
        )
        for text, widget in (
            (tr("Labels"), self._path),
            (tr("Format"), self._format),
            (tr("Video"), self._video),
            (tr("Rename classes"), self._map),
            (tr("Ignore classes"), self._ignore),
        ):
            self.form.addRow(text, widget)
        self.rows = SettingRows(self.form, settings_of(ImportSettings))

    def accept(self) -> None:
        path = self._path.path
        if path is None or not path.exists():
            self.complain(tr("Choose a file or folder that is there."))
            return
        class_map = renamed(self._map.text())
        if class_map is None:
            self.complain(tr("Write renamed classes as person=pedestrian."))
            return
        ignored: dict[str, str | None] = {}
        for theirs, equals, ours in pairs(self._ignore.text()):
            if not theirs or (equals and not ours):
                self.complain(tr("Write ignored classes as rider, group=pedestrian."))
                return
            ignored[theirs] = ours or None
        try:
            settings = self.rows.values()
        except InputError as error:
            self.complain(str(error))
            return
        self._session.exchange.import_labels(
            path,
            format=self._format.currentData(),
            video=self._video.currentData(),
            class_map=class_map or None,
            ignore_classes=ignored or None,
            **settings,
        )
        super().accept()


class ExportDialog(FormDialog):
    """Asks the session to write labels."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Export labels"),
            tr("Written as a new folder, read back and compared before it is there."),
            tr("Export"),
            parent,
        )
        self._session = session
        self._format = QComboBox()
        self._format.setObjectName("format")
        for text, name in formats():
            self._format.addItem(text, name)
        self._format.setCurrentIndex(max(0, self._format.findData("coco")))
        folder = session.folder or Path.home()
        self._out = PathField("folder", str(folder / "export-coco"))
        self._out.edit.setObjectName("out")
        self._format.currentIndexChanged.connect(self._renamed)
        self._can = QLabel()
        self._can.setObjectName("can")
        self._can.setWordWrap(True)
        self._can.setProperty("role", "muted")
        self._format.currentIndexChanged.connect(self._tell)
        self.form.addRow(tr("Format"), self._format)
        self.form.addRow(tr("Folder"), self._out)
        self.rows = SettingRows(self.form, settings_of(ExportSettings))
        # Whoever exports by a click seldom wants the measuring set among what trains.
        self.rows.show_values({"part": "training"})
        self.form.addRow("", self._can)
        self._tell()

    def _tell(self) -> None:
        from framesift.formats import FORMATS

        member = FORMATS[self._format.currentData()]
        self._can.setText(
            ""
            if member.capability.nothing
            else tr(
                "This format cannot say “nothing there”: such frames are left out, and named "
                "when it is done."
            )
        )

    def _renamed(self) -> None:
        path = self._out.path
        if path is not None and path.name.startswith("export-"):
            self._out.edit.setText(str(path.parent / f"export-{self._format.currentData()}"))

    def accept(self) -> None:
        out = self._out.path
        if out is None:
            self.complain(tr("Say which folder to write."))
            return
        self._session.exchange.export_labels(
            out, self._format.currentData(), **self.rows.values()
        )
        super().accept()
