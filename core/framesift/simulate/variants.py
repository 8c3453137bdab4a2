"""One line of a comparison: a strategy, and what it changes of the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from framesift.errors import InputError
from framesift.records.settings import REQUIRED, check, from_plain
from framesift.simulate.keys import in_file, plain_table
from framesift.simulate.kinds import LABELS, WEAK
from framesift.training import PRESETS

Plain = Mapping[str, Any]
STARTS = ("initial", "current", "random")
"""What a cycle can train from: the initial detector, that of the cycle before, or weights drawn
at random."""


def _name(value: object) -> str:
    """A variant's name. Raises InputError for one that cannot be a folder's."""
    if not isinstance(value, str):
        raise ValueError
    if not value or any(c in value for c in "/\\:\0") or value[0] == ".":
        raise InputError(
            f"A variant is called {value!r}; give it a name that can be a folder's."
        )
    return value


@dataclass(frozen=True, slots=True)
class Variant:
    """One line of the comparison: a strategy, and what it changes of the experiment's `rules`,
    `score` and `training` settings."""

    name: str = in_file(
        REQUIRED, title="Name", help="of the line, and of its folder", parse=_name
    )
    strategy: str = in_file(
        "divergence",
        title="Strategy",
        help="how frames are chosen: a name, or a TOML file from the experiment's folder",
    )
    seeds: int | None = in_file(
        None,
        title="Seeds",
        help="how many of the experiment's seeds it runs",
        low=1,
        empty="all",
    )
    cycles: int | None = in_file(
        None, title="Cycles", help="of its own", low=1, empty="the experiment's"
    )
    budget: int | None = in_file(
        None, title="Budget", help="frames a cycle of its own", low=1, empty="the experiment's"
    )
    rules: Plain = in_file(dict, title="Rules", help="of the selection", parse=plain_table)
    score: Plain = in_file(dict, title="Score", help="settings of the score", parse=plain_table)
    training: Plain = in_file(
        dict, title="Training", help="settings of the cycles' training", parse=plain_table
    )
    preset: str | None = in_file(
        None,
        title="Preset",
        help="of training, for each cycle's number of labels; it goes before the experiment's "
        "training, and the variant's before both",
        choices=tuple(PRESETS),
        empty="the experiment's",
    )
    start: str | None = in_file(
        None,
        title="Start",
        help="what a cycle trains from",
        choices=STARTS,
        empty="the experiment's",
    )
    labels: str = in_file(
        "boxes",
        title="Labels",
        help="what the oracle gives of each frame",
        choices=LABELS,
    )
    stills: bool = in_file(
        False, title="Stills", help="the pool is unordered pictures: no time, no distances"
    )
    everything: bool = in_file(
        False, title="Everything", help="no selection: the whole pool is labelled at once"
    )
    ablation: bool = in_file(False, title="Ablation", help="shown among the ablations")

    def __post_init__(self) -> None:
        check(self, "variant")
        weak = self.training.get("weak", {})
        off = self.training.get("weak.enabled", weak.get("enabled", True)) is False
        if off and self.labels in WEAK:
            raise InputError(
                f"The variant {self.name} has {self.labels} for labels and trains without weak "
                "labels; leave weak.enabled out, or give it boxes."
            )


def variants_of(value: object) -> tuple[Variant, ...]:
    """The variants of an experiment's file. Raises InputError for what are none."""
    if not isinstance(value, list | tuple):
        raise InputError("The experiment's variants are not a list of [[variants]].")
    return tuple(
        entry if isinstance(entry, Variant) else from_plain(Variant, entry, "variant")
        for entry in value
    )
