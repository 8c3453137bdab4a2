"""Taking picks into the ledger; runs on the project's thread."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project import Cycle, Project, SelectionInputs, by_drive
from framesift.selection.choosing import Choice, choose
from framesift.selection.rules import Rules


def taken(
    project: Project,
    rules: Rules,
    wanted: Mapping[str, Any],
    declined: frozenset[FrameKey],
    offered: set[FrameKey],
    checkpoint: str,
) -> tuple[Cycle, SelectionInputs]:
    """Selects once more from what is stored, and takes it."""
    from framesift.loop import Offer, take

    inputs = _without(project.ledger.inputs(wanted), declined, offered)
    if rules.needs_scores and not inputs.series:
        raise InputError("Nothing is scored yet; score the footage first.")
    first = next(iter(inputs.series.values()), None)
    recipe: Mapping[str, Any] = first.recipe if first is not None else {}
    offer = Offer(
        inputs,
        _choice(inputs, rules),
        rules,
        str(recipe.get("detector", "")),
        recipe.get("score", {}),
    )
    cycle = take(project, offer, checkpoint=Path(checkpoint).name).cycle
    return cycle, project.ledger.inputs(wanted)


def _without(
    inputs: SelectionInputs, declined: frozenset[FrameKey], offered: set[FrameKey]
) -> SelectionInputs:
    """Declined frames are excluded; frames labelled while they were offered are not."""
    refused = by_drive(declined, inputs.drives)
    kept = by_drive(offered, inputs.drives)
    excluded = {
        drive.key: tuple(
            sorted(
                ({*inputs.excluded.get(drive.key, ())} - {*kept.get(drive.key, ())})
                | {*refused.get(drive.key, ())}
            )
        )
        for drive in inputs.drives
    }
    return SelectionInputs(
        inputs.drives, inputs.values, inputs.thumbnails, inputs.taken, excluded, inputs.series
    )


def _choice(inputs: SelectionInputs, rules: Rules) -> Choice:
    return choose(
        inputs.drives,
        inputs.values,
        rules,
        taken=inputs.taken,
        thumbnails=inputs.thumbnails if rules.look_alike != "off" else None,
        excluded=inputs.excluded,
    )


def replayed(project: Project, number: int) -> Any:
    """The selection of a cycle, made again, for the reasons in it."""
    from framesift.loop import replay

    return replay(project, number).choice.selection


def dropped(
    project: Project, number: int, key: FrameKey, rules: Rules, wanted: Mapping[str, Any]
) -> tuple[Cycle, SelectionInputs]:
    """Declines a pick of a cycle and takes the next best frame in its place: one gesture."""
    with project.journal.gesture("drop", ""):
        project.ledger.drop_pick(number, key)
        inputs = project.ledger.inputs(wanted)
        with contextlib.suppress(InputError):
            best = next(iter(_choice(inputs, replace(rules, budget=1)).selection), None)
            if best is not None:
                record = inputs.pick(
                    best.video, best.frame, rank=best.rank, score=best.score, raw=best.raw
                )
                project.ledger.add_pick(number, replace(record, origin="replacement"))
    return project.ledger.cycle(number), project.ledger.inputs(wanted)
