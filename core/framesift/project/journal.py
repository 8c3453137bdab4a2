"""The project's journal: every edit of whatever kind, in the order in which they were made.

It only grows. A gesture is a line with its edits; taking it back is a line that refers to it
("undo": its edits reversed), doing it again another ("redo"); "note" lines say what happened
that no undo takes back. Each line holds what undo and redo would do next after it, so that
neither reads more of the journal than the latest line:

- `undo_next`: the gesture that undo takes back;
- `redo_next`: the line of the undo that redo answers;
- `beneath`: for a gesture, the `undo_next` before it; for an undo, the `redo_next` before it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from framesift.labels import Edit, EditGroup
from framesift.project.database import Database
from framesift.project.journal_lines import Gesture, Group, JournalLines, Key
from framesift.project.subjects import Subject, Subjects

Result = TypeVar("Result")


class _Gathering:
    """A gesture that is being made: of each thing, the first before and the last after."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text, self.number, self.time = kind, text, 0, time.time()
        self._edits: dict[Any, Edit[Any, Any]] = {}

    def add(self, edits: Iterable[Edit[Any, Any]], text: str) -> None:
        self.text = self.text or text
        for edit in edits:
            known = self._edits.get(edit.key)
            before = edit.before if known is None else known.before
            self._edits[edit.key] = Edit(edit.key, before, edit.after)

    @property
    def edits(self) -> tuple[Edit[Any, Any], ...]:
        return tuple(edit for edit in self._edits.values() if edit.before != edit.after)

    @property
    def group(self) -> Group | None:
        """The gesture; None when nothing was changed."""
        edits = self.edits
        if not edits:
            return None
        return EditGroup(edits, self.kind, self.text, self.time, self.number)


class ProjectJournal:
    """Edits of a project, their undo and their redo; see the module.

    When a method returns, its change is on the disk, and when it raises, nothing has changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subjects = Subjects(database.path)
        self._lines = JournalLines(database, self._subjects)
        self._gathering: _Gathering | None = None

    def register(self, subject: Subject[Any, Any]) -> None:
        """Takes in a kind of thing that edits are about."""
        self._subjects.add(subject)

    @contextlib.contextmanager
    def gesture(self, kind: str, text: str) -> Iterator[_Gathering]:
        """All edits inside are one gesture with this name (empty: the first edit's), done
        together or not at all. Inside another gesture they belong to that one."""
        if self._gathering is not None:
            yield self._gathering
            return
        with self._database.writing():
            gathering = self._gathering = _Gathering(kind, text)
            try:
                yield gathering
            finally:
                self._gathering = None
            if gathering.edits:
                gathering.number = self._lines.record(
                    gathering.kind, gathering.text, gathering.time, gathering.edits
                )

    def together(self, kind: str, text: str, work: Callable[[], Result]) -> Result:
        """Runs `work`, all of whose edits are one gesture; what it returns."""
        with self.gesture(kind, text):
            return work()

    def write(
        self, edits: Iterable[Edit[Any, Any]], *, kind: str = "edit", text: str = ""
    ) -> Group | None:
        """Carries edits out, as one gesture or a part of the one that is being made; None when
        nothing changes by them."""
        some = tuple(edit for edit in edits if edit.before != edit.after)
        if not some:
            return None
        with self.gesture(kind, text) as gathering:
            self._subjects.put({edit.key: edit.after for edit in some})
            gathering.add(some, text)
        return EditGroup(some, kind, text, gathering.time, gathering.number)

    def note(self, kind: str, text: str, *, ends_redo: bool = False) -> int:
        """Writes a line that no undo takes back; its number. `ends_redo`: what is undone now
        would no longer fit and cannot be redone."""
        with self._database.writing():
            last = self._lines.latest()
            redo = None if ends_redo else last.redo
            return self._lines.add("note", None, kind, text, time.time(), last.undo, redo, None)

    def undo(self) -> Group | None:
        """Takes the latest gesture back; what it was, None when there is none."""
        with self._database.writing():
            last = self._lines.latest()
            if last.undo is None:
                return None
            group, beneath = self._lines.group(last.undo)
            self._subjects.put(group.before())
            number, now = last.number + 1, time.time()
            self._lines.add(
                "undo", last.undo, group.kind, group.text, now, beneath, number, last.redo
            )
        return group

    def redo(self) -> Group | None:
        """Does the gesture again that was undone last; what it is, None when there is none."""
        with self._database.writing():
            last = self._lines.latest()
            if last.redo is None:
                return None
            target, beneath = self._lines.undone(last.redo)
            group, _ = self._lines.group(target)
            self._subjects.put(group.after())
            now = time.time()
            self._lines.add("redo", target, group.kind, group.text, now, target, beneath, None)
        return group

    @property
    def undo_text(self) -> str | None:
        """The name of the gesture that undo would take back; None when there is none."""
        return self._lines.text(self._lines.latest().undo)

    @property
    def redo_text(self) -> str | None:
        """The name of the gesture that redo would do again; None when there is none."""
        return self._lines.text(self._lines.latest().redo)

    @property
    def position(self) -> int:
        """The number of the latest line; 0 before any."""
        return self._lines.latest().number

    def history(self, last: int = 1000) -> tuple[Gesture, ...]:
        """The latest lines, oldest first, without their edits; quick."""
        return self._lines.lines(last)

    def gestures(self, last: int = 1000) -> tuple[Gesture, ...]:
        """The latest gestures, oldest first, without their edits; quick."""
        return self._lines.lines(last, gestures=True)

    def changed_by(self, kind: str, key: type[Key]) -> frozenset[Key]:
        """The things of one kind that gestures of a kind ("import", …) changed which are not
        undone."""
        return self._lines.changed_by(kind, key)

    def then(self, position: int, key: type[Key]) -> dict[Key, Any]:
        """The values that things of one kind had after the line `position`, for all that were
        changed since. What is not in it has the value that it has now."""
        return self._lines.then(position, key)

    def groups(self, last: int = 50) -> tuple[tuple[str, Group], ...]:
        """The latest gestures, oldest first: each one's status and edits."""
        return tuple(
            (line.status, self._lines.group(line.number)[0]) for line in self.gestures(last)
        )
