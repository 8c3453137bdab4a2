"""Several detectors over one frame's boxes: where they put them, and what they take them for.

Boxes of the detectors are one object's where they match one to one (IoU ≥ 0.5). A detector that
has no box of an object overlaps it by 0 and says "nothing there" with certainty. The overlaps
are those of Schmidt et al. (IV 2020), the entropies those of Haussmann et al. (IV 2020).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.records.settings import check
from framesift.scores.aggregates import aggregate_setting, aggregated, threshold_setting
from framesift.scores.frame_signal import Batch, FrameSignal, Measured
from framesift.scores.other_detectors import detectors_of, ensemble_setting, in_recipe

if TYPE_CHECKING:
    import numpy as np

    from framesift import boxes as geometry
    from framesift.scores import found as compare
    from framesift.scores.found import Found, Values
else:
    np = lazy_module("numpy")
    geometry = lazy_module("framesift.boxes")
    compare = lazy_module("framesift.scores.found")


@dataclass(frozen=True, slots=True)
class EnsembleBoxParams:
    """What ensembles of detectors have of their own where boxes are compared."""

    aggregate: str = aggregate_setting()
    box_threshold: float = threshold_setting()
    ensemble: tuple[str, ...] = ensemble_setting()

    def __post_init__(self) -> None:
        check(self, "score")


@dataclass(slots=True, eq=False)
class Object:
    """One object: which row of which detector's boxes is its box; `first` names the detector
    whose box stands for it."""

    first: int
    rows: dict[int, int] = field(default_factory=dict)


def objects(by_detector: Sequence[Found]) -> list[Object]:
    """The objects that detectors found in one frame, those of the first detector first."""
    known: list[Object] = []
    for member, here in enumerate(by_detector):
        standing = [
            by_detector[entity.first].boxes[entity.rows[entity.first]] for entity in known
        ]
        pairs = compare.matched(np.array(standing).reshape(-1, 4), here.boxes)
        for place, row in pairs.tolist():
            known[place].rows[member] = row
        alone = np.setdiff1d(np.arange(len(here)), pairs[:, 1])
        known += [Object(member, {member: row}) for row in alone.tolist()]
    return known


class EnsembleBoxes(FrameSignal):
    """What signals of several detectors' boxes have in common."""

    params = EnsembleBoxParams
    needs = ("boxes", "checkpoints")
    cost = "M detectors"

    def recipe(self, params: Any) -> dict[str, Any]:
        return in_recipe(super().recipe(params))

    def measure(self, batch: Batch, params: EnsembleBoxParams) -> Sequence[Measured]:
        every = detectors_of(batch.detector, params.ensemble, self.name)  # type: ignore[arg-type]
        least = params.box_threshold

        def looks() -> list[Any]:
            return [batch.detector.found(batch.frames, None, least)] + [
                member.predict(batch.frames, least) for member in every[1:]
            ]

        key = ("boxes", id(batch.frames), params.ensemble, least)
        predictions = batch.detector.once(key, looks)
        return [
            self.measured(
                [batch.counting.of(entity[n]) for entity in predictions], params.aggregate
            )
            for n in range(len(batch.frames))
        ]

    def measured(self, by_detector: Sequence[Found], aggregate: str) -> Measured:
        """One frame's value from what each detector found in it."""
        known = objects(by_detector)
        if not known:
            return Measured.nothing()
        weights = np.array(
            [by_detector[entity.first].weights[entity.rows[entity.first]] for entity in known]
        )
        sure = np.array(
            [by_detector[entity.first].scores[entity.rows[entity.first]] for entity in known]
        )
        values = np.array([self.value(entity, by_detector) for entity in known]) * weights
        boxes = np.array(
            [by_detector[entity.first].boxes[entity.rows[entity.first]] for entity in known]
        )
        return Measured(aggregated(aggregate, values, sure), boxes, values)

    @abstractmethod
    def value(self, entity: Object, by_detector: Sequence[Found]) -> float:
        """How much the detectors disagree about an object, ≥ 0."""


def apart(entity: Object, by_detector: Sequence[Found]) -> float:
    """1 − the least overlap of two detectors' boxes of an object, [0, 1]; 1 where one of them
    has none."""
    if len(entity.rows) < len(by_detector):
        return 1.0
    boxes = np.array(
        [by_detector[member].boxes[row] for member, row in sorted(entity.rows.items())]
    )
    overlaps = geometry.iou(boxes, boxes)
    return 1.0 - min(float(overlaps[i, j]) for i, j in combinations(range(len(by_detector)), 2))


def answers(entity: Object, by_detector: Sequence[Found]) -> Values:
    """What each detector takes an object for: float64 M×(C+1); "nothing there" where it has no
    box of it."""
    rows = []
    for member, here in enumerate(by_detector):
        nothing = np.zeros(here.outcomes.shape[1])
        nothing[-1] = 1.0
        rows.append(here.outcomes[entity.rows[member]] if member in entity.rows else nothing)
    return np.array(rows)


class EnsembleIou(EnsembleBoxes):
    """1 − the least IoU of any two detectors' boxes of an object."""

    name = "ensemble_iou"
    title = "Place of several detectors' boxes"
    description = "where several detectors put a box differently"
    failure = "bad boxes and misses"

    def value(self, entity: Object, by_detector: Sequence[Found]) -> float:
        return apart(entity, by_detector)


class EnsembleIouClass(EnsembleBoxes):
    """The same where all detectors give an object one class; 1 where they do not."""

    name = "ensemble_iou_class"
    title = "Place and class of several detectors' boxes"
    description = "where several detectors put or call a box differently"
    failure = "bad boxes, wrong classes, misses"

    def value(self, entity: Object, by_detector: Sequence[Found]) -> float:
        classes = {
            int(by_detector[member].categories[row]) for member, row in entity.rows.items()
        }
        return apart(entity, by_detector) if len(classes) == 1 else 1.0


class EnsembleBoxEntropy(EnsembleBoxes):
    """H(mean_e q_e) of an object's outcomes q over detectors e, in nats."""

    name = "ensemble_box_entropy"
    title = "Entropy of several detectors' boxes"
    description = "where several detectors together are unsure of a box"
    failure = "false positives, wrong classes, misses"

    def value(self, entity: Object, by_detector: Sequence[Found]) -> float:
        return float(compare.entropy_of(answers(entity, by_detector).mean(0, keepdims=True))[0])


class EnsembleBoxMi(EnsembleBoxes):
    """H(mean_e q_e) − mean_e H(q_e) of an object's outcomes q over detectors e, in nats."""

    name = "ensemble_box_mi"
    title = "Disagreement of several detectors' boxes"
    description = "where several detectors disagree about a box"
    failure = "wrong classes and misses"

    def value(self, entity: Object, by_detector: Sequence[Found]) -> float:
        rows = answers(entity, by_detector)
        mean = float(compare.entropy_of(rows.mean(0, keepdims=True))[0])
        return max(0.0, mean - float(compare.entropy_of(rows).mean()))
