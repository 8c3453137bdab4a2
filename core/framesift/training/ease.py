"""How easily each class was learnt: measured over the labelled frames when training has ended.
PPAL takes the running mean while training; ours follows the frames in their order, so that
every detector that gives boxes has it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framesift.boxes import as_array, iou
from framesift.detectors.ease import EaseHead, ease_of, running
from framesift.training.head_fitting import Learnt
from framesift.training.head_frames import Seen, matches

Objects = list[tuple[int, float]]
"""Each label's class, and its P^ξ J^(1−ξ); 0 where no box matches it."""


class Ease:
    """Measures it."""

    noun = "objects"

    def example(self, seen: Seen) -> tuple[Objects, int]:
        return objects(seen), len(seen.classes)

    def fit(
        self,
        frames: Sequence[tuple[Objects, int]],
        others: Sequence[tuple[Objects, int]],
        seed: int,
    ) -> tuple[EaseHead, int, Learnt | None]:
        """What is known of each class, and of how many objects; nothing is learnt."""
        every = [entry for of_frame, _ in (*frames, *others) for entry in of_frame]
        head = EaseHead(frames[0][1])
        for number in range(len(head.ease)):
            head.ease[number] = running(value for which, value in every if which == number)
        return head.eval(), len(every), None


def objects(seen: Seen) -> Objects:
    """The labels of a frame (no ignore regions), in order."""
    matched = matches(seen.predicted, seen.boxes)
    overlaps = (
        iou(seen.predicted.boxes, as_array(list(seen.boxes)))
        if len(seen.predicted) and seen.boxes
        else np.zeros((len(matched), len(seen.boxes)))
    )
    best = {int(label): row for row, label in enumerate(matched) if label >= 0}
    return [
        (
            seen.classes.index(box.category),
            _ease(seen, best[n], seen.classes.index(box.category), overlaps[best[n], n])
            if n in best
            else 0.0,
        )
        for n, box in enumerate(seen.boxes)
        if not box.ignore
    ]


def _ease(seen: Seen, row: int, category: int, overlap: float) -> float:
    predicted = seen.predicted
    if predicted.probabilities is not None:
        return ease_of(float(predicted.probabilities[row, category]), float(overlap))
    sure = float(predicted.scores[row]) if predicted.categories[row] == category else 0.0
    return ease_of(sure, float(overlap))
