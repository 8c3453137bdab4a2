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
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_type_hints

from framesift.errors import InputError
from framesift.records.aliases import renamed
from framesift.records.values import Kind, numbers_in

Door = Literal["cli", "window", "simulate"]
DOORS: tuple[Door, ...] = ("cli", "window", "simulate")
"""Where settings can be chosen."""
Group = TypeVar("Group")
_KEY = "framesift.setting"
_ENDLESS = 1e15
"""Limits above this are the machine's; nobody needs to be told."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as its field says it.

    name: of the field. title: a few words for a form. help: what it does, for tooltips and
    --help; begins small, ends without a stop. unit: of its numbers. low, high: inclusive range;
    above, below: exclusive; of each number where there are several. source: where the default
    comes from ("the paper"). empty: what None means. option: name on the command line without
    dashes, where it is not the field's; metavar: for its value. key: name in stored recipes,
    where it is not the field's. in_recipe: whether results depend on it, so that recipes
    hold it. plain: makes a JSON value of one that is none. titles: what a form calls the
    words that it can be. absent: why a door does not offer it.
    """

    name: str
    kind: Kind
    default: Any = field(hash=False)
    title: str
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    source: str = ""
    empty: str = ""
    option: str = ""
    metavar: str = ""
    key: str = ""
    in_recipe: bool = True
    plain: Callable[[Any], Any] | None = None
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)
    absent: Mapping[Door, str] = field(default_factory=dict, hash=False)

    @property
    def flag(self) -> str:
        """The option on the command line, without dashes."""
        return self.option or self.name.replace("_", "-").replace(".", "-")

    def title_of(self, word: str) -> str:
        """What a form calls one of its words."""
        return self.titles.get(word, word)

    @property
    def limits(self) -> str:
        """The range of its numbers, e.g. "from 1 to 64", "above 0 and below 1"; empty: any."""
        if self.low is not None:
            start, end = f"from {self.low:g}", "up"
        else:
            start, end = "" if self.above is None else f"above {self.above:g}", ""
        if self.high is not None and self.high < _ENDLESS:
            end = f"to {self.high:g}" if start else f"up to {self.high:g}"
        elif self.below is not None:
            end = f"{'and ' if start else ''}below {self.below:g}"
        return f"{start} {end}".strip()

    @property
    def range(self) -> str:
        """What a value must be, e.g. "a whole number from 1 to 64"."""
        none = "or none" if self.kind.optional else ""
        if none and self.empty:
            none = f"{none} ({self.empty})"
        return " ".join(part for part in (self.kind.words(), self.limits, none) if part)

    def read(self, value: object, noun: str) -> Any:
        """The value, checked. Raises InputError, one sentence, for one that it cannot have."""
        try:
            return self._checked(self.kind.read(value))
        except (ValueError, TypeError, KeyError, OverflowError):
            raise InputError(
                f"The {noun} setting {self.name} is {value!r}; it must be {self.range}."
            ) from None

    def from_text(self, text: str) -> Any:
        """The value that somebody typed. Raises ValueError with what it must be."""
        try:
            return self._checked(self.kind.from_text(text))
        except InputError:
            raise
        except (ValueError, TypeError, KeyError, OverflowError):
            raise ValueError(f"{text!r} is not {self.range}") from None

    def to_plain(self, value: Any) -> Any:
        """The value as JSON has it."""
        if value is not None and self.plain is not None:
            return self.plain(value)
        return list(value) if isinstance(value, tuple) else value

    def shown(self, value: Any) -> str:
        """The value as one types it."""
        plain = self.to_plain(value)
        if isinstance(plain, list):
            return ("x" if self.metavar == "H×W" else ",").join(map(self.shown, plain))
        if isinstance(plain, Mapping):
            return ",".join(f"{name}={one:g}" for name, one in plain.items())
        if isinstance(plain, bool):
            return "yes" if plain else "no"
        if plain is None:
            return "none"
        return f"{plain:g}" if isinstance(plain, float) else str(plain)

    @property
    def about_default(self) -> str:
        """The default with its unit, and where it comes from."""
        if self.default is None or self.default == {} or self.default == ():
            return self.empty or "none"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.shown(self.default)}{unit}{', ' if self.source else ''}{self.source}"

    def _checked(self, value: Any) -> Any:
        choices = self.kind.choices
        if choices and value is not None and value not in choices:
            # Words are told apart by letters, not by how they are joined.
            value = {re.sub("[-_ ]", "-", one): one for one in choices}[
                re.sub("[-_ ]", "-", str(value))
            ]
        for number in numbers_in(value):
            if not (
                (self.low is None or number >= self.low)
                and (self.high is None or number <= self.high)
                and (self.above is None or number > self.above)
                and (self.below is None or number < self.below)
            ):
                raise ValueError
        return value


def setting(
    default: Any,
    *,
    title: str,
    help: str,
    choices: Iterable[str] = (),
    parse: Callable[[Any], Any] | None = None,
    **more: Any,
) -> Any:
    """A field of a dataclass that is a setting; see Setting for what `more` may say. `choices`:
    the words that it can be (a mapping: with their titles); `parse` reads a value of a class of
    ours from words or JSON, and raises ValueError or InputError."""
    titles = choices if isinstance(choices, Mapping) else {}
    about = {"title": title, "help": help, "parse": parse, "titles": titles, **more}
    about["choices"] = tuple(choices)
    if callable(default):
        return field(default_factory=default, metadata={_KEY: about})
    return field(default=default, metadata={_KEY: about})


def like(group: type, name: str, **more: Any) -> Any:
    """A field that is the same setting as another dataclass's: said there, once. `more`: what
    is different."""
    same = group.__dataclass_fields__[name]  # type: ignore[attr-defined]
    about = {_KEY: {**same.metadata[_KEY], **more}}
    if same.default is dataclasses.MISSING:
        return field(default_factory=same.default_factory, metadata=about)
    return field(default=same.default, metadata=about)


def settings_of(group: type) -> tuple[Setting, ...]:
    """The table of a dataclass: its fields that were made by `setting`, in order, then those of
    the groups inside it, with dotted names. Fields that are no settings are left out."""
    return _table(group)


@functools.cache
def _table(group: Any) -> tuple[Setting, ...]:
    hints = get_type_hints(group)
    own, inner = [], []
    for one in dataclasses.fields(group):
        if _KEY in one.metadata:
            about = dict(one.metadata[_KEY])
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


def from_plain(group: type[Group], data: object, noun: str) -> Group:
    """The inverse of `to_plain`: what is missing keeps its default, names of earlier versions
    are understood. Raises InputError for what is no table, has a name that the group lacks (and
    says the nearest), or a value that cannot be."""
    names, values = _fields_of(group), {}
    for name, value in current(data, noun).items():
        if name not in names:
            raise InputError(unknown(name, tuple(names), noun))
        values[name] = names[name](value, noun)
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
        and any(_KEY in one.metadata for one in dataclasses.fields(hint))
    )


def _default(one: dataclasses.Field[Any]) -> Any:
    made = one.default_factory
    return one.default if made is dataclasses.MISSING else made()
