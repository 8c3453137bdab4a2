"""Where a detector and a frame's labels disagree: labels that it does not find, boxes of which
it is sure and that no label has, and labels that lie elsewhere than its boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box, Prediction, as_array, iou
from framesift.evaluation.check_settings import CheckSettings, Kind
from framesift.evaluation.matching import FALSE, match_frame


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that a detector sees otherwise than the labels.

    `label`: the place of the label among the frame's boxes, None where it has none; `box`: the
    label, or else the detector's box; `detected`: the detector's box, None where it has none.
    `score`: the detector's, in [0, 1], 0 without a box. `iou`: of label and detected box.
    `severity` in [0, 1]: how sure the detector is that the labels are wrong; for an unmatched
    label 1 − the best score of a box at its place, for an unmatched box its score, for a low
    IoU the score times the share of the reachable IoU that is lacking.
    """

    kind: Kind
    box: Box
    severity: float
    label: int | None = None
    detected: Box | None = None
    score: float = 0.0
    iou: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameCheck:
    """What a detector says of a frame's labels. `labels`: how many were checked;
    `out_of_reach`: how many were not, since no box of the detector's sizes could match them."""

    disagreements: tuple[Disagreement, ...]
    labels: int
    out_of_reach: int


def disagreements(
    prediction: Prediction,
    boxes: Sequence[Box],
    classes: Sequence[str],
    settings: CheckSettings | None = None,
    *,
    reach: NDArray[np.float64] | None = None,
) -> FrameCheck:
    """Compares a frame's labels with a detector's boxes, class by class. What an ignore region
    covers is left alone; labels of classes that the detector does not know are not checked.

    Args:
        prediction: the detector's boxes, the unsure ones too.
        boxes: the frame's labels, in the same pixels.
        classes: what the prediction's category numbers mean.
        settings: when a label is doubted; None: the defaults.
        reach: for each label the best IoU in [0, 1] that the detector's boxes could have; None:
            1 for all.

    Returns:
        A FrameCheck, the worst disagreement first.

    Example:
        >>> sure = Prediction(np.array([[9.0, 9, 19, 39]]), np.array([0.9]), np.array([0]))
        >>> disagreements(sure, [], ["pedestrian"]).disagreements[0].kind
        'unmatched_box'
    """
    settings = settings or CheckSettings()
    best = np.ones(len(boxes)) if reach is None else np.asarray(reach, np.float64)
    doubted: list[Disagreement] = []
    checked = out = 0
    for number, category in enumerate(classes):
        of_class = _Class.of(prediction, boxes, classes, number)
        reachable = best[of_class.places] >= settings.iou
        checked += int(reachable.sum())
        out += int((~reachable).sum())
        states, taken = of_class.matched(settings)
        doubted += of_class.unmatched_boxes(states, category, settings)
        doubted += of_class.doubted_labels(taken, boxes, best, settings)
    # Of what is equally doubtful the larger first: it is the easier seen.
    doubted.sort(key=lambda d: (-d.severity, -d.box.width * d.box.height))
    return FrameCheck(tuple(doubted), checked, out)


@dataclass(frozen=True, slots=True)
class _Class:
    """One class of a frame: `places` of its labels, `regions` that are ignored, N×4 each;
    detections N×4 with scores, the surest first."""

    places: NDArray[np.int64]
    labels: NDArray[np.float64]
    regions: NDArray[np.float64]
    detections: NDArray[np.float64]
    scores: NDArray[np.float64]

    @staticmethod
    def of(
        prediction: Prediction, boxes: Sequence[Box], classes: Sequence[str], number: int
    ) -> _Class:
        category = classes[number]
        places = [
            i for i, box in enumerate(boxes) if box.category == category and not box.ignore
        ]
        regions = [
            box
            for box in boxes
            if box.ignore and (box.category == category or box.category not in classes)
        ]
        of_class = np.flatnonzero(prediction.categories == number)
        order = of_class[np.argsort(-prediction.scores[of_class], kind="stable")]
        return _Class(
            np.asarray(places, np.int64),
            as_array([boxes[i] for i in places]),
            as_array(regions),
            prediction.boxes[order].astype(np.float64),
            prediction.scores[order].astype(np.float64),
        )

    def matched(self, settings: CheckSettings) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
        """What became of each sure detection, and for each label which one found it, −1 for
        none."""
        sure = self.detections[self.scores >= settings.confidence]
        every = np.concatenate([self.labels, self.regions])
        ignored = np.arange(len(every)) >= len(self.labels)
        states, taken = match_frame(sure, every, ignored, settings.iou)
        return states, taken[: len(self.labels)]

    def unmatched_boxes(
        self, states: NDArray[np.int8], category: str, settings: CheckSettings
    ) -> Iterator[Disagreement]:
        """Sure boxes at places where there is no label."""
        overlap = iou(self.detections, self.labels)
        for at in np.flatnonzero(states == FALSE):
            # A second box of a labelled object says nothing against its label.
            if not (overlap[at] >= settings.iou).any():
                box, score = self._detected(int(at), category), float(self.scores[at])
                yield Disagreement("unmatched_box", box, score, None, box, score)

    def doubted_labels(
        self,
        taken: NDArray[np.int64],
        boxes: Sequence[Box],
        best: NDArray[np.float64],
        settings: CheckSettings,
    ) -> Iterator[Disagreement]:
        """Labels without a sure box, and those whose box lies elsewhere."""
        overlap = iou(self.labels, self.detections)
        for row, (place, match) in enumerate(zip(self.places, taken, strict=True)):
            label, reach = boxes[place], float(best[place])
            if reach < settings.iou:
                continue
            if match < 0:
                yield self._unmatched(label, int(place), overlap[row], settings)
                continue
            share = min(1.0, float(overlap[row, match]) / reach)
            if share < settings.low_iou:
                score = float(self.scores[match])
                yield Disagreement(
                    "low_iou",
                    label,
                    score * (1 - share),
                    int(place),
                    self._detected(int(match), label.category),
                    score,
                    float(overlap[row, match]),
                )

    def _unmatched(
        self, label: Box, place: int, overlap: NDArray[np.float64], settings: CheckSettings
    ) -> Disagreement:
        there = np.flatnonzero(overlap >= settings.iou)
        if not len(there):
            return Disagreement("unmatched_label", label, 1.0, place)
        at = int(there[0])
        score = float(self.scores[at])
        detected = self._detected(at, label.category)
        return Disagreement(
            "unmatched_label", label, 1 - score, place, detected, score, float(overlap[at])
        )

    def _detected(self, at: int, category: str) -> Box:
        x1, y1, x2, y2 = (float(edge) for edge in self.detections[at])
        return Box(x1, y1, x2, y2, category)
