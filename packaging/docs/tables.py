"""The table of label formats, made from what the formats say of themselves."""

from __future__ import annotations

from markup import cell, table

from framesift.formats import FORMATS, Capability

_HEAD = """\
# Formats at a glance

What a format can hold, as the program itself has it: what it cannot hold is left out of an
export and counted. All are read and written. [Label formats](formats.md) says what their
numbers mean.
"""


def page() -> str:
    """The page of all formats."""
    holds = [
        (f"`{name}`", cell(format_.title), *_holds(format_.capability))
        for name, format_ in FORMATS.items()
    ]
    names = [(f"`{name}`", *_names(format_.capability)) for name, format_ in FORMATS.items()]
    return (
        "\n\n".join(
            [
                _HEAD.strip(),
                table(
                    (
                        "name",
                        "format",
                        "“nothing there”",
                        "ignore regions",
                        "occluded",
                        "truncated",
                        "timestamps",
                        "picture size",
                    ),
                    holds,
                ),
                "## Names and numbers",
                table(
                    (
                        "name",
                        "frame numbers",
                        "pictures that are no frames",
                        "classes without boxes",
                        "spaces in class names",
                        "boxes end at the picture's edge",
                        "whole pixels only",
                        "wants the picture's size",
                    ),
                    names,
                ),
            ]
        )
        + "\n"
    )


def _holds(can: Capability) -> tuple[str, ...]:
    ignore = {"class": "with their class", "plain": "without a class", None: "no"}[can.ignore]
    size = {"picture": "of each", "video": "one per video", None: "no"}[can.size]
    return (
        _yes(can.nothing),
        ignore,
        _yes(can.occluded),
        _yes(can.truncated),
        _yes(can.timestamps),
        size,
    )


def _names(can: Capability) -> tuple[str, ...]:
    return tuple(
        _yes(flag)
        for flag in (
            can.numbers,
            can.stills,
            can.class_list,
            can.spaces,
            can.clipped,
            can.whole_pixels,
            can.needs_size,
        )
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"
