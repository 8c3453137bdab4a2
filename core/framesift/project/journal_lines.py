"""The journal's lines as the database holds them; the module `journal` says what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from framesift.labels import Edit, EditGroup
from framesift.project.database import Database
from framesift.project.sentences import damaged
from framesift.project.subjects import Subjects

Group = EditGroup[Any, Any]
Key = TypeVar("Key")


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


class Next(NamedTuple):
    """What a line, of this number, says of undo and redo after it."""

    number: int = 0
    undo: int | None = None
    redo: int | None = None


class JournalLines:
    """Reads and writes lines; who writes holds the database."""

    def __init__(self, database: Database, subjects: Subjects) -> None:
        self._database, self._subjects = database, subjects

    def lines(self, last: int, *, gestures: bool = False) -> tuple[Gesture, ...]:
        """The latest lines, or those of gestures alone, oldest first, without their edits."""
        where = "WHERE verb IN ('do', 'dropped')" if gestures else ""
        rows = self._database.rows(
            "SELECT number, verb, target, kind, text, time, beneath, "
            "(SELECT count(*) FROM edits WHERE gesture = coalesce(target, number)), "
            "(SELECT count(*) FROM edits WHERE gesture = coalesce(target, number) "
            f"AND subject = 'label') FROM journal {where} ORDER BY number DESC LIMIT ?",
            (last,),
        )
        now = self.latest()
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
            target, line = self.undone(line)
            yield target
            most -= 1

    def changed_by(self, kind: str, key: type[Key]) -> frozenset[Key]:
        """See ProjectJournal."""
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
        """See ProjectJournal."""
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

    def latest(self) -> Next:
        """What the latest line says of undo and redo."""
        row = self._database.one(
            "SELECT number, undo_next, redo_next FROM journal ORDER BY number DESC LIMIT 1"
        )
        return Next() if row is None else Next(*row)

    def record(self, kind: str, text: str, when: float, edits: Iterable[Edit[Any, Any]]) -> int:
        """Writes a gesture with its edits; its number."""
        last = self.latest()
        number = last.number + 1
        self.add("do", None, kind, text, when, number, None, last.undo)
        self._database.many(
            "INSERT INTO edits (gesture, place, subject, key, before, after) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(number, *row) for row in self._subjects.rows(edits)],
        )
        return number

    def add(
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
        """Writes a line; its number."""
        return self._database.run(
            "INSERT INTO journal (verb, target, kind, text, time, undo_next, redo_next, "
            "beneath) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (verb, target, kind, text, when, undo_next, redo_next, beneath),
        )

    def group(self, number: int) -> tuple[Group, int | None]:
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

    def undone(self, line: int) -> tuple[int, int | None]:
        """What the undo of a line took back, and the line that redo answers after it."""
        row = self._database.one(
            "SELECT target, beneath FROM journal WHERE number = ?", (line,)
        )
        if row is None or row[0] is None:
            raise damaged(self._database.path, "the journal is not whole")
        return row[0], row[1]

    def text(self, number: int | None) -> str | None:
        """The name of a gesture."""
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
