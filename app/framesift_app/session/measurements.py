"""What was measured of the detectors: miss rate against false positives per image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal

from framesift.errors import InputError
from framesift.project import Event
from framesift_app.session.part import OpenProject, Part

if TYPE_CHECKING:
    from framesift.evaluation import Evaluation
    from framesift.project import Project

FPPI = np.logspace(-3, 1, 81)
"""Where the curves are read off, up to their ends."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The curve of a cycle's detector (0: the initial one), for a class: (false positives per
    image, miss rate) from the strictest threshold on."""

    cycle: int
    category: str
    points: tuple[tuple[float, float], ...]


class Measurements(Part):
    """The curves of the first detector that was measured, and of the latest."""

    changed = Signal()

    def _clear(self) -> None:
        self.curves: tuple[Measured, ...] = ()

    def read(self, project: Project) -> tuple[Measured, ...]:
        latest = {event.cycle: event for event in project.ledger.events(kind="evaluation")}
        shown = [latest[cycle] for cycle in sorted(latest)]
        return tuple(_curves(project, [*shown[:1], *shown[1:][-1:]]))

    def opened(self, project: OpenProject, stored: tuple[Measured, ...]) -> None:
        super().opened(project, stored)
        self.curves = stored

    def announce(self) -> None:
        self.changed.emit()

    def reload(self) -> None:
        """Reads them again: something was measured."""

        def done(stored: tuple[Measured, ...]) -> None:
            self.curves = stored
            self.changed.emit()

        if self._project is not None:
            self._project.ask(self.read, done)


def _curves(project: Project, events: list[Event]) -> Iterator[Measured]:
    from framesift.evaluation import load_evaluation

    for event in events:
        path = project.folder / str(event.data.get("path", ""))
        try:
            evaluation = load_evaluation(path)
        except InputError:
            # Who cleared the folder of reports has the figures all the same, by the ledger.
            continue
        category = evaluation.classes[0]
        yield Measured(event.cycle, category, _points(evaluation, category))


def _points(evaluation: Evaluation, category: str) -> tuple[tuple[float, float], ...]:
    curve = evaluation.result(category, evaluation.headline).curve
    end = float(curve.fppi[-1]) if len(curve.fppi) else 0.0
    read = [*(float(fppi) for fppi in FPPI if fppi < end), end]
    # On logarithmic axes there is no zero.
    return tuple(
        (fppi, rate)
        for fppi, rate in ((fppi, curve.at(fppi)[0]) for fppi in read)
        if fppi > 0 and rate > 0
    )
