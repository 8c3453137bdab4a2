"""What can be done with a drive or a clip of it: the menu of the list of footage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from framesift.project import StoredDrive, VideoRecord
from framesift_app.desktop import open_with_desktop
from framesift_app.panels.context import Entry
from framesift_app.session import Session
from framesift_app.strings import tr, trf


class FootageMenu:
    """Entries by what is under the pointer; `act(id)` triggers an action of the table."""

    def __init__(self, widget: QWidget, session: Session, act: Callable[[str], None]) -> None:
        self._widget, self._session, self._act = widget, session, act

    def of_nothing(self) -> Sequence[Entry]:
        """For free ground."""
        return [
            (tr("Add footage…"), partial(self._act, "add")),
            (tr("Add a folder…"), partial(self._act, "add_folder")),
        ]

    def of_drive(self, drive: StoredDrive) -> Sequence[Entry]:
        """For a drive."""
        upkeep, above = self._session.upkeep, self._above(drive)
        entries: list[Entry] = [
            (tr("Score…"), partial(self._act, "score")),
            (tr("Show in its folder"), partial(_show, drive.clips[0])),
            None,
        ]
        for clip in drive.clips:
            if clip.id in self._session.footage.lost:
                entries.append((trf("Find {0}…", clip.name), partial(self._find, clip)))
        if above is not None:
            join = partial(upkeep.join, [above.key, drive.key])
            entries.append((trf("Join to {0}", above.key), join))
        remove = partial(upkeep.remove_drive, drive.key)
        entries.append((trf("Remove {0} (labels and files are kept)", drive.key), remove))
        return entries

    def of_clip(self, clip: VideoRecord) -> Sequence[Entry]:
        """For one of several clips of a drive."""
        part = partial(self._session.upkeep.part, clip.id)
        return [
            (tr("Show in its folder"), partial(_show, clip)),
            (trf("Find {0}…", clip.name), partial(self._find, clip)),
            (trf("Part {0} from its drive", clip.name), part),
        ]

    def _above(self, drive: StoredDrive) -> StoredDrive | None:
        """The drive that one may be joined to: the one before it in the list."""
        drives = self._session.footage.drives
        keys = [other.key for other in drives]
        stills = any(clip.kind == "stills" for clip in drive.clips)
        at = keys.index(drive.key) if drive.key in keys and not stills else 0
        return drives[at - 1] if at else None

    def _find(self, clip: VideoRecord) -> None:
        name = QFileDialog.getOpenFileName(
            self._widget, trf("Where is {0}?", clip.name), str(clip.path.parent)
        )[0]
        if name:
            self._session.upkeep.relink(clip.id, Path(name))


def _show(clip: VideoRecord) -> None:
    open_with_desktop(clip.path.parent)
