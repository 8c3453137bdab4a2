"""What a person can choose, said once.

A group of settings is a frozen dataclass whose fields are made by `setting(…)`. From its table
(`settings_of`) come the options of the command line, the rows of the window, the keys of TOML
files, the entries of recipes and the reference pages; nothing of that is written again.

    @dataclass(frozen=True, slots=True)
    class Smoothing:
        sigma: float = setting(3.0, title="σ", help="standard deviation", above=0)

        def __post_init__(self) -> None:
            check(self, "smoothing")

A preset is a set of defaults: `made(cls, preset, said, noun=…)`, where the later layer wins.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, get_type_hints

from framesift.errors import InputError
from framesift.records.aliases import renamed
from framesift.records.setting import DOORS as DOORS
from framesift.records.setting import KEY
from framesift.records.setting import REQUIRED as REQUIRED
from framesift.records.setting import Door as Door
from framesift.records.setting import Setting as Setting
from framesift.records.setting import like as like
from framesift.records.setting import setting as setting
from framesift.records.values import Kind

Group = TypeVar("Group")


def settings_of(group: type) -> tuple[Setting, ...]:
    """The table of a dataclass: its fields that were made by `setting`, in order, then those of
    the groups inside it, with dotted names. Fields that are no settings are left out."""
    return _table(group)


@functools.cache
def _table(group: Any) -> tuple[Setting, ...]:
    hints = get_type_hints(group)
    own, inner = [], []
    for one in dataclasses.fields(group):
        if KEY in one.metadata:
            about = dict(one.metadata[KEY])
            kind = Kind.of(hints[one.name], about.pop("parse"))
            kind = dataclasses.replace(kind, choices=about.pop("choices") or kind.choices)
            own.append(Setting(one.name, kind, _default(one), **about))
        elif _is_group(hints[one.name]):
            inner += [
                dataclasses.replace(below, name=f"{one.name}.{below.name}")
                for below in settings_of(hints[one.name])
            ]
    return (*own, *inner)


def union(groups: Mapping[str, type]) -> dict[Setting, tuple[str, ...]]:
    """The settings of a family's members by their names, and which members have each. Raises
    ValueError where two members mean different things by one name."""
    found: dict[str, tuple[Setting, list[str]]] = {}
    for member, group in groups.items():
        for one in settings_of(group):
            known, members = found.setdefault(one.name, (one, []))
            if known != one:
                raise ValueError(f"{members[0]} and {member} differ in the setting {one.name}")
            members.append(member)
    return {one: tuple(members) for one, members in found.values()}


def check(values: object, noun: str) -> None:
    """Reads every setting of a frozen dataclass as `Setting.read` does, in its __post_init__:
    lists become tuples. Raises InputError."""
    for one in settings_of(type(values)):
        if "." not in one.name:
            object.__setattr__(values, one.name, one.read(getattr(values, one.name), noun))


def to_plain(values: Any, *, recipe: bool = False) -> dict[str, Any]:
    """Settings as a JSON object; groups inside are objects. `recipe`: only what numbers depend
    on, under the names that recipes have."""
    found: dict[str, Any] = {}
    for one, value in _values(values):
        if not recipe or one.in_recipe:
            into = found
            *above, name = one.name.split(".")
            for part in above:
                into = into.setdefault(part, {})
            into[(one.key or name) if recipe else name] = one.to_plain(value)
    return found


def flat(values: Any) -> dict[str, Any]:
    """Every setting's value by its name, dotted for groups inside."""
    return {one.name: value for one, value in _values(values)}


def from_plain(group: type[Group], data: object, noun: str) -> Group:
    """The inverse of `to_plain`: what is missing keeps its default, names of earlier versions
    are understood. Raises InputError for what is no table, has a name that the group lacks (and
    says the nearest), or a value that cannot be."""
    names, values = _fields_of(group), {}
    for name, value in current(data, noun).items():
        if name not in names:
            raise InputError(unknown(name, tuple(names), noun))
        values[name] = names[name](value, noun)
    for one in settings_of(group):
        if one.default is REQUIRED and "." not in one.name and one.name not in values:
            raise InputError(f"The {noun} settings lack {one.name}: {one.help}.")
    return group(**values)


def made(group: type[Group], *layers: Mapping[str, Any], noun: str) -> Group:
    """Settings from layers of plain values (a preset, what somebody said): the later wins, in
    groups inside, too. Raises InputError as `from_plain`."""
    return from_plain(group, merged(*layers, noun=noun), noun)


def merged(*layers: Mapping[str, Any], noun: str = "") -> dict[str, Any]:
    """Layers of plain values laid over one another; dotted names go into the groups inside."""
    found: dict[str, Any] = {}
    for layer in layers:
        for name, value in current(layer, noun).items():
            outer, _, inner = name.partition(".")
            if inner:
                value = {inner: value}
            if isinstance(value, Mapping) and isinstance(found.get(outer), Mapping):
                value = merged(found[outer], value, noun=outer)
            found[outer] = value
    return found


def current(data: object, noun: str) -> dict[str, Any]:
    """A table of settings under today's names. Raises InputError for what is no table."""
    if not isinstance(data, Mapping):
        raise InputError(f"The {noun} settings are not a table of names and values.")
    return renamed(data, noun)[0]


def unknown(name: object, known: tuple[str, ...], noun: str) -> str:
    """What is said of a setting that there is not."""
    near = difflib.get_close_matches(str(name), known, 1)
    hint = f"the nearest is {near[0]!r}." if near else "it may come from a newer Framesift."
    return f"There is no {noun} setting {name!r}; {hint}"


def _fields_of(group: type) -> dict[str, Callable[[object, str], Any]]:
    """How each field of a group is read."""
    hints = get_type_hints(group)
    found: dict[str, Callable[[object, str], Any]] = {
        one.name: one.read for one in settings_of(group) if "." not in one.name
    }
    for one in dataclasses.fields(group):
        if one.name not in found and _is_group(hints[one.name]):
            inner = hints[one.name]
            found[one.name] = functools.partial(_group, inner, one.name)
    return found


def _group(group: type, name: str, value: object, noun: str) -> Any:
    return value if isinstance(value, group) else from_plain(group, value, name)


def _values(values: Any) -> Iterator[tuple[Setting, Any]]:
    for one in settings_of(type(values)):
        value = values
        for part in one.name.split("."):
            value = getattr(value, part)
        yield one, value


def _is_group(hint: Any) -> bool:
    return (
        isinstance(hint, type)
        and dataclasses.is_dataclass(hint)
        and any(KEY in one.metadata for one in dataclasses.fields(hint))
    )


def _default(one: dataclasses.Field[Any]) -> Any:
    made = one.default_factory
    return one.default if made is dataclasses.MISSING else made()
