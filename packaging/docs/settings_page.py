"""The reference of settings, made from their tables."""

from __future__ import annotations

from markup import cell, table

from framesift.cli.tables import Table, every_table
from framesift.records.settings import DOORS

_HEAD = """\
# Settings

Every setting that can be chosen, as the program itself has it. The name is what Python and the
TOML files of experiments call it; the option is the command line's; the window's forms show the
title. A preset gives other defaults; what you say yourself always holds.
"""
_WHERE = {"cli": "the command line", "window": "the window", "simulate": "experiments"}


def page() -> str:
    """The page of all settings."""
    parts = [_HEAD.strip()]
    for group in every_table():
        parts += [f"## {group.title}", _rows(group)]
        if absent := _absent(group):
            parts.append("\n".join(absent))
    return "\n\n".join(parts) + "\n"


def _rows(group: Table) -> str:
    return table(
        ("setting", "title", "meaning", "can be", "default", "option"),
        [
            (
                f"`{row.name}`",
                cell(row.title),
                cell(row.help),
                cell(f"{row.range}{f', {row.unit}' if row.unit else ''}"),
                cell(row.about_default),
                "" if group.why_not(row, "cli") else f"`--{row.flag}`",
            )
            for row in group.rows
        ],
    )


def _absent(group: Table) -> list[str]:
    """Why a door has none of some settings, each reason once."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in group.rows:
        for door in DOORS:
            if why := group.why_not(row, door):
                reasons.setdefault((_WHERE[door], why), []).append(f"`{row.name}`")
    return [
        f"- Not in {where} ({why}): "
        + ("all" if len(names) == len(group.rows) else ", ".join(names))
        for (where, why), names in reasons.items()
    ]
