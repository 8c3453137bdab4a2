"""A project's classes: their names, order and colors, and edits of them that take the labels
along."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from framesift.errors import InputError
from framesift.files import json_of
from framesift.labels import Edit, FrameKey, FrameLabels
from framesift.labels.weak import renamed as called
from framesift.project.codec import compact
from framesift.project.journal import ProjectJournal
from framesift.project.journal_lines import Group
from framesift.project.label_table import LabelTable
from framesift.project.records import LabelClass
from framesift.project.settings import CLASSES, Settings, class_names
from framesift.project.subjects import ClassesKey, Subject

DETAILS = "class_details"
_COLOR = re.compile(r"#[0-9a-f]{6}")


class ClassList:
    """The classes of a project, in order. Every change is an edit that undo takes back."""

    def __init__(self, settings: Settings, journal: ProjectJournal, table: LabelTable) -> None:
        self._settings, self._journal, self._table = settings, journal, table
        journal.register(Subject("classes", ClassesKey, _encode, _decode, self._put))

    @property
    def names(self) -> tuple[str, ...]:
        """The names alone, in order."""
        return self._settings.classes

    def all(self) -> tuple[LabelClass, ...]:
        """All classes, in order."""
        details = self._settings.get(DETAILS, {})
        return tuple(LabelClass(name, *_known(details.get(name))) for name in self.names)

    def get(self, name: str) -> LabelClass:
        """The class of a name; InputError when there is none."""
        for known in self.all():
            if known.name == name:
                return known
        raise InputError(f"The project has no class {name!r}; it has {', '.join(self.names)}.")

    def now(self, name: str) -> str:
        """The name that a class has now which a detector or file calls by an earlier one;
        names that never were one stay as they are."""
        if name in self.names:
            return name
        return next((known.name for known in self.all() if name in known.former), name)

    def add(self, names: Sequence[str]) -> tuple[str, ...]:
        """Adds classes behind those there are; the names then. InputError for a name that is
        none."""
        before = self.all()
        known = {item.name for item in before}
        new = [name for name in class_names(names) if name not in known]
        self._change((*before, *map(LabelClass, new)), f"Add {_listed('class', new)}")
        return self.names

    def rename(self, name: str, to: str) -> Group | None:
        """Gives a class another name, in all labels too. InputError for a name that is none or
        is another class's: that is a merge."""
        was = self.get(name)
        class_names([to])
        if to != name and to in self.names:
            raise InputError(
                f"There is a class {to!r} already; merge {name!r} into it, or choose another "
                "name."
            )
        former = tuple(dict.fromkeys(n for n in (*was.former, name) if n != to))
        after = [
            replace(known, name=to, former=former) if known == was else known
            for known in self.all()
        ]
        return self._relabelled(after, {name: to}, f"Rename {name} to {to}")

    def merge(self, names: Sequence[str], into: str) -> Group | None:
        """Makes all labels of some classes labels of another, and drops these classes. What
        each box was stays in the journal, so that undo brings it back exactly. InputError for
        classes that are not there."""
        kept = self.get(into)
        gone = [known for known in map(self.get, dict.fromkeys(names)) if known != kept]
        former = [n for known in gone for n in (*known.former, known.name)]
        whole = replace(kept, former=tuple(dict.fromkeys((*kept.former, *former))))
        after = [whole if known == kept else known for known in self.all() if known not in gone]
        listed = ", ".join(known.name for known in gone)
        merged = {**{known.name: into for known in gone}, into: into}
        return self._relabelled(after, merged, f"Merge {listed} into {into}")

    def recolor(self, name: str, color: str | None) -> Group | None:
        """Draws a class in another color, "#rrggbb"; None: in the program's choice. InputError
        for a color that is none."""
        was = self.get(name)
        if color is not None and not _COLOR.fullmatch(color.lower()):
            raise InputError(f"{color!r} is no color; write it as #rrggbb.")
        new = replace(was, color=color and color.lower())
        after = [new if known == was else known for known in self.all()]
        return self._change(after, f"Recolor {name}")

    def order(self, names: Sequence[str]) -> Group | None:
        """Puts the classes into another order. InputError when not each is named once."""
        if sorted(names) != sorted(self.names):
            raise InputError(
                f"The order names {', '.join(names) or 'nothing'}; name each of "
                f"{', '.join(self.names)} once."
            )
        return self._change([self.get(name) for name in names], "Order the classes")

    def _change(self, after: Sequence[LabelClass], text: str) -> Group | None:
        return self._journal.write(
            [Edit(ClassesKey(), self.all(), tuple(after))], kind="classes", text=text
        )

    def _relabelled(
        self, after: Sequence[LabelClass], renamed: Mapping[str, str], text: str
    ) -> Group | None:
        with self._journal.gesture("classes", text) as gathering:
            self._change(after, text)
            self._journal.write(_edits(self._table.every(), renamed), text=text)
        return gathering.group

    def _put(self, values: Mapping[ClassesKey, tuple[LabelClass, ...]]) -> None:
        for classes in values.values():
            self._settings.set(CLASSES, [known.name for known in classes])
            details = {known.name: [known.color, list(known.former)] for known in classes}
            self._settings.set(DETAILS, {n: d for n, d in details.items() if d != [None, []]})


def _edits(
    labels: Mapping[FrameKey, FrameLabels], renamed: Mapping[str, str]
) -> list[Edit[FrameKey, FrameLabels]]:
    edits = []
    for key, value in labels.items():
        boxes, derived = (
            tuple(replace(b, category=renamed.get(b.category, b.category)) for b in some)
            for some in (value.boxes, value.derived)
        )
        weak = value.weak and called(value.weak, renamed)
        edits.append(Edit(key, value, replace(value, boxes=boxes, derived=derived, weak=weak)))
    return edits


def _listed(noun: str, names: Sequence[str]) -> str:
    return f"{noun}{'es' if len(names) > 1 else ''} {', '.join(names)}"


def _known(detail: Sequence[Any] | None) -> tuple[str | None, tuple[str, ...]]:
    color, former = detail or (None, ())
    return color, tuple(former)


def _encode(classes: tuple[LabelClass, ...]) -> str:
    return compact([[known.name, known.color, list(known.former)] for known in classes])


def _decode(text: str | None) -> tuple[LabelClass, ...]:
    return tuple(
        LabelClass(name, color, tuple(former)) for name, color, former in json_of(text or "[]")
    )
