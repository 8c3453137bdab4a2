"""One setting: what its field says of it, and how its values are read and shown."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from framesift.errors import InputError
from framesift.records.values import Kind, numbers_in

Door = Literal["cli", "window", "simulate"]
DOORS: tuple[Door, ...] = ("cli", "window", "simulate")
"""Where settings can be chosen."""
KEY = "framesift.setting"
"""Where a field keeps what its setting says."""
REQUIRED: Any = dataclasses.MISSING
"""In the place of a default: there is none."""
_ENDLESS = 1e15
"""Limits above this are the machine's; nobody needs to be told."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as its field says it.

    name: of the field. title: a few words for a form. help: what it does, for tooltips and
    --help; begins small, ends without a stop. unit: of its numbers. low, high: inclusive range;
    above, below: exclusive; of each number where there are several. source: where the default
    comes from ("the paper"). empty: what None means. option: name on the command line without
    dashes, where it is not the field's; metavar: for its value; several: the entries of a list
    may be words of their own there. key: name in stored recipes, where it is not the field's.
    in_recipe: whether results depend on it, so that recipes
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
    several: bool = False
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
            return ",".join(f"{name}={part:g}" for name, part in plain.items())
        if isinstance(plain, bool):
            return "yes" if plain else "no"
        if plain is None:
            return "none"
        return f"{plain:g}" if isinstance(plain, float) else str(plain)

    @property
    def about_default(self) -> str:
        """The default with its unit, and where it comes from."""
        if self.default is REQUIRED:
            return "must be given"
        if self.default is None or self.default == {} or self.default == ():
            return self.empty or "none"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.shown(self.default)}{unit}{', ' if self.source else ''}{self.source}"

    def _checked(self, value: Any) -> Any:
        choices = self.kind.choices
        if choices and value is not None and value not in choices:
            # Words are told apart by letters, not by how they are joined.
            value = {re.sub("[-_ ]", "-", choice): choice for choice in choices}[
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
        return field(default_factory=default, metadata={KEY: about})
    return field(default=default, metadata={KEY: about})


def like(group: type, name: str, **more: Any) -> Any:
    """A field that is the same setting as another dataclass's: said there, once. `more`: what
    is different."""
    same = group.__dataclass_fields__[name]  # type: ignore[attr-defined]
    about = {KEY: {**same.metadata[KEY], **more}}
    if same.default is dataclasses.MISSING:
        return field(default_factory=same.default_factory, metadata=about)
    return field(default=same.default, metadata=about)
