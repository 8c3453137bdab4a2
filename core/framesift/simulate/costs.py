"""What a run costs: seconds of a person's work, and milliseconds of the machine's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framesift.simulate.settings import Experiment
from framesift.simulate.store import Row


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of a person's work: a frame, and in it a box, a point, four extreme clicks, an
    answer to a proposal, a tag."""

    label_s: float
    box_s: float
    point_s: float = 0.0
    extreme_s: float = 0.0
    answer_s: float = 0.0
    tag_s: float = 0.0

    @staticmethod
    def of(experiment: Experiment, factor: float = 1.0) -> Costs:
        """Those of an experiment; `factor`: of the two that are assumed."""
        return Costs(
            experiment.label_s,
            experiment.box_s,
            experiment.point_s,
            experiment.extreme_s * factor,
            experiment.answer_s * factor,
            experiment.tag_s,
        )


def labelling_seconds(row: Row, costs: Costs) -> float:
    """A person's time for all labels so far."""
    work = row.work or {"boxes": row.boxes}
    each = {
        "boxes": costs.box_s,
        "points": costs.point_s,
        "extremes": costs.extreme_s,
        "answers": costs.answer_s,
        "tags": costs.tag_s,
    }
    return row.frames * costs.label_s + sum(each[kind] * n for kind, n in work.items())


def machine_costs(rows: Sequence[Row]) -> Mapping[str, tuple[float, float]]:
    """By variant: milliseconds to score a frame, and to train on one once; measured."""
    costs: dict[str, tuple[float, float]] = {}
    for name in dict.fromkeys(row.variant for row in rows):
        run = [row for row in rows if row.variant == name and row.cycle]
        scored = sum(row.scored for row in run)
        trained = sum(row.trained for row in run)
        costs[name] = (
            1e3 * sum(row.seconds.get("scoring", 0.0) for row in run) / max(1, scored),
            1e3 * sum(row.seconds.get("training", 0.0) for row in run) / max(1, trained),
        )
    return costs
