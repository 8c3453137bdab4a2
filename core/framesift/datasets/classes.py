"""Which of a data set's classes count, and which become ignore regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats import ANY_CLASS


@dataclass(frozen=True, slots=True)
class ClassTable:
    """What a data set's class names mean.

    `counted`: their name → ours. `ignored`: our class → their names that become ignore regions
    of it: kinds so like it that a detection there is neither right nor wrong. `open`: the data
    set may hold any classes, and those that the table lacks count under their own names. Names
    are compared without capitals, `_` and `-` as spaces.
    """

    counted: Mapping[str, str]
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: bool = False

    def roles(
        self,
        classes: Sequence[str],
        *,
        class_map: Mapping[str, str] | None = None,
        ignore: Iterable[str] | None = None,
        known: Iterable[str] = (),
    ) -> Roles:
        """How boxes are taken when `classes` (ours) count.

        `class_map` (theirs → ours) adds to the table, `ignore` (theirs) takes the place of the
        table's ignored names, for all classes. `known`: the names in the files, for open
        tables. Raises InputError for a class that nothing counts as.
        """
        counted = {plain(theirs): ours for theirs, ours in self.counted.items()}
        if self.open:
            counted = {**{plain(name): name for name in known}, **counted}
        counted |= {plain(theirs): ours for theirs, ours in (class_map or {}).items()}
        dropped = None if ignore is None else {plain(name) for name in ignore}
        if dropped is not None:
            counted = {name: ours for name, ours in counted.items() if name not in dropped}
        missing = [name for name in classes if name not in counted.values()]
        if missing:
            there = ", ".join(sorted(set(counted.values()))) or "none"
            raise InputError(
                f"Nothing in this footage counts as “{missing[0]}”; its classes "
                f"are {there}. Choose one of them, or say which class of the "
                "files counts as yours."
            )
        chosen = {name: ours for name, ours in counted.items() if ours in classes}
        ignored: dict[str, list[str]] = {}
        for ours in classes:
            names = self._beside(ours, class_map or {}) if dropped is None else dropped
            for name in map(plain, names):
                if name not in chosen:
                    ignored.setdefault(name, []).append(ours)
        return Roles(
            tuple(classes), chosen, {name: tuple(ours) for name, ours in ignored.items()}
        )

    def _beside(self, ours: str, class_map: Mapping[str, str]) -> Iterable[str]:
        """The names to ignore beside a class: its own, and those of what it is another name
        for."""
        renamed = {plain(theirs) for theirs, name in class_map.items() if name == ours}
        also = (
            self.ignored.get(name, ())
            for theirs, name in self.counted.items()
            if plain(theirs) in renamed
        )
        return dict.fromkeys((*self.ignored.get(ours, ()), *chain.from_iterable(also)))


@dataclass(frozen=True, slots=True)
class Roles:
    """The decision for every class name: `counted` plain name → our class, `ignored` plain
    name → our classes whose ignore region it is; all others are left out."""

    classes: tuple[str, ...]
    counted: Mapping[str, str]
    ignored: Mapping[str, tuple[str, ...]]

    def apply(self, boxes: Iterable[Box]) -> tuple[Box, ...]:
        """The boxes that concern the classes. An ignore region of no class in particular is
        one of each."""
        applied: list[Box] = []
        for box in boxes:
            name = plain(box.category)
            if box.category == ANY_CLASS:
                applied += (replace(box, category=ours, ignore=True) for ours in self.classes)
            elif name in self.counted:
                applied.append(replace(box, category=self.counted[name]))
            else:
                applied += (
                    replace(box, category=ours, ignore=True)
                    for ours in self.ignored.get(name, ())
                )
        return tuple(applied)


def plain(name: str) -> str:
    """A class name as it is compared."""
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


PEOPLE = ClassTable(
    counted={"pedestrian": "pedestrian", "person": "pedestrian"},
    ignored={
        "pedestrian": (
            "rider",
            "riders",
            "cyclist",
            "bicyclist",
            "motorcyclist",
            "people",
            "crowd",
            "group",
            "person?",
            "person on vehicle",
            "static person",
            "sitting person",
            "person sitting",
            "other person",
        )
    },
    open=True,
)
"""For files that may hold any classes."""
