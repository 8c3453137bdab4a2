"""The journal: what a person changes, written at once, taken back and done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift.labels import EditGroup, FrameKey, FrameLabels
from framesift.project import ClassesKey, PickKey, SampleKey, VideoKey
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part

if TYPE_CHECKING:
    from framesift.project import Project

Texts = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a change: the gesture that was stored (None when it could not be), and
    the labels, as they are on the disk, of the frames that it touches."""

    gesture: EditGroup[Any, Any] | None
    stored: Mapping[FrameKey, FrameLabels]
    texts: Texts
    error: Exception | None


class Journal(Part):
    """`undo_text` and `redo_text` say what would be undone and done again; None: nothing."""

    changed = Signal()
    saving = Signal(bool)
    stored = Signal(object)
    """{FrameKey: FrameLabels} as they are on the disk, unless a newer change of the frame is
    still on its way there."""
    wentBack = Signal(object)  # noqa: N815 (Qt's way of naming)
    """A gesture was undone or done again: the key of its frame."""
    picksWentBack = Signal()  # noqa: N815 (Qt's way of naming)
    """One that dropped or added picks was."""
    projectWentBack = Signal()  # noqa: N815 (Qt's way of naming)
    """One that changed classes, videos or the evaluation set was."""

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self._messages = messages

    def _clear(self) -> None:
        self.undo_text: str | None = None
        self.redo_text: str | None = None
        self._writing = 0
        self._waiting: Counter[FrameKey] = Counter()

    def read(self, project: Project) -> Texts:
        return project.journal.undo_text, project.journal.redo_text

    def opened(self, project: OpenProject, stored: Texts) -> None:
        super().opened(project, stored)
        self.undo_text, self.redo_text = stored

    def closed(self) -> None:
        if self.writing:
            self.saving.emit(False)
        super().closed()

    def announce(self) -> None:
        self.changed.emit()

    def reload(self) -> None:
        """Reads again what can be undone."""

        def done(texts: Texts) -> None:
            self.undo_text, self.redo_text = texts
            self.changed.emit()

        if self._project is not None:
            self._project.ask(self.read, done)

    @property
    def writing(self) -> bool:
        """Whether a change is on its way to the disk."""
        return self._writing > 0

    def undo(self) -> None:
        """Takes the latest gesture back, and goes to its frame."""
        self.write(lambda project: project.journal.undo())

    def redo(self) -> None:
        """Does the gesture again that was undone last, and goes to its frame."""
        self.write(lambda project: project.journal.redo())

    def write(self, change: Callable[[Project], Any], keys: Collection[FrameKey] = ()) -> None:
        """Changes the project; `keys`: the frames, where that is known. It is on the disk when
        saving(False) comes; what cannot be stored is told."""
        if self._project is None:
            return
        self._writing += 1
        self._waiting.update(keys)
        self.saving.emit(True)

        def done(written: Written) -> None:
            self._over(keys)
            self._written(written, jump=not keys)

        def lost(error: BaseException) -> None:
            self._over(keys)
            self.saving.emit(self.writing)
            self._messages.fail(error, "journal")

        self._project.ask(lambda project: written(project, change, keys), done, lost)

    def _over(self, keys: Collection[FrameKey]) -> None:
        self._writing -= 1
        self._waiting.subtract(keys)
        if not self._writing:
            self._waiting.clear()

    def _written(self, written: Written, *, jump: bool) -> None:
        self.undo_text, self.redo_text = written.texts
        self.stored.emit(
            {key: labels for key, labels in written.stored.items() if not self._waiting[key]}
        )
        self.saving.emit(self.writing)
        if written.error is not None:
            self._messages.fail(written.error, "journal")
            self.changed.emit()
            return
        self._messages.mend("journal")
        if jump and written.gesture is not None:
            self._tell_back(written.gesture)
        self.changed.emit()

    def _tell_back(self, gesture: EditGroup[Any, Any]) -> None:
        kinds = {type(edit.key) for edit in gesture.edits}
        if PickKey in kinds:
            self.picksWentBack.emit()
        if kinds & {ClassesKey, SampleKey, VideoKey}:
            self.projectWentBack.emit()
        first = gesture.edits[0].key
        if isinstance(first, FrameKey):
            self.wentBack.emit(first)
        elif isinstance(first, PickKey | SampleKey):
            self.wentBack.emit(FrameKey(first.video, first.frame))


def written(
    project: Project, change: Callable[[Project], Any], keys: Collection[FrameKey]
) -> Written:
    """Carries a change out; on the project's thread."""
    error: Exception | None = None
    result: Any = None
    try:
        result = change(project)
    except Exception as caught:
        error = caught
    gesture = result if isinstance(result, EditGroup) else None
    edited = () if gesture is None else gesture.after()
    touched = {*keys, *(key for key in edited if isinstance(key, FrameKey))}
    return Written(
        gesture,
        {key: project.labels.get(key) for key in touched},
        (project.journal.undo_text, project.journal.redo_text),
        error,
    )
