"""Edits and their journal: every change is reversible, one gesture is one step of undo.

The rules, which a project's journal on disk keeps as well:
- A gesture (a box dragged, ten proposals accepted at once, a file imported) is one
  `EditGroup`; undo and redo go group by group, without limit.
- Recording a group after an undo drops what was undone: it can no longer be redone.

In memory, undoing moves the border between done and undone. A journal on disk only grows: an
undo is a line of its own there, and so is a redo.
"""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Edit(Generic[Key, Value]):
    """What one thing was before, and what it is after."""

    key: Key
    before: Value
    after: Value

    def reversed(self) -> Edit[Key, Value]:
        """The edit that takes this one back."""
        return Edit(self.key, self.after, self.before)


@dataclass(frozen=True, slots=True)
class EditGroup(Generic[Key, Value]):
    """One gesture: edits that are done, undone and redone together, each key at most once.

    `kind` is a word for programs ("draw", "import"), `text` a few words for the undo menu
    ("Accept 3 proposals"), `time` seconds since 1970, `number` the place in the journal (0
    before it has one).
    """

    edits: tuple[Edit[Key, Value], ...]
    kind: str = "edit"
    text: str = ""
    time: float = 0.0
    number: int = 0

    def __post_init__(self) -> None:
        if not self.edits:
            raise ValueError("a group needs an edit")
        if len({edit.key for edit in self.edits}) != len(self.edits):
            raise ValueError("one key twice in a group")

    def after(self) -> dict[Key, Value]:
        """The values when it is done."""
        return {edit.key: edit.after for edit in self.edits}

    def before(self) -> dict[Key, Value]:
        """The values when it is undone."""
        return {edit.key: edit.before for edit in self.edits}


@dataclass(slots=True)
class Journal(Generic[Key, Value]):
    """The journal in memory: what is done, oldest first, and what was undone, latest first."""

    done: list[EditGroup[Key, Value]] = field(default_factory=list)
    undone: list[EditGroup[Key, Value]] = field(default_factory=list)

    def record(self, group: EditGroup[Key, Value]) -> None:
        """Takes in a new group; what was undone can no longer be redone."""
        self.done.append(group)
        self.undone.clear()

    def undo(self) -> EditGroup[Key, Value] | None:
        """Moves the latest done group to the undone ones; None where there is none."""
        if not self.done:
            return None
        self.undone.append(self.done.pop())
        return self.undone[-1]

    def redo(self) -> EditGroup[Key, Value] | None:
        """Moves the latest undone group back; None where there is none."""
        if not self.undone:
            return None
        self.done.append(self.undone.pop())
        return self.done[-1]


def put(values: MutableMapping[Key, Value], changed: dict[Key, Value], empty: Value) -> None:
    """Writes changes into a mapping, which never holds what equals `empty`.

    Args:
        values: the mapping, changed in place.
        changed: what to write.
        empty: the value that is left out, and whose keys are removed.

    Example:
        >>> values = {"a": 1}
        >>> put(values, {"a": 0, "b": 2}, 0)
        >>> values
        {'b': 2}
    """
    for key, value in changed.items():
        if value == empty:
            values.pop(key, None)
        else:
            values[key] = value
