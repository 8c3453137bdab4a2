"""What kinds of value a setting can have, and how they are read from files and from words.

A kind is found from a field's annotation: `bool`, `int`, `float`, `str`, a `Literal` of words,
`tuple[x, x]` (a pair), `tuple[x, ...]` (a list), `x | tuple[x, ...]` (one or a list),
`Mapping[str, float]` (numbers by name), each also `| None`.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal, Union, get_args, get_origin

Shape = Literal["one", "pair", "list", "one or list", "by name"]
ONES: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
}
MANY: Mapping[type, str] = {int: "whole numbers", float: "numbers", str: "names"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is made of (`item`: bool, int, float or str; `object`: anything that `parse`
    understands), in which shape, and whether there may be none (None)."""

    item: type
    shape: Shape = "one"
    optional: bool = False
    choices: tuple[str, ...] = ()
    parse: Callable[[Any], Any] | None = None

    def read(self, value: object) -> Any:
        """A value of this kind from a plain one (JSON's, TOML's, a keyword argument's): lists
        become tuples, whole numbers stand for numbers. Raises ValueError otherwise."""
        if value is None and self.optional:
            return None
        if self.parse is not None:
            return self.parse(value)
        if self.shape == "by name":
            return self._by_name(value)
        many = isinstance(value, list | tuple)
        if self.shape == "one" or (self.shape == "one or list" and not many):
            return _item(self.item, value)
        if not many or (self.shape == "pair" and len(value) != 2):  # type: ignore[arg-type]
            raise ValueError
        return tuple(_item(self.item, item) for item in value)  # type: ignore[attr-defined]

    def from_text(self, text: str) -> Any:
        """A value from what somebody typed: `none`, numbers, lists with commas, sizes as
        320x320, numbers by name as rider=2. Raises ValueError otherwise."""
        text = text.strip()
        if self.optional and text.lower() == "none":
            return None
        if self.parse is not None:
            return self.parse(text)
        if self.shape == "by name":
            pairs = [part.rpartition("=") for part in text.split(",")]
            return self._by_name({name.strip(): float(value) for name, _, value in pairs})
        if self.shape == "one" or (self.shape == "one or list" and "," not in text):
            return _typed(self.item, text)
        if self.shape == "pair" and self.item is not str:
            text = text.lower().replace("×", ",").replace("x", ",")
        return self.read([_typed(self.item, part) for part in text.split(",") if part.strip()])

    def _by_name(self, value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not all(
            isinstance(name, str) and name for name in value
        ):
            raise ValueError
        return {name: _item(self.item, item) for name, item in value.items()}

    def words(self) -> str:
        """What a value must be, for a sentence; without its range."""
        if self.choices:
            text = f"one of {', '.join(self.choices)}"
        elif self.shape == "by name":
            text = "numbers by name, as name=2,"
        elif self.shape == "pair":
            text = f"two {MANY[self.item]}"
        elif self.shape == "list":
            text = f"a list of {MANY[self.item]}"
        else:
            text = ONES.get(self.item, "a value")
            if self.shape == "one or list":
                text += f" or a list of {MANY[self.item]}"
        return text

    @staticmethod
    def of(annotation: Any, parse: Callable[[Any], Any] | None = None) -> Kind:
        """The kind of a field's (resolved) annotation; `parse` reads what is none of these.
        Raises TypeError for an annotation that nothing is known of."""
        parts = list(_alternatives(annotation))
        optional = types.NoneType in parts
        parts = [part for part in parts if part is not types.NoneType]
        if parse is not None:
            return Kind(object, "one", optional, parse=parse)
        if len(parts) == 2 and get_origin(parts[1]) is tuple:
            return Kind(parts[0], "one or list", optional)
        (part,) = parts
        origin, inner = get_origin(part), get_args(part)
        if origin is Literal:
            return Kind(str, "one", optional, tuple(inner))
        if origin is tuple:
            shape: Shape = "list" if inner[-1] is Ellipsis else "pair"
            return Kind(inner[0], shape, optional)
        if origin is not None and issubclass(origin, Mapping):
            return Kind(inner[1], "by name", optional)
        if part not in ONES:
            raise TypeError(f"no kind of setting is known for {annotation}")
        return Kind(part, "one", optional)


def numbers_in(value: object) -> Iterable[Any]:
    """All numbers of a value, whatever its shape; flags are none."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, int | float) and not isinstance(number, bool):
            yield number


def _alternatives(annotation: Any) -> Iterable[Any]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)


def _item(item: type, value: object) -> Any:
    if item is bool or item is str:
        if not isinstance(value, item):
            raise ValueError
        return value
    if isinstance(value, bool) or not isinstance(value, Integral if item is int else Real):
        raise ValueError
    number = item(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _typed(item: type, text: str) -> Any:
    if item is bool:
        return {"yes": True, "true": True, "no": False, "false": False}[text.lower()]
    return text.strip() if item is str else _item(item, item(text))
