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
    direct, inner = [], []
    for entry in dataclasses.fields(group):
        if KEY in entry.metadata:
            about = dict(entry.metadata[KEY])
            kind = Kind.of(hints[entry.name], about.pop("parse"))
            kind = dataclasses.replace(kind, choices=about.pop("choices") or kind.choices)
            direct.append(Setting(entry.name, kind, _default(entry), **about))
        elif _is_group(hints[entry.name]):
            usual = _default(entry)
            values = {} if usual is REQUIRED else flat(usual)
            inner += [
                dataclasses.replace(
                    below,
                    name=f"{entry.name}.{below.name}",
                    default=values.get(below.name, below.default),
                )
                for below in settings_of(hints[entry.name])
            ]
    return (*direct, *inner)


def union(groups: Mapping[str, type]) -> dict[Setting, tuple[str, ...]]:
    """The settings of a family's members by their names, and which members have each. Raises
    ValueError where two members mean different things by one name."""
    known_by_name: dict[str, tuple[Setting, list[str]]] = {}
    for member, group in groups.items():
        for entry in settings_of(group):
            known, names = known_by_name.setdefault(entry.name, (entry, []))
            if known != entry:
                raise ValueError(f"{names[0]} and {member} differ in the setting {entry.name}")
            names.append(member)
    return {entry: tuple(names) for entry, names in known_by_name.values()}


def check(values: object, noun: str) -> None:
    """Reads every setting of a frozen dataclass as `Setting.read` does, in its __post_init__:
    lists become tuples. Raises InputError."""
    for entry in settings_of(type(values)):
        if "." not in entry.name:
            object.__setattr__(
                values, entry.name, entry.read(getattr(values, entry.name), noun)
            )


def to_plain(values: Any, *, recipe: bool = False) -> dict[str, Any]:
    """Settings as a JSON object; groups inside are objects. `recipe`: only what numbers depend
    on, under the names that recipes have."""
    plain: dict[str, Any] = {}
    for entry, value in _values(values):
        if not recipe or entry.in_recipe:
            into = plain
            *above, name = entry.name.split(".")
            for part in above:
                into = into.setdefault(part, {})
            into[(entry.key or name) if recipe else name] = entry.to_plain(value)
    return plain


def flat(values: Any) -> dict[str, Any]:
    """Every setting's value by its name, dotted for groups inside."""
    return {entry.name: value for entry, value in _values(values)}


def from_plain(group: type[Group], data: object, noun: str) -> Group:
    """The inverse of `to_plain`: what is missing keeps its default, names of earlier versions
    are understood. Raises InputError for what is no table, has a name that the group lacks (and
    says the nearest), or a value that cannot be."""
    names, values = _fields_of(group), {}
    for name, value in current(data, noun).items():
        if name not in names:
            raise InputError(unknown(name, tuple(names), noun))
        values[name] = names[name](value, noun)
    for entry in settings_of(group):
        if entry.default is REQUIRED and "." not in entry.name and entry.name not in values:
            raise InputError(f"The {noun} settings lack {entry.name}: {entry.help}.")
    return group(**values)


def made(group: type[Group], *layers: Mapping[str, Any], noun: str) -> Group:
    """Settings from layers of plain values (a preset, what somebody said): the later wins, in
    groups inside, too. Raises InputError as `from_plain`."""
    return from_plain(group, merged(*layers, noun=noun), noun)


def merged(*layers: Mapping[str, Any], noun: str = "") -> dict[str, Any]:
    """Layers of plain values laid over one another; dotted names go into the groups inside."""
    result: dict[str, Any] = {}
    for layer in layers:
        for name, value in current(layer, noun).items():
            outer, _, inner = name.partition(".")
            if inner:
                value = {inner: value}
            if isinstance(value, Mapping) and isinstance(result.get(outer), Mapping):
                value = merged(result[outer], value, noun=outer)
            result[outer] = value
    return result


def current(data: object, noun: str) -> dict[str, Any]:
    """A table of settings under today's names. Raises InputError for what is no table."""
    if not isinstance(data, Mapping):
        raise InputError(f"The {noun} settings are not a table of names and values.")
    return renamed(data, noun)[0]


def unknown(name: object, known: tuple[str, ...], noun: str) -> str:
    """What is said of a setting that there is not."""
    import difflib

    near = difflib.get_close_matches(str(name), known, 1)
    hint = f"the nearest is {near[0]!r}." if near else "it may come from a newer Framesift."
    return f"There is no {noun} setting {name!r}; {hint}"


def _fields_of(group: type) -> dict[str, Callable[[object, str], Any]]:
    """How each field of a group is read."""
    hints = get_type_hints(group)
    readers: dict[str, Callable[[object, str], Any]] = {
        entry.name: entry.read for entry in settings_of(group) if "." not in entry.name
    }
    for entry in dataclasses.fields(group):
        if entry.name not in readers and _is_group(hints[entry.name]):
            readers[entry.name] = functools.partial(_group, entry, hints[entry.name])
    return readers


def _group(
    entry: dataclasses.Field[Any], group: type[Group], value: object, noun: str
) -> Group:
    """A group inside another: what it leaves out is as the outer one has it by default."""
    if isinstance(value, group):
        return value
    usual = _default(entry)
    base = {} if usual is REQUIRED else to_plain(usual)
    return made(group, base, current(value, entry.name), noun=entry.name)


def _values(values: Any) -> Iterator[tuple[Setting, Any]]:
    for entry in settings_of(type(values)):
        value = values
        for part in entry.name.split("."):
            value = getattr(value, part)
        yield entry, value


def _is_group(hint: Any) -> bool:
    return (
        isinstance(hint, type)
        and dataclasses.is_dataclass(hint)
        and any(KEY in entry.metadata for entry in dataclasses.fields(hint))
    )


def _default(entry: dataclasses.Field[Any]) -> Any:
    made = entry.default_factory
    return entry.default if made is dataclasses.MISSING else made()
