"""A cycle made again, and what lies between two of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from framesift.errors import InputError
from framesift.evaluation import Comparison, compare, load_evaluation
from framesift.loop.cycles import candidates_of
from framesift.project import (
    Cycle,
    Project,
    SelectionInputs,
)
from framesift.scores.strategies import strategy_named, strategy_of_signal
from framesift.selection import Choice, Rules, choose
from framesift.selection.timeline import Grid


@dataclass(frozen=True, slots=True)
class Replayed:
    """A selection made again; `same`: every pick and every value equals the ledger's."""

    cycle: Cycle
    choice: Choice
    same: bool


def replay(project: Project, number: int) -> Replayed:
    """Makes a cycle's selection again from what it was made from, whatever was scored, taken or
    labelled since, and compares.

    Args:
        project: an open project.
        number: of the cycle, from 1.

    Returns:
        Replayed: the cycle, the choice made anew, and whether both are the same.

    Raises:
        InputError: there is no such cycle.

    Example:
        >>> try:
        ...     replay(project, 9)
        ... except InputError as error:
        ...     print(error)
        The project has no cycle 9; it has 0.
    """
    cycle = project.ledger.cycle(number)
    inputs = project.ledger.replay_inputs(number)
    rules = _rules_of(cycle, inputs)
    candidates = None
    if not strategy_named(rules.strategy).signals:
        candidates = candidates_of(inputs, Grid(*cycle.settings.get("frames", ())))
    choice = choose(inputs.pool(candidates), rules)
    again = [
        (p.key, p.rank, p.score, p.raw)
        for p in (
            inputs.pick(pick.video, pick.frame, rank=pick.rank, score=pick.score, raw=pick.raw)
            for pick in choice.selection
        )
    ]
    kept = [(p.key, p.rank, p.score, p.raw) for p in cycle.picks if p.origin == "selection"]
    return Replayed(cycle, choice, again == kept)


def _rules_of(cycle: Cycle, inputs: SelectionInputs) -> Rules:
    """The rules of a cycle. Earlier versions could rank by one score and write down the
    strategy of another: what was ranked by counts."""
    rules = Rules.from_settings(cycle.settings)
    signals = strategy_named(rules.strategy).signals
    if len(signals) == 1 and len(inputs.signals) == 1 and signals[0] not in inputs.signals:
        (ranked_by,) = inputs.signals
        return replace(rules, strategy=strategy_of_signal(ranked_by))
    return rules


def compare_cycles(project: Project, before: int, after: int) -> Comparison:
    """What lies between the detectors of two cycles, on the same evaluation frames: what the
    labels in between fixed and broke.

    Args:
        project: an open project.
        before: a cycle's number; 0 is the initial detector.
        after: a cycle's number.

    Returns:
        A Comparison.

    Raises:
        InputError: one of them was not evaluated.

    Example:
        >>> try:
        ...     compare_cycles(project, 0, 1)
        ... except InputError as error:
        ...     print(str(error)[:47])
        There is no evaluation of the initial detector;
    """
    return compare(*(load_evaluation(_saved(project, number)) for number in (before, after)))


def _saved(project: Project, number: int) -> Any:
    events = project.ledger.events(number, "evaluation")
    paths = [project.folder / e.data["path"] for e in events if "path" in e.data]
    if not paths or not paths[-1].exists():
        which = f"cycle {number}'s detector" if number else "the initial detector"
        raise InputError(
            f"There is no evaluation of {which}; run `framesift evaluate` while "
            "it is the current one."
        )
    return paths[-1]
