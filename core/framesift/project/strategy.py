"""The strategy of a project where nobody names one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from framesift.scores.strategies import usual_strategy
from framesift.selection.rules import EARLIER_STRATEGY, Rules

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
    default = Rules().strategy
    if usual_strategy(settings) != default:
        return usual_strategy(settings)
    earlier = _scored(project, EARLIER_STRATEGY) > _scored(project, default)
    return EARLIER_STRATEGY if earlier else default


def _scored(project: Project, signal: str) -> int:
    """How many frames the fullest series of each video have a score of."""
    return sum(record.scored for record in project.series.best(signal=signal).values())
