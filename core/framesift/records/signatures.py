"""Functions whose keyword arguments are settings: signatures and help made from the tables."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from framesift.records.setting import REQUIRED, Setting
from framesift.records.settings import settings_of, union

Function = TypeVar("Function", bound=Callable[..., Any])
SETTINGS = "framesift_settings"
"""Where a function keeps what gives its table."""


def keywords(
    *groups: type,
    family: Mapping[str, type] | None = None,
    beside: Iterable[str] = (),
) -> dict[str, Setting]:
    """The settings of these dataclasses, and of all members of a family, by the keyword that
    each is: its name (augmentation_flip for augmentation.flip), or, where that is among
    `beside`, what the command line calls it."""
    rows = [row for group in groups for row in settings_of(group)]
    rows += union(family or {})
    names = {row: row.name.replace(".", "_") for row in rows}
    return {
        row.flag.replace("-", "_") if name in set(beside) else name: row
        for row, name in names.items()
    }


def with_settings(table: Callable[[], Mapping[str, Setting]]) -> Callable[[Function], Function]:
    """A decorator for a function that takes `**settings`: its signature shows each of them as a
    keyword of its own with its default, and its help says what each does. `table` is called
    when the module is imported."""

    def decorate(function: Function) -> Function:
        rows = table()
        setattr(function, SETTINGS, rows)
        signature = inspect.signature(function)
        plain = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        names = {parameter.name for parameter in plain}
        made = [_parameter(name, row) for name, row in rows.items() if name not in names]
        function.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*plain, *made]
        )
        function.__doc__ = _documented(inspect.getdoc(function) or "", rows)
        return function

    return decorate


def annotation(row: Setting) -> str:
    """What a setting's keyword may be, as one writes it in Python."""
    kind = row.kind
    item = kind.item.__name__
    if kind.parse is not None:
        return "Any"
    if kind.choices:
        text = f"Literal[{', '.join(repr(choice) for choice in kind.choices)}]"
    elif kind.shape == "by name":
        text = f"Mapping[str, {item}]"
    elif kind.shape in ("pair", "list"):
        text = f"Sequence[{item}]"
    elif kind.shape == "one or list":
        text = f"{item} | Sequence[{item}]"
    else:
        text = item
    return f"{text} | None" if kind.optional else text


def _parameter(name: str, row: Setting) -> inspect.Parameter:
    default = inspect.Parameter.empty if row.default is REQUIRED else row.default
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation(row)
    )


def _documented(text: str, rows: Mapping[str, Setting]) -> str:
    """The help with the settings after the arguments, before what follows them."""
    lines = [_line(name, row) for name, row in rows.items()]
    before, mark, after = text.partition("\nReturns:")
    return f"{before.rstrip()}\n\nSettings:\n" + "\n".join(lines) + f"\n{mark}{after}"


def _line(name: str, row: Setting) -> str:
    about = "; ".join(part for part in (row.limits, f"default: {row.about_default}") if part)
    return textwrap.fill(
        f"{name}: {row.help} ({about})",
        90,
        initial_indent="    ",
        subsequent_indent="        ",
    )
