"""The labels: what a person says about frames; on the disk at once, undone by the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Signal

from framesift.labels import UNSEEN, FrameKey, FrameLabels, done_weakly
from framesift.project import StoredDrive
from framesift_app.session.journal import Journal
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.session.views import PickState
from framesift_app.workers.frame_loader import picture_of

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.video import Frame


@dataclass(frozen=True, slots=True)
class StoredLabels:
    """What a project holds of labels."""

    classes: tuple[str, ...]
    colors: Mapping[str, str]
    labels: Mapping[FrameKey, FrameLabels]


class Labels(Part):
    """The labels of all frames, those that are being saved included; `classes`: what boxes
    may be of."""

    changed = Signal(object)
    """The labels of a frame: its key."""
    classesChanged = Signal()  # noqa: N815 (Qt's way of naming)
    """There are other classes, or they look otherwise."""
    stateChanged = Signal()  # noqa: N815 (Qt's way of naming)
    """A frame has come to be labelled, empty, skipped or unseen; before `changed`."""

    def __init__(
        self,
        journal: Journal,
        messages: Messages,
        decoded: Callable[[FrameKey], Frame | None],
        clips: Callable[[str], Sequence[str]],
    ) -> None:
        """`decoded`: a frame as it is shown; `clips`: the videos of a video's drive, in
        order."""
        super().__init__()
        self._journal, self._messages = journal, messages
        self._decoded, self._clips = decoded, clips
        journal.stored.connect(self._take_stored)

    def _clear(self) -> None:
        self.classes: tuple[str, ...] = ()
        self.colors: Mapping[str, str] = {}
        self._labels: dict[FrameKey, FrameLabels] = {}

    def read(self, project: Project) -> StoredLabels:
        known = project.class_list.all()
        colors = {item.name: item.color for item in known if item.color is not None}
        return StoredLabels(project.classes, colors, project.labels.all())

    def opened(self, project: OpenProject, stored: StoredLabels) -> None:
        super().opened(project, stored)
        self.classes, self._labels = stored.classes, dict(stored.labels)
        self.colors = stored.colors

    def reload(self) -> None:
        """Reads all labels again."""

        def done(stored: StoredLabels) -> None:
            touched = {*stored.labels, *self._labels}
            self.classes, self._labels = stored.classes, dict(stored.labels)
            self.colors = stored.colors
            self.classesChanged.emit()
            self.stateChanged.emit()
            for key in touched:
                self.changed.emit(key)

        if self._project is not None:
            self._project.ask(self.read, done)

    # What there is

    def of(self, key: FrameKey) -> FrameLabels:
        """The labels of a frame."""
        return self._labels.get(key, UNSEEN)

    def cover(self, keys: Iterable[FrameKey]) -> bool:
        """Whether somebody is done with each of these frames."""
        return all(self.pick_state(key) not in ("todo", "started") for key in keys)

    def all(self) -> Mapping[FrameKey, FrameLabels]:
        """The labels of every frame of which something is said."""
        return {key: labels for key, labels in self._labels.items() if labels != UNSEEN}

    def pick_state(self, key: FrameKey) -> PickState:
        """How far a frame is that is to be labelled."""
        return self.state_of(self.of(key))

    def state_of(self, labels: FrameLabels) -> PickState:
        """How far labels are that say this."""
        if labels.state != "unseen":
            return labels.state
        return "weak" if done_weakly(labels, self.classes) else "todo"

    def states(self, drive: StoredDrive) -> dict[int, str]:
        """The frames of a drive of which something is said, with their state."""
        offsets = {
            clip.id: offset for clip, offset in zip(drive.clips, drive.offsets, strict=True)
        }
        return {
            offsets[key.video] + key.frame: labels.state
            for key, labels in self._labels.items()
            if key.video in offsets and labels.state != "unseen"
        }

    def trainable(self, drives: Iterable[StoredDrive], apart: Iterable[FrameKey]) -> int:
        """How many frames of some drives may be learnt from, those `apart` left out."""
        pool, excluded = {clip.id for drive in drives for clip in drive.clips}, {*apart}
        return sum(
            labels.trains and key.video in pool and key not in excluded
            for key, labels in self._labels.items()
        )

    # Saying it

    def change(
        self, key: FrameKey, labels: FrameLabels, text: str = "", kind: str = "edit"
    ) -> None:
        """Gives a frame other labels: seen at once, undoable, on the disk when the journal's
        saving(False) comes. What cannot be stored is told and taken back."""
        if labels == self.of(key) or self._project is None:
            return
        frame = self._decoded(key)

        def change(project: Project) -> Any:
            pictures = {key: picture_of(frame)} if frame is not None else None
            return project.labels.change({key: labels}, kind=kind, text=text, pictures=pictures)

        self._put(key, labels)
        self._journal.write(change, [key])

    def mark(self, key: FrameKey, state: Literal["unseen", "nothing", "skipped"]) -> None:
        """Says of a frame that there is nothing, or that one will not say."""
        words = {
            "nothing": self.tr("nothing there"),
            "skipped": self.tr("skipped"),
            "unseen": self.tr("labels cleared"),
        }
        text, boxes = words[state], len(self.of(key).boxes)
        if boxes:
            text = self.tr("{0}, {1} boxes gone").format(text, boxes)
        self.change(key, self.of(key).marked(state), text, "mark")

    def finish(self, key: FrameKey) -> None:
        """Says that a frame's boxes are all there are: it is labelled, and trains."""
        boxes = len(self.of(key).boxes)
        self.change(key, self.of(key).done(), self.tr("done, {0} boxes").format(boxes), "done")

    def copy_from_last(self, key: FrameKey) -> None:
        """Copies the boxes of the nearest frame of its drive that has some."""
        source = self._last_labelled(key)
        if source is None:
            self._messages.tell(self.tr("No frame of this drive has boxes to copy from yet."))
            return
        boxes = self.of(source).boxes
        self.change(
            key,
            self.of(key).with_boxes(*boxes).started(self.of(key)),
            self.tr("{0} boxes copied").format(len(boxes)),
            "copy",
        )

    def _last_labelled(self, key: FrameKey) -> FrameKey | None:
        clips = list(self._clips(key.video))
        at = clips.index(key.video) if key.video in clips else 0
        near = [
            (abs(clips.index(other.video) - at), abs(other.frame - key.frame), other)
            for other, labels in self._labels.items()
            if labels.boxes and other.video in clips and other != key
        ]
        return min(near)[2] if near else None

    def _take_stored(self, stored: Mapping[FrameKey, FrameLabels]) -> None:
        for key, labels in stored.items():
            if labels != self.of(key):
                self._put(key, labels)

    def _put(self, key: FrameKey, labels: FrameLabels) -> None:
        before = self.of(key)
        if labels == UNSEEN:
            self._labels.pop(key, None)
        else:
            self._labels[key] = labels
        if self.state_of(before) != self.state_of(labels):
            self.stateChanged.emit()
        self.changed.emit(key)
