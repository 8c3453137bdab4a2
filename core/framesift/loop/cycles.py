"""Selecting from a project's scores; taking the picks; making a selection again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from framesift.errors import InputError
from framesift.evaluation import Comparison, compare, load_evaluation
from framesift.project import Cycle, Project, SelectionInputs
from framesift.selection.choosing import Choice, choose
from framesift.selection.rules import Rules


@dataclass(frozen=True, slots=True)
class Offer:
    """A selection from a project's scores, not taken yet, and what it was made from."""

    inputs: SelectionInputs
    choice: Choice
    rules: Rules
    detector: str
    score: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A cycle that was written to the ledger, with the selection that made it."""

    cycle: Cycle
    offer: Offer


@dataclass(frozen=True, slots=True)
class Replayed:
    """A selection made again; `same`: every pick and every value equals the ledger's."""

    cycle: Cycle
    choice: Choice
    same: bool


def selection(
    project: Project, rules: Rules, *, detector: str, score: Mapping[str, Any]
) -> Offer:
    """What would be picked now; nothing is taken.

    `detector` is the identity of the detector and `score` the FrameScorer settings (without a
    mask) whose series count. Frames of the evaluation set and labelled ones are never picked,
    frames of earlier cycles block ±Δt2. Raises InputError where nothing is scored so.
    """
    wanted = {"detector": detector, "score": dict(score)}
    inputs = project.ledger.inputs(wanted, thumbnails=rules.look_alike != "off")
    if rules.needs_scores and not inputs.series:
        raise InputError(
            "Nothing is scored with this detector and these settings; run "
            "`framesift score` first, or `framesift cycle`, which scores what is "
            "missing."
        )
    return Offer(inputs, _choose(inputs, rules), rules, detector, dict(score))


def _choose(inputs: SelectionInputs, rules: Rules) -> Choice:
    values: Mapping[str, Any] = inputs.values
    if not rules.needs_scores:
        values = {key: np.zeros(len(one)) for key, one in inputs.values.items()}
    return choose(
        inputs.drives,
        values,
        rules,
        taken=inputs.taken,
        thumbnails=inputs.thumbnails,
        excluded=inputs.excluded,
    )


def take(project: Project, offer: Offer, *, checkpoint: str) -> Taken:
    """Writes the offer to the ledger: its picks are taken from now on.

    `checkpoint`: the name or file of the detector. Raises InputError when there is no pick.
    """
    picks = [
        offer.inputs.pick(
            pick.video,
            pick.frame,
            rank=pick.rank,
            score=pick.score,
            raw=pick.raw,
            reason=_reason(project, offer.inputs, pick.video, pick.frame),
        )
        for pick in offer.choice.selection
    ]
    if not picks:
        why = offer.choice.selection.why_short()
        raise InputError(f"There is no frame left to take. {why}")
    settings = {**offer.rules.settings(), "score": dict(offer.score)}
    cycle = project.ledger.take(
        offer.inputs, picks, detector=offer.detector, checkpoint=checkpoint, settings=settings
    )
    return Taken(cycle, offer)


def _reason(
    project: Project, inputs: SelectionInputs, drive: str, frame: int
) -> dict[str, Any]:
    key = next(d for d in inputs.drives if d.key == drive).key_of(frame)
    series = inputs.series.get(key.video)
    if series is None:
        return {}
    maxima = project.series.maxima(series, [key.frame]).get(key.frame, ())
    return {"maxima": [list(one) for one in maxima]}


def replay(project: Project, number: int) -> Replayed:
    """Makes a cycle's selection again from what it was made from, whatever was scored, taken
    or labelled since, and compares."""
    cycle = project.ledger.cycle(number)
    inputs = project.ledger.replay_inputs(number)
    choice = _choose(inputs, Rules.from_settings(cycle.settings))
    again = [
        (p.key, p.rank, p.score, p.raw)
        for p in (
            inputs.pick(pick.video, pick.frame, rank=pick.rank, score=pick.score, raw=pick.raw)
            for pick in choice.selection
        )
    ]
    kept = [(p.key, p.rank, p.score, p.raw) for p in cycle.picks if p.origin == "selection"]
    return Replayed(cycle, choice, again == kept)


def compare_cycles(project: Project, before: int, after: int) -> Comparison:
    """What lies between the detectors of two cycles, on the same evaluation frames: what the
    labels in between fixed and broke. Cycle 0 is the initial detector.

    Raises InputError when one of them was not evaluated.
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
