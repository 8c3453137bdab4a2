"""Selecting from a project's scores; taking the picks; making a selection again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project import (
    Cycle,
    PickRecord,
    Project,
    SelectionInputs,
    SeriesRecord,
    by_drive,
)
from framesift.project.missing import missing_videos
from framesift.scores.strategies import reads, strategy_named
from framesift.selection import Choice, Pick, Rules, Strategy, choose
from framesift.selection.timeline import EVERY_FRAME, Grid

Scores = Mapping[str, Mapping[str, Any]]
"""FrameScorer settings by signal."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A selection from a project, not taken yet, and what it was made from. scores: by signal
    the FrameScorer settings that its values were made with. grid: the frames that were to be
    had where no signal says so. notices: what the selection could not do, a sentence each."""

    inputs: SelectionInputs
    choice: Choice
    rules: Rules
    detector: str
    scores: Scores
    grid: Grid = EVERY_FRAME
    notices: tuple[str, ...] = ()

    def settings(self) -> dict[str, Any]:
        """What the selection was made by, JSON-able: the ledger's."""
        made = {**self.rules.settings(), "score": _plain(self.scores)}
        if self.grid != EVERY_FRAME:
            made["frames"] = [self.grid.every, self.grid.start, self.grid.stop]
        return made


@dataclass(frozen=True, slots=True)
class Taken:
    """A cycle that was written to the ledger, with the selection that made it."""

    cycle: Cycle
    offer: Offer


def selection(
    project: Project,
    rules: Rules,
    *,
    detector: str,
    scores: Scores,
    grid: Grid = EVERY_FRAME,
    declined: Iterable[FrameKey] = (),
    open_to: Iterable[FrameKey] = (),
    damaged: bool = False,
) -> Offer:
    """What would be picked now; nothing is taken.

    Frames of the evaluation set and labelled ones are never picked, frames of earlier cycles
    block ±Δt2. Nothing is picked from videos that are not there now.

    Args:
        project: an open project.
        rules: budget, strategy, distances, look-alikes.
        detector: the identity of the detector whose series count; "" is any.
        scores: by signal the FrameScorer settings (without a mask) whose series count; {} is
            any.
        grid: the frames to choose from, for strategies without signals.
        declined: frames that are not picked.
        open_to: labelled frames that may be picked all the same.
        damaged: whether frames that are known as damaged may be picked.

    Returns:
        An Offer, which `take` takes.

    Raises:
        InputError: the strategy is unknown, or nothing is scored so.

    Example:
        >>> rules = Rules(budget=2, strategy="uniform", look_alike="off")
        >>> len(selection(project, rules, detector="", scores={}).choice.selection)
        2
    """
    strategy = strategy_named(rules.strategy)
    signals = {signal: _entries(detector, scores.get(signal)) for signal in strategy.signals}
    missing = missing_videos(project.videos, project.videos.all("pool"))
    gone = tuple(f"Nothing is picked from a lost video: {text}" for text in missing.values())
    stored = project.ledger.inputs(
        signals, descriptors=reads(rules), missing=missing, damaged=damaged
    )
    inputs = _with(stored, declined, open_to)
    _check_scored(inputs)
    if strategy.signals:
        made_with = {signal: _recipe(of) for signal, of in inputs.series.items()}
        detector = detector or str(made_with[strategy.signals[0]].get("detector", ""))
        scores = {signal: recipe.get("score", {}) for signal, recipe in made_with.items()}
        choice = choose(inputs.pool(), rules)
        stated = (*gone, *choice.selection.notes)
        return Offer(inputs, choice, choice.rules, detector, scores, notices=stated)
    inputs, notices = _described(project, inputs, grid, strategy)
    choice = choose(inputs.pool(candidates_of(inputs, grid)), rules)
    stated = (*gone, *notices, *choice.selection.notes)
    return Offer(inputs, choice, choice.rules, detector, {}, grid, stated)


def _entries(detector: str, score: Mapping[str, Any] | None) -> dict[str, Any]:
    entries: dict[str, Any] = {"detector": detector} if detector else {}
    return entries if score is None else {**entries, "score": dict(score)}


def _recipe(series: Mapping[str, SeriesRecord]) -> Mapping[str, Any]:
    return next(iter(series.values())).recipe


def _check_scored(inputs: SelectionInputs) -> None:
    for signal, of in inputs.series.items():
        if not of:
            raise InputError(
                f"Nothing is scored with this detector and these settings ({signal}); run "
                "`framesift score` first, or `framesift cycle`, which scores what is "
                "missing."
            )


def _with(
    inputs: SelectionInputs, declined: Iterable[FrameKey], open_to: Iterable[FrameKey]
) -> SelectionInputs:
    refused, kept = by_drive(declined, inputs.drives), by_drive(open_to, inputs.drives)
    if not refused and not kept:
        return inputs
    excluded = {
        drive.key: tuple(
            sorted(
                ({*inputs.excluded.get(drive.key, ())} - {*kept.get(drive.key, ())})
                | {*refused.get(drive.key, ())}
            )
        )
        for drive in inputs.drives
    }
    return replace(inputs, excluded=excluded)


def candidates_of(
    inputs: SelectionInputs, grid: Grid
) -> Mapping[str, NDArray[np.bool_]] | None:
    if grid == EVERY_FRAME:
        return None
    return {drive.key: grid.mask(drive) for drive in inputs.drives}


def _described(
    project: Project, inputs: SelectionInputs, grid: Grid, strategy: Strategy
) -> tuple[SelectionInputs, tuple[str, ...]]:
    """Without what only a part of the candidates is described by: it would depend on what was
    scored before."""
    notices = []
    whole = dict(inputs.descriptors)
    for name in inputs.descriptors:
        missing = sum(
            int((grid.of(len(clip)) & ~project.series.described(clip.id, name)).sum())
            for drive in inputs.drives
            if drive.kind != "stills"
            for clip in drive.clips
        )
        if missing and name not in strategy.descriptors:
            del whole[name]
            notices.append(
                f"Look-alikes are not compared: {missing} frames have no {name} yet; "
                f"`framesift score --strategy {strategy.name}` makes them."
            )
    return replace(inputs, descriptors=whole), tuple(notices)


def take(project: Project, offer: Offer, *, checkpoint: str) -> Taken:
    """Writes an offer to the ledger: its picks are taken from now on.

    Args:
        project: a project open for writing.
        offer: what `selection` gave.
        checkpoint: the name or file of the detector.

    Returns:
        Taken: the new cycle and the offer.

    Raises:
        InputError: the offer has no pick.

    Example:
        >>> with framesift.Project.create("taken") as another:
        ...     _ = another.videos.add_drive([video])
        ...     rules = Rules(budget=2, strategy="uniform", look_alike="off")
        ...     offer = selection(another, rules, detector="", scores={})
        ...     len(take(another, offer, checkpoint="pedestrian").cycle.picks)
        2
    """
    picks = [_record(project, offer.inputs, pick) for pick in offer.choice.selection]
    if not picks:
        why = offer.choice.selection.why_short()
        raise InputError(f"There is no frame left to take. {why}")
    cycle = project.ledger.take(
        offer.inputs,
        picks,
        detector=offer.detector,
        checkpoint=checkpoint,
        settings=offer.settings(),
    )
    return Taken(cycle, offer)


def replace_pick(
    project: Project,
    number: int,
    key: FrameKey,
    rules: Rules,
    *,
    detector: str,
    scores: Scores,
    grid: Grid = EVERY_FRAME,
) -> Cycle:
    """Declines a pick of a cycle, and takes the next best frame in its place, if there is one:
    one gesture, which undo takes back.

    Args:
        project: a project open for writing.
        number: of the cycle, from 1.
        key: the pick's frame.
        rules: as for `selection`; their budget is 1 here.
        detector: as for `selection`.
        scores: as for `selection`.
        grid: as for `selection`.

    Returns:
        The cycle as it is now.

    Raises:
        InputError: the frame is no pick of the cycle.

    Example:
        >>> from framesift.labels import FrameKey
        >>> try:
        ...     replace_pick(project, 9, FrameKey("clip", 3), Rules(), detector="", scores={})
        ... except InputError as error:
        ...     print(error)
        Frame 3 of clip is no pick of cycle 9.
    """
    with project.journal.gesture("drop", ""):
        project.ledger.drop_pick(number, key)
        with contextlib.suppress(InputError):
            offer = selection(
                project, replace(rules, budget=1), detector=detector, scores=scores, grid=grid
            )
            for pick in offer.choice.selection:
                record = _record(project, offer.inputs, pick)
                project.ledger.add_pick(number, replace(record, origin="replacement"))
    return project.ledger.cycle(number)


def _record(project: Project, inputs: SelectionInputs, pick: Pick) -> PickRecord:
    """A pick as the ledger keeps it, with the places of its picture that made the score."""
    record = inputs.pick(pick.video, pick.frame, rank=pick.rank, score=pick.score, raw=pick.raw)
    reason = dict(pick.reason)
    series = inputs.series_of(record.key.video)
    if series is not None:
        maxima = project.series.maxima(series, [record.key.frame])
        reason["maxima"] = [list(maximum) for maximum in maxima.get(record.key.frame, ())]
    return replace(record, reason=reason)


def _plain(scores: Scores) -> dict[str, Any]:
    """The settings of one score as they are, of several by name."""
    if len(scores) == 1:
        (score,) = scores.values()
        return dict(score)
    return {signal: dict(score) for signal, score in scores.items()}
