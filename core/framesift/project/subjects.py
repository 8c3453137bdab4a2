"""What a project's edits are about: one subject for each kind of thing that they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from framesift.files import json_of
from framesift.labels import Edit
from framesift.project.codec import compact
from framesift.project.database import Row
from framesift.project.sentences import damaged

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class PickKey:
    """A pick of a cycle; its value says "picked", "dropped", or "withdrawn" (not there)."""

    cycle: int
    place: int
    video: str
    frame: int


@dataclass(frozen=True, slots=True)
class SampleKey:
    """A frame drawn to measure by; its value says whether it is in the evaluation set."""

    number: int
    video: str
    frame: int


@dataclass(frozen=True, slots=True)
class VideoKey:
    """A video; its value is a VideoState."""

    video: str


@dataclass(frozen=True, slots=True)
class ClassesKey:
    """The list of classes; its value is a tuple of LabelClass."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject(Generic[Key, Value]):
    """One kind of thing that can be edited.

    `key` is the dataclass that names one; `encode` and `decode` turn a value into a text (None
    for the empty one) and back, ValueError or TypeError where a text is none; `put` writes
    values into the tables that hold them now.
    """

    name: str
    key: type[Key]
    encode: Callable[[Value], str | None]
    decode: Callable[[str | None], Value]
    put: Callable[[Mapping[Key, Value]], None]

    def key_text(self, key: Key) -> str:
        """A key as the journal holds it."""
        return compact([getattr(key, field.name) for field in fields(self.key)])  # type: ignore[arg-type]


class Subjects:
    """All that a project's edits may be about."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_name: dict[str, Subject[Any, Any]] = {}
        self._by_key: dict[type, Subject[Any, Any]] = {}

    def add(self, subject: Subject[Any, Any]) -> None:
        self._by_name[subject.name] = self._by_key[subject.key] = subject

    def of(self, key: type) -> Subject[Any, Any]:
        """The subject whose keys are of this type."""
        return self._by_key[key]

    def put(self, values: Mapping[Any, Any]) -> None:
        """Writes values into their tables, whatever they are about."""
        by_type: dict[type, dict[Any, Any]] = {}
        for key, value in values.items():
            by_type.setdefault(type(key), {})[key] = value
        for kind, some in by_type.items():
            self._by_key[kind].put(some)

    def rows(self, edits: Iterable[Edit[Any, Any]]) -> list[Row]:
        """Edits as (place, subject, key, before, after)."""
        rows = []
        for place, edit in enumerate(edits):
            of = self._by_key[type(edit.key)]
            before, after = of.encode(edit.before), of.encode(edit.after)
            rows.append((place, of.name, of.key_text(edit.key), before, after))
        return rows

    def edit(self, subject: str, key: str, before: str | None, after: str | None) -> Any:
        """An edit of its texts; InputError for what no Framesift wrote."""
        try:
            of = self._by_name[subject]
            named = of.key(*json_of(key))
            return Edit(named, of.decode(before), of.decode(after))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise damaged(self._path, "the journal cannot be read") from error
