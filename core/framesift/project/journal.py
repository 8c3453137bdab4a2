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
from typing import Any, NamedTuple, TypeVar

from framesift.labels import Edit, EditGroup
from framesift.project.database import Database, damaged
from framesift.project.subjects import Subject, Subjects

Group = EditGroup[Any, Any]
Key = TypeVar("Key")
Result = TypeVar("Result")


class Gesture(NamedTuple):
    """A line of the journal. `verb`: "do", "undo" and "redo" of a gesture, or "note".
    `status` of a gesture: "done", "undone", or "dropped" (undone, and can no longer be
    redone); empty for other lines. `edits`: how many things it changed, `frames`: of how many
    frames the labels. `target`: the number of the gesture that was undone or redone."""

    number: int
    verb: str
    status: str
    kind: str
    text: str
    time: float
    edits: int
    frames: int
    target: int | None = None


class _Next(NamedTuple):
    number: int = 0
    undo: int | None = None
    redo: int | None = None


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
                self._record(gathering)

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
            last = self._next()
            redo = None if ends_redo else last.redo
            return self._line("note", None, kind, text, time.time(), last.undo, redo, None)

    def undo(self) -> Group | None:
        """Takes the latest gesture back; what it was, None when there is none."""
        with self._database.writing():
            last = self._next()
            if last.undo is None:
                return None
            group, beneath = self._group(last.undo)
            self._subjects.put(group.before())
            number, now = last.number + 1, time.time()
            self._line(
                "undo", last.undo, group.kind, group.text, now, beneath, number, last.redo
            )
        return group

    def redo(self) -> Group | None:
        """Does the gesture again that was undone last; what it is, None when there is none."""
        with self._database.writing():
            last = self._next()
            if last.redo is None:
                return None
            target, beneath = self._undone(last.redo)
            group, _ = self._group(target)
            self._subjects.put(group.after())
            now = time.time()
            self._line("redo", target, group.kind, group.text, now, target, beneath, None)
        return group

    @property
    def undo_text(self) -> str | None:
        """The name of the gesture that undo would take back; None when there is none."""
        return self._text(self._next().undo)

    @property
    def redo_text(self) -> str | None:
        """The name of the gesture that redo would do again; None when there is none."""
        return self._text(self._next().redo)

    @property
    def position(self) -> int:
        """The number of the latest line; 0 before any."""
        return self._next().number

    def history(self, last: int = 1000) -> tuple[Gesture, ...]:
        """The latest lines, oldest first, without their edits; quick."""
        return self._lines("", last)

    def gestures(self, last: int = 1000) -> tuple[Gesture, ...]:
        """The latest gestures, oldest first, without their edits; quick."""
        return self._lines("WHERE verb IN ('do', 'dropped')", last)

    def _lines(self, where: str, last: int) -> tuple[Gesture, ...]:
        rows = self._database.rows(
            "SELECT number, verb, target, kind, text, time, beneath, "
            "(SELECT count(*) FROM edits WHERE gesture = coalesce(target, number)), "
            "(SELECT count(*) FROM edits WHERE gesture = coalesce(target, number) "
            f"AND subject = 'label') FROM journal {where} ORDER BY number DESC LIMIT ?",
            (last,),
        )
        now = self._next()
        done = set(_chain(now.undo, {row[0]: row[6] for row in rows}))
        undone = set(self._undone_now(now.redo, last))
        return tuple(
            Gesture(
                number,
                "do" if verb == "dropped" else verb,
                _status(number, verb, done, undone),
                kind,
                text,
                when,
                edits,
                frames,
                target,
            )
            for number, verb, target, kind, text, when, _, edits, frames in reversed(rows)
        )

    def _undone_now(self, line: int | None, most: int) -> Iterator[int]:
        while line is not None and most > 0:
            target, line = self._undone(line)
            yield target
            most -= 1

    def groups(self, last: int = 50) -> tuple[tuple[str, Group], ...]:
        """The latest gestures, oldest first: each one's status and edits."""
        return tuple((line.status, self._group(line.number)[0]) for line in self.gestures(last))

    def changed_by(self, kind: str, key: type[Key]) -> frozenset[Key]:
        """The things of one kind that gestures of a kind ("import", …) changed which are not
        undone."""
        subject = self._subjects.of(key)
        rows = self._database.rows(
            "SELECT DISTINCT edits.subject, edits.key FROM journal AS made "
            "JOIN edits ON edits.gesture = made.number WHERE made.verb = 'do' "
            "AND made.kind = ? AND edits.subject = ? AND coalesce((SELECT verb FROM journal "
            "WHERE target = made.number ORDER BY number DESC LIMIT 1), 'redo') = 'redo'",
            (kind, subject.name),
        )
        return frozenset(self._subjects.edit(name, text, None, None).key for name, text in rows)

    def then(self, position: int, key: type[Key]) -> dict[Key, Any]:
        """The values that things of one kind had after the line `position`, for all that were
        changed since. What is not in it has the value that it has now."""
        subject = self._subjects.of(key)
        earlier: dict[Key, Any] = {}
        for verb, *texts in self._database.rows(
            "SELECT verb, edits.subject, edits.key, before, after FROM journal "
            "JOIN edits ON edits.gesture = coalesce(target, number) "
            "WHERE number > ? AND subject = ? AND verb <> 'dropped' ORDER BY number, place",
            (position, subject.name),
        ):
            edit = self._subjects.edit(*texts)
            earlier.setdefault(edit.key, edit.after if verb == "undo" else edit.before)
        return earlier

    def _next(self) -> _Next:
        row = self._database.one(
            "SELECT number, undo_next, redo_next FROM journal ORDER BY number DESC LIMIT 1"
        )
        return _Next() if row is None else _Next(*row)

    def _record(self, made: _Gathering) -> None:
        last = self._next()
        made.number = number = last.number + 1
        self._line("do", None, made.kind, made.text, made.time, number, None, last.undo)
        self._database.many(
            "INSERT INTO edits (gesture, place, subject, key, before, after) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(number, *row) for row in self._subjects.rows(made.edits)],
        )

    def _line(
        self,
        verb: str,
        target: int | None,
        kind: str,
        text: str,
        when: float,
        undo_next: int | None,
        redo_next: int | None,
        beneath: int | None,
    ) -> int:
        return self._database.run(
            "INSERT INTO journal (verb, target, kind, text, time, undo_next, redo_next, "
            "beneath) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (verb, target, kind, text, when, undo_next, redo_next, beneath),
        )

    def _group(self, number: int) -> tuple[Group, int | None]:
        """A gesture, and the one that undo takes back after it."""
        row = self._database.one(
            "SELECT kind, text, time, beneath FROM journal WHERE number = ?", (number,)
        )
        edits = tuple(
            self._subjects.edit(*texts)
            for texts in self._database.rows(
                "SELECT subject, key, before, after FROM edits WHERE gesture = ? "
                "ORDER BY place",
                (number,),
            )
        )
        try:
            kind, text, when, beneath = row or ()
            return EditGroup(edits, kind, text, when, number), beneath
        except ValueError as error:
            raise damaged(self._database.path, "the journal is not whole") from error

    def _undone(self, line: int) -> tuple[int, int | None]:
        row = self._database.one(
            "SELECT target, beneath FROM journal WHERE number = ?", (line,)
        )
        if row is None or row[0] is None:
            raise damaged(self._database.path, "the journal is not whole")
        return row[0], row[1]

    def _text(self, number: int | None) -> str | None:
        text: str | None = self._database.value(
            "SELECT text FROM journal WHERE number = ?", (number,)
        )
        return text


def _chain(first: int | None, beneath: dict[int, int | None]) -> Iterator[int]:
    """A stack's lines from the top down, as far as they are known."""
    line, above = first, None
    # Every line lies beneath later ones; a file of somebody else's may say otherwise.
    while line is not None and line in beneath and (above is None or line < above):
        yield line
        line, above = beneath[line], line


def _status(number: int, verb: str, done: set[int], undone: set[int]) -> str:
    if verb == "dropped":
        return "dropped"
    if verb != "do":
        return ""
    return "done" if number in done else "undone" if number in undone else "dropped"
