"""Options made from tables of settings, and read back: an option that is not given is not said,
so that presets and defaults know where they may speak."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from framesift.records.aliases import RENAMED, old_name
from framesift.records.settings import Setting, settings_of, union

OLD_NAMES = "old_names"
"""Where the namespace keeps what is to be said of options of before."""


def add_options(
    group: argparse._ActionsContainer,
    settings: type,
    noun: str,
    *,
    only: Collection[str] | None = None,
    preset: Mapping[str, Any] | None = None,
) -> None:
    """An option for each setting of a table (or of those named in `only`). `preset`: defaults
    of the command's own."""
    for row in settings_of(settings):
        if only is None or row.name in only:
            default = (preset or {}).get(row.name, row.default)
            add_option(group, dataclasses.replace(row, default=default), noun)


def add_member_options(
    group: argparse._ActionsContainer, members: Mapping[str, type], noun: str
) -> None:
    """An option for each setting that the members of a family have of their own."""
    for row, names in union(members).items():
        add_option(group, row, noun, of=names)


def add_option(
    group: argparse._ActionsContainer, row: Setting, noun: str, of: Sequence[str] = ()
) -> None:
    """The option of one setting; `of`: the members of a family that have it."""
    if "cli" in row.absent:
        return
    how: dict[str, Any] = {"dest": _dest(row), "default": argparse.SUPPRESS}
    if row.kind.item is bool:
        group.add_argument(
            f"--{row.flag}",
            action=argparse.BooleanOptionalAction,
            help=describe(row, of),
            **how,
        )
    else:
        how |= {"type": _reader(row), "metavar": row.metavar or None}
        if row.kind.choices:
            how |= {"choices": row.kind.choices}
        if row.kind.shape == "by name":
            how |= {"action": _Merged}
        if row.kind.shape == "list" and not row.kind.optional:
            how |= {"action": _Joined}
        if row.several:
            how |= {"nargs": "+"}
        group.add_argument(f"--{row.flag}", help=describe(row, of), **how)
    for old, new in RENAMED.get(noun, {}).items():
        if new == row.name:
            group.add_argument(
                f"--{old.replace('_', '-').replace('.', '-')}",
                action=_Renamed,
                now=f"--{row.flag}",
                nargs=0 if row.kind.item is bool else None,
                **{**how, "metavar": None},
            )


def describe(row: Setting, of: Sequence[str] = ()) -> str:
    """A setting's help: what it does, its range, default and unit."""
    of_whom = f"of {', '.join(of)}: " if of else ""
    default = row.about_default
    if row.kind.item is bool:
        default = f"{'on' if row.default else 'off'}{', ' if row.source else ''}{row.source}"
    parts = [row.limits, f"default: {default}"]
    text = f"{of_whom}{row.help} ({'; '.join(part for part in parts if part)})"
    return text.replace("%", "%%")


def given_options(
    args: argparse.Namespace, *settings: type, only: Collection[str] | None = None
) -> dict[str, Any]:
    """What the options say of the settings of these tables, by name; nothing of what is left
    open."""
    return {
        row.name: getattr(args, _dest(row))
        for table in settings
        for row in settings_of(table)
        if hasattr(args, _dest(row)) and (only is None or row.name in only)
    }


def old_names(args: argparse.Namespace) -> tuple[str, ...]:
    """A sentence for each option that was given under a name of before."""
    return tuple(getattr(args, OLD_NAMES, ()))


def _dest(row: Setting) -> str:
    return row.flag.replace("-", "_")


def _reader(row: Setting) -> Any:
    def read(text: str) -> Any:
        try:
            return row.from_text(text)
        except Exception as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


class _Merged(argparse.Action):
    """Numbers by name, given in several options."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, {**getattr(namespace, self.dest, {}), **values})


class _Joined(argparse.Action):
    """A list, parts of which may be options of their own, or (`several`) words."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        parts = values if self.nargs == "+" else [values]
        entries = (entry for part in parts for entry in part)
        setattr(namespace, self.dest, (*getattr(namespace, self.dest, ()), *entries))


class _Renamed(argparse.Action):
    """An option under its name of before: understood, and what is to be said is kept."""

    def __init__(self, *args: Any, now: str, **how: Any) -> None:
        super().__init__(*args, **{**how, "help": argparse.SUPPRESS})
        self._now = now

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, True if self.nargs == 0 else values)
        sentence = old_name(str(option_string), self._now)
        setattr(namespace, OLD_NAMES, [*getattr(namespace, OLD_NAMES, ()), sentence])
