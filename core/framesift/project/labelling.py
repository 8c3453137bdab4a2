"""A project's labels: checked, journalled, on the disk before a change is acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from framesift.errors import InputError
from framesift.labels import (
    UNSEEN,
    FrameKey,
    FrameLabels,
    LabelGroup,
    Picture,
    checked,
    edits_between,
)
from framesift.project.classes import ClassList
from framesift.project.database import Database
from framesift.project.journal import ProjectJournal
from framesift.project.label_table import LabelTable, digest
from framesift.project.pictures import Pictures


class _Size(NamedTuple):
    frames: int
    width: int
    height: int
    kind: str


class ProjectLabels:
    """The LabelStore of a project; see framesift.labels.LabelStore. Undo is the journal's.

    When a method returns, its change is on the disk, and when it raises, nothing has changed.
    """

    def __init__(
        self,
        database: Database,
        journal: ProjectJournal,
        table: LabelTable,
        class_list: ClassList,
    ) -> None:
        self._database, self._journal, self._table = database, journal, table
        self._class_list = class_list
        self.pictures = Pictures(database)

    def get(self, key: FrameKey) -> FrameLabels:
        """The labels of a frame; UNSEEN without any."""
        return self._table.get(key)

    def all(self, video: str | None = None) -> dict[FrameKey, FrameLabels]:
        """Every frame that is not UNSEEN, by video and frame number; those of removed videos
        are left out."""
        return self._table.all(video)

    def states(self, video: str | None = None) -> dict[FrameKey, str]:
        """The states alone of every frame that is not unseen; quicker than `all`."""
        return self._table.states(video)

    def counts(self) -> tuple[Counter[str], int]:
        """Frames by state, and boxes."""
        return self._table.counts()

    def change(
        self,
        after: Mapping[FrameKey, FrameLabels],
        *,
        kind: str = "edit",
        text: str = "",
        pictures: Mapping[FrameKey, Picture] | None = None,
        new_classes: Sequence[str] = (),
    ) -> LabelGroup | None:
        """Gives frames new labels, as one gesture; None when nothing changes by it.

        Boxes are cut at the picture's edge (framesift.labels.checked). `pictures` ties the
        labels to the decoded pictures they were made on. `new_classes` are added before, in
        the same gesture. What was undone before can no longer be redone. Raises InputError for
        frames that do not exist, boxes that cannot be, and pictures other than those that were
        labelled before.
        """
        with self._journal.gesture(kind, text):
            if new_classes:
                self._class_list.add(new_classes)
            self.pictures.put(pictures or {})
            sizes = self._sizes({key.video for key in after})
            checked = {
                key: self._checked(key, value, sizes, (pictures or {}).get(key))
                for key, value in after.items()
            }
            edits = edits_between({key: self.get(key) for key in checked}, checked)
            return self._journal.write(edits, kind=kind, text=text)

    def _checked(
        self,
        key: FrameKey,
        labels: FrameLabels,
        sizes: Mapping[str, _Size],
        picture: Picture | None,
    ) -> FrameLabels:
        size = sizes.get(key.video)
        if size is None:
            raise InputError(f"The project has no video {key.video!r}; add it first.")
        if not 0 <= key.frame < size.frames:
            raise InputError(f"{key.video} has no frame {key.frame}; it has {size.frames}.")
        if not (labels.boxes or labels.derived or labels.weak):
            return labels
        if picture is None and size.kind == "stills":
            picture = self.pictures.get(key)
        width, height = (
            (size.width, size.height) if picture is None else (picture.width, picture.height)
        )
        try:
            return checked(labels, width, height, self._class_list.names)
        except InputError as error:
            raise InputError(f"Frame {key.frame} of {key.video}: {error}") from error

    def _sizes(self, videos: Iterable[str]) -> dict[str, _Size]:
        rows = self._database.rows("SELECT id, frames, width, height, kind FROM videos")
        asked = set(videos)
        return {video: _Size(*size) for video, *size in rows if video in asked}

    def then(self, position: int, removed: frozenset[str]) -> dict[FrameKey, FrameLabels]:
        """The labels after a line of the journal, without those of the videos that were
        removed then, by video and frame number."""
        values = {**self._table.every(), **self._journal.then(position, FrameKey)}
        return {
            key: values[key]
            for key in sorted(values)
            if values[key] != UNSEEN and key.video not in removed
        }

    def snapshot(self, keys: Iterable[FrameKey] | None = None) -> str:
        """A sha256 over the labels of `keys` (default: of every frame): which boxes stood
        where, for the ledger. How they came about makes no difference."""
        labels = self.all()
        chosen = labels if keys is None else set(keys)
        return digest({key: value for key, value in labels.items() if key in chosen})
