"""Taking what is offered: functions of the project, for its thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framesift.labels import FrameKey
from framesift.project import Cycle, Project, SelectionInputs
from framesift.selection import Rules
from framesift.selection.timeline import Grid
from framesift_app.session.scores import Scores

Taken = tuple[Cycle, SelectionInputs]


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes by some rules, and by the scores as they are when it is asked; never what was
    `declined`."""

    rules: Rules
    declined: frozenset[FrameKey]
    scores: Scores

    def take(self, offered: set[FrameKey], checkpoint: str) -> Callable[[Project], Taken]:
        """Takes what is offered, selected once more from what is stored."""
        known, recipes = self._known(), self.scores.recipes()

        def run(project: Project) -> Taken:
            from framesift.loop.cycles import selection, take

            offer = selection(
                project, self.rules, declined=self.declined, open_to=offered, **known
            )
            cycle = take(project, offer, checkpoint=Path(checkpoint).name).cycle
            return cycle, project.ledger.inputs(recipes)

        return run

    def replace(self, cycle: int, key: FrameKey) -> Callable[[Project], Taken]:
        """Drops a cycle's pick, and takes the next best frame in its place."""
        known, recipes = self._known(), self.scores.recipes()

        def run(project: Project) -> Taken:
            from framesift.loop.cycles import replace_pick

            changed = replace_pick(project, cycle, key, self.rules, **known)
            return changed, project.ledger.inputs(recipes)

        return run

    def _known(self) -> dict[str, Any]:
        """What framesift.loop.selection is told beside the rules."""
        return {
            "detector": self.scores.detector,
            "scores": self.scores.plain,
            "grid": Grid(self.scores.every),
        }
