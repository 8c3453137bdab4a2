"""A strategy as plain data: signals, their combination, a gate, a spread, a random share."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framesift.errors import InputError, first_line
from framesift.records.settings import (
    REQUIRED,
    Door,
    check,
    from_plain,
    made,
    setting,
    to_plain,
)
from framesift.selection.combining import COMBINATIONS, NORMALISATIONS, SIGNED
from framesift.selection.spreads import SPREADS

NOUN = "strategy"
FILE_ONLY: Mapping[Door, str] = {
    "cli": "a strategy is a file; --strategy names it",
    "window": "a strategy is a file",
    "simulate": "a strategy is a file, which a variant names",
}
in_file = functools.partial(setting, absent=FILE_ONLY)
MOST_BYTES = 1 << 16
"""Of a strategy's file; what is larger is none."""
_CHANGES = ("weights", "combine", "gate", "spread", "random_share")


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 80:
        raise ValueError
    return value.strip()


def _signals(value: object) -> tuple[str, ...]:
    """Names of signals, words joined by underscores. Raises ValueError."""
    if not isinstance(value, list | tuple) or not all(
        isinstance(name, str) and name for name in value
    ):
        raise ValueError
    return tuple(dict.fromkeys(name.replace("-", "_") for name in value))


def _schedule(value: object) -> tuple[Mapping[str, Any], ...]:
    """Steps: `from_cycle`, and what changes with it. Raises InputError, ValueError."""
    if not isinstance(value, list | tuple):
        raise ValueError
    for step in value:
        if not isinstance(step, Mapping) or not isinstance(step.get("from_cycle"), int):
            raise InputError(
                "A step of the strategy's schedule says no from_cycle; give the number of the "
                "cycle that it begins with."
            )
        for name in step:
            if name not in (*_CHANGES, "from_cycle"):
                raise InputError(
                    f"A step of the strategy's schedule changes {name!r}; it can change "
                    f"{', '.join(_CHANGES)}."
                )
    return tuple(dict(step) for step in value)


@dataclass(frozen=True, slots=True)
class StrategySpec:
    """What a composed strategy is; the table says what each key is. Raises InputError for what
    makes no sense; whether there are such signals, who scores them says."""

    name: str = in_file(REQUIRED, title="Name", help="what the strategy is called", parse=_name)
    signals: tuple[str, ...] = in_file(
        REQUIRED, title="Signals", help="the signals that it ranks by", parse=_signals
    )
    title: str = in_file("", title="Title", help="a few words for lists")
    weights: Mapping[str, float] = in_file(
        dict,
        title="Weights",
        help="how much a signal counts in the combination",
        low=0,
        empty="1 each",
    )
    combine: str = in_file(
        "sum",
        title="Combination",
        help="how several signals become one value, after each was normalised",
        choices=tuple(COMBINATIONS),
    )
    normalise: str = in_file(
        "ranks",
        title="Normalisation",
        help="what makes signals comparable: their ranks, their range in the gate (both 0 to "
        "1), or how many standard deviations they are from the pool's mean",
        choices=tuple(NORMALISATIONS),
    )
    gate: int = in_file(
        4,
        title="Gate",
        help="how many budgets of frames, kept apart by all rules, pass to the spread; 0 for "
        "no gate",
        low=0,
        high=1000,
    )
    gate_by: tuple[str, ...] = in_file(
        (),
        title="Gate by",
        help="the signals that the gate goes by, combined as the others",
        parse=_signals,
        empty="those that it ranks by",
    )
    spread: str = in_file(
        "greedy",
        title="Spread",
        help="how frames are chosen among those that pass the gate",
        choices=tuple(SPREADS),
    )
    random_share: float = in_file(
        0.1,
        title="Random share",
        help="share of the budget that is picked at random, under the same rules",
        low=0,
        high=1,
    )
    schedule: tuple[Mapping[str, Any], ...] = in_file(
        (),
        title="Schedule",
        help="what changes from a cycle on, as [[schedule]] with from_cycle",
        parse=_schedule,
        plain=lambda steps: [dict(step) for step in steps],
    )

    def __post_init__(self) -> None:
        check(self, NOUN)
        if not self.signals:
            raise InputError(f"The strategy {self.name} has no signal; name one to rank by.")
        if self.normalise == "gate" and not (self.gate and self.gate_by):
            raise InputError(
                f"The strategy {self.name} goes by the range in the gate and has no gate of "
                "its own; give gate_by, or normalise = ranks."
            )
        if self.normalise == "deviations" and self.combine not in SIGNED:
            raise InputError(
                f"The strategy {self.name} combines deviations, which may be below zero, by "
                f"{self.combine}; combine = {' or '.join(SIGNED)} can, or normalise = ranks."
            )
        if not self.gate and self.spread != "greedy":
            raise InputError(
                f"The strategy {self.name} has a spread and no gate; give a gate from 1 up."
            )
        self._check_weights()
        for step in self.schedule:
            self.at(step["from_cycle"])

    def _check_weights(self) -> None:
        for name in self.weights:
            if name.replace("-", "_") not in self.signals:
                raise InputError(
                    f"The strategy {self.name} weighs {name}, which is none of its signals "
                    f"({', '.join(self.signals)})."
                )
        if not any(self.weight_of(name) for name in self.signals):
            raise InputError(f"The strategy {self.name} gives every signal the weight 0.")

    def weight_of(self, signal: str) -> float:
        """How much a signal counts."""
        weights = {name.replace("-", "_"): w for name, w in self.weights.items()}
        return weights.get(signal, 1.0)

    def at(self, cycle: int) -> StrategySpec:
        """The strategy in a cycle, from 1 up: with what the latest step that has begun
        changes."""
        begun = [step for step in self.schedule if step["from_cycle"] <= cycle]
        plain = {**to_plain(self), "schedule": []}
        if not begun:
            return made(StrategySpec, plain, noun=NOUN)
        step = max(begun, key=lambda step: int(step["from_cycle"]))
        changes = {name: value for name, value in step.items() if name != "from_cycle"}
        return from_plain(StrategySpec, {**plain, **changes}, NOUN)


def spec_from_text(text: str) -> StrategySpec:
    """A strategy from its JSON, as ledgers keep it. Raises InputError."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"A strategy cannot be read: {first_line(error)}.") from error
    return from_plain(StrategySpec, data, NOUN)


def spec_text(spec: StrategySpec) -> str:
    """The inverse: one line, the same for the same strategy."""
    return json.dumps(to_plain(spec), sort_keys=True, ensure_ascii=False)


def load_spec(path: Path) -> StrategySpec:
    """A strategy from a TOML file, called like the file unless it says a name. Raises
    InputError for what cannot be read or makes no sense."""
    import tomllib

    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES or any(line.count(b".") > 100 for line in data.splitlines()):
            raise ValueError("it is too large")
        values = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise InputError(
            f"Cannot read the strategy {path}: {error.strerror or error}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"The strategy {path} is not TOML: {first_line(error)}.") from error
    return from_plain(StrategySpec, {"name": path.stem, **values}, NOUN)
