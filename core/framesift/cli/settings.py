"""Options made from tables of settings, and read back: an option that is not given is not said,
so that presets and defaults know where they may speak."""

from __future__ import annotations

import argparse
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
) -> None:
    """An option for each setting of a table (or of those named in `only`)."""
    for one in settings_of(settings):
        if only is None or one.name in only:
            add_option(group, one, noun)


def add_member_options(
    group: argparse._ActionsContainer, members: Mapping[str, type], noun: str
) -> None:
    """An option for each setting that the members of a family have of their own."""
    for one, names in union(members).items():
        add_option(group, one, noun, of=names)


def add_option(
    group: argparse._ActionsContainer, one: Setting, noun: str, of: Sequence[str] = ()
) -> None:
    """The option of one setting; `of`: the members of a family that have it."""
    if "cli" in one.absent:
        return
    how: dict[str, Any] = {"dest": _dest(one), "default": argparse.SUPPRESS}
    if one.kind.item is bool:
        group.add_argument(
            f"--{one.flag}",
            action=argparse.BooleanOptionalAction,
            help=describe(one, of),
            **how,
        )
    else:
        how |= {"type": _reader(one), "metavar": one.metavar or None}
        if one.kind.choices:
            how |= {"choices": one.kind.choices}
        if one.kind.shape == "by name":
            how |= {"action": _Merged}
        group.add_argument(f"--{one.flag}", help=describe(one, of), **how)
    for old, new in RENAMED.get(noun, {}).items():
        if new == one.name:
            group.add_argument(
                f"--{old.replace('_', '-').replace('.', '-')}",
                action=_Renamed,
                now=f"--{one.flag}",
                nargs=0 if one.kind.item is bool else None,
                **{**how, "metavar": None},
            )


def describe(one: Setting, of: Sequence[str] = ()) -> str:
    """A setting's help: what it does, its range, default and unit."""
    of_whom = f"of {', '.join(of)}: " if of else ""
    default = one.about_default
    if one.kind.item is bool:
        default = f"{'on' if one.default else 'off'}{', ' if one.source else ''}{one.source}"
    parts = [one.limits, f"default: {default}"]
    text = f"{of_whom}{one.help} ({'; '.join(part for part in parts if part)})"
    return text.replace("%", "%%")


def said(
    args: argparse.Namespace, *settings: type, only: Collection[str] | None = None
) -> dict[str, Any]:
    """What the options say of the settings of these tables, by name; nothing of what is left
    open."""
    return {
        one.name: getattr(args, _dest(one))
        for table in settings
        for one in settings_of(table)
        if hasattr(args, _dest(one)) and (only is None or one.name in only)
    }


def old_names(args: argparse.Namespace) -> tuple[str, ...]:
    """A sentence for each option that was given under a name of before."""
    return tuple(getattr(args, OLD_NAMES, ()))


def _dest(one: Setting) -> str:
    return one.flag.replace("-", "_")


def _reader(one: Setting) -> Any:
    def read(text: str) -> Any:
        try:
            return one.from_text(text)
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
