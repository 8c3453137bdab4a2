"""The strategy of a project where nobody names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.selection.rules import EARLIER_STRATEGY, Rules

if TYPE_CHECKING:
    from framesift.project.project import Project


def usual_strategy_of(project: Project) -> str:
    """The default; of a project that is scored by the default of before and not by it, that
    one: nothing has to be scored again.

    Args:
        project: an open project.

    Returns:
        A strategy's name.

    Example:
        >>> usual_strategy_of(project)
        'entropy'
    """
    default = Rules().strategy
    scored_by = {record.signal for record in project.series.all()}
    goes_on = EARLIER_STRATEGY in scored_by and default not in scored_by
    return EARLIER_STRATEGY if goes_on else default
