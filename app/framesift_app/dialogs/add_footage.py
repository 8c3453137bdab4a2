"""Footage to add, and what a person has to say of it: which stream, which frame rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from framesift.errors import InputError
from framesift.records.settings import settings_of
from framesift.video.settings import VideoSettings
from framesift_app.dialogs.footage_list import FootageList
from framesift_app.dialogs.form import FormDialog, muted
from framesift_app.dialogs.setting_rows import SettingRows
from framesift_app.session import Session
from framesift_app.strings import tr, trf

if TYPE_CHECKING:
    from framesift.video import Choices


class AddFootageDialog(FormDialog):
    """Asks the session to add files and folders, read as its rows say."""

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        paths: Sequence[Path] = (),
        evaluation: bool = False,
    ) -> None:
        super().__init__(
            tr("Add footage to the measuring set") if evaluation else tr("Add footage"),
            tr(
                "Of several streams in a file one is added at a time. Your footage stays where "
                "it is."
            ),
            tr("Add"),
            parent,
        )
        self._session, self._evaluation = session, evaluation
        self.rows = SettingRows(self.form, settings_of(VideoSettings))
        self._open = muted("")
        self._open.setObjectName("open")
        self.body.addWidget(self._open)
        self.setAcceptDrops(True)
        self.footage = FootageList(paths)
        self.footage.changed.connect(self._look)
        self.body.addWidget(self.footage, 1)
        self._look()

    def _look(self) -> None:
        self._session.footage.ask_about(self.footage.paths, self._show)

    def _show(self, every: list[Choices]) -> None:
        # The answer may come when the dialog is closed, and gone.
        if not isValid(self):
            return
        self._open.setText("\n".join(map(words, every)))
        self._open.setVisible(bool(every))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt)
        self.footage.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt)
        self.footage.dropEvent(event)

    def accept(self) -> None:
        paths = self.footage.paths
        if not paths:
            self.complain(tr("Choose the footage to add."))
            return
        try:
            reading = VideoSettings(**self.rows.values())
        except InputError as error:
            self.complain(str(error))
            return
        self._session.footage.add(paths, self._evaluation, reading)
        super().accept()


def words(asked: Choices) -> str:
    """What is open about a file or folder, as a line."""
    name = asked.path.name
    if asked.streams:
        streams = ", ".join(asked.streams)
        return trf("{0} holds {1} video streams: {2}.", name, len(asked.streams), streams)
    if asked.path.is_dir():
        return trf("{0} is a folder of pictures; its frame rate is stated nowhere.", name)
    return trf("{0} states no frame rate.", name)
