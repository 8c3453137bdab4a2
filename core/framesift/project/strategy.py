"""The strategy of a project where nobody names one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from framesift.scores.strategies import usual_strategy
from framesift.selection.rules import EARLIER_STRATEGY

if TYPE_CHECKING:
    from framesift.project.project import Project


def usual_strategy_of(project: Project, settings: Iterable[str] = ()) -> str:
    """The default; of a project of which the default of before has scored more frames, that
    one: nothing has to be scored again.

    Args:
        project: an open project.
        settings: names of settings of a score that are given; see
            framesift.scores.strategies.usual_strategy.

    Returns:
        A strategy's name.

    Example:
        >>> usual_strategy_of(project)
        'entropy'
    """
    usual = usual_strategy(settings)
    if usual == EARLIER_STRATEGY:
        return usual
    fullest: dict[str, dict[str, int]] = {EARLIER_STRATEGY: {}, usual: {}}
    for record in project.series.all():
        if record.signal in fullest:
            of = fullest[record.signal]
            of[record.video] = max(of.get(record.video, 0), record.scored)
    earlier, now = (sum(of.values()) for of in fullest.values())
    return EARLIER_STRATEGY if earlier > now else usual
