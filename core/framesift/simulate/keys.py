"""What the keys of an experiment's file share."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from framesift.records.settings import Door, setting

FILE_ONLY: Mapping[Door, str] = {
    "cli": "an experiment is a file; `framesift simulate` runs it",
    "window": "experiments run from the command line",
}
"""Why only a file of an experiment says it."""
ALL = "all"
"""What stands for every score in a list of them."""
in_file = functools.partial(setting, absent=FILE_ONLY)
"""A setting of an experiment's file."""


def plain_table(value: object) -> dict[str, Any]:
    """A table of plain values as it is, checked where it is used. Raises ValueError for
    anything else."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError
    return dict(value)


def signal_names(value: object) -> tuple[str, ...]:
    """Names of scores, or `all`. Raises ValueError for what is no list, InputError for a name
    that no score has."""
    from framesift.scores.family import score_named

    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError
    return tuple(name if name == ALL else score_named(name).name for name in value)
