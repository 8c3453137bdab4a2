"""Two detectors on the same frames: how far apart, how sure, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import iou as overlap
from framesift.errors import InputError
from framesift.evaluation.bootstrap import (
    Interval,
    Prepared,
    blocks_of,
    draw,
    interval,
    reweighted,
)
from framesift.evaluation.class_result import ClassResult
from framesift.evaluation.common_frames import on_common_frames
from framesift.evaluation.matching import FALSE
from framesift.evaluation.result import Evaluation, Key
from framesift.evaluation.settings import EvaluationSettings
from framesift.records import Progress, RateMeter

SAME_PLACE = 0.5
"""IoU from which two false positives count as the same one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one class at one IoU, before and after.

    figure: "miss_rate" (FPPI = 1) or "log_average_miss_rate". `change` = after − before: below
    zero is better. The interval and `p_value` (two-sided, "no change") come from drawing the
    same frames for both; None where nothing can be drawn.
    """

    category: str
    iou: float
    figure: str
    before: float
    after: float
    interval: Interval | None
    p_value: float | None

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True, eq=False)
class FrameChange:
    """What changed for one class in one frame, each detector at its own FPPI = 1 threshold;
    float32 N×4 boxes in native pixels."""

    key: Key
    category: str
    newly_found: NDArray[np.float32]
    newly_missed: NDArray[np.float32]
    false_gone: NDArray[np.float32]
    false_new: NDArray[np.float32]

    @property
    def change(self) -> int:
        """Errors after minus errors before; below zero is better."""
        return (
            len(self.newly_missed)
            + len(self.false_new)
            - len(self.newly_found)
            - len(self.false_gone)
        )

    @property
    def size(self) -> int:
        """How much changed, for better or worse."""
        return (
            len(self.newly_missed)
            + len(self.false_new)
            + len(self.newly_found)
            + len(self.false_gone)
        )


@dataclass(frozen=True, eq=False)
class Comparison:
    """`before` and `after` on their common frames with equal labels; `left_out` frames of
    either have no such counterpart. `frames`: those with a change, the largest first."""

    before: Evaluation
    after: Evaluation
    iou: float
    left_out: int
    differences: tuple[Difference, ...]
    frames: tuple[FrameChange, ...]

    def difference(
        self,
        category: str | None = None,
        iou: float | None = None,
        figure: str = "miss_rate",
    ) -> Difference:
        """How one figure changed.

        Args:
            category: the class; None: the first.
            iou: at which; None: the headline's.
            figure: "miss_rate" or "log_average_miss_rate".

        Returns:
            A Difference with its interval.

        Raises:
            KeyError: there is none such.
        """
        category = self.after.classes[0] if category is None else category
        iou = self.iou if iou is None else iou
        for difference in self.differences:
            if (difference.category, difference.iou, difference.figure) == (
                category,
                iou,
                figure,
            ):
                return difference
        raise KeyError((category, iou, figure))

    def totals(self) -> dict[str, int]:
        """Labels newly found and newly missed, false positives gone and new."""
        names = ("newly_found", "newly_missed", "false_gone", "false_new")
        return {name: sum(len(getattr(frame, name)) for frame in self.frames) for name in names}


def compare(
    before: Evaluation,
    after: Evaluation,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Compares two evaluations of the same frames: what the last labels fixed.

    Args:
        before: the earlier one.
        after: the later one.
        resamples: of the bootstrap that the intervals and p-values come from, ≥ 0; 0: none.
        seed: of the bootstrap.

    Returns:
        A Comparison of the frames that both have; the others are counted in it.

    Raises:
        InputError: they have no frame in common or count labels differently.

    Example:
        >>> compare(evaluation, evaluation, resamples=0).totals()["newly_found"]
        0
    """
    *_, last = comparing(before, after, resamples=resamples, seed=seed)
    assert isinstance(last, Comparison)
    return last


def comparing(
    before: Evaluation,
    after: Evaluation,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Iterator[Progress | Comparison]:
    """`compare`, and tells how far it has come.

    Args:
        before: the earlier evaluation.
        after: the later one.
        resamples: of the bootstrap, ≥ 0; 0: none.
        seed: of the bootstrap.

    Yields:
        Progress while it resamples, and last the Comparison.

    Raises:
        InputError: they have no frame in common or count labels differently.

    Example:
        >>> framesift.last(comparing(evaluation, evaluation, resamples=0), Comparison).left_out
        0
    """
    _check(before.settings, after.settings)
    iou = after.headline
    first, second, left_out = on_common_frames(before, after)
    blocks = blocks_of(second.keys, after.settings)
    meter = RateMeter(resamples, "resamples", "confidence intervals")
    pairs = [
        (first.result(result.category, result.iou), result)
        for result in second.results
        if result.category in first.classes
    ]
    ready = [(Prepared.of(old.matches), Prepared.of(new.matches)) for old, new in pairs]
    drawn: list[list[NDArray[np.float64]]] = [[] for _ in pairs]
    for weights in draw(blocks, resamples, seed):
        for (old, new), parts in zip(ready, drawn, strict=True):
            parts.append(
                np.stack(reweighted(new, weights)) - np.stack(reweighted(old, weights))
            )
        yield meter.advance(len(weights))
    level = after.settings.level
    differences: list[Difference] = []
    for (before_result, after_result), parts in zip(pairs, drawn, strict=True):
        changes = np.concatenate(parts, axis=1) if parts else np.zeros((2, 0))
        for figure, values in zip(("miss_rate", "log_average_miss_rate"), changes, strict=True):
            differences.append(
                Difference(
                    after_result.category,
                    after_result.iou,
                    figure,
                    getattr(before_result, figure),
                    getattr(after_result, figure),
                    interval(values, level),
                    _p_value(values),
                )
            )
    frames = [
        change
        for old, new in pairs
        if new.iou == iou
        for change in _frame_changes(old, new, second.keys)
    ]
    frames.sort(key=lambda change: (-change.size, change.change, change.key))
    yield Comparison(first, second, iou, left_out, tuple(differences), tuple(frames))


def _p_value(changes: NDArray[np.float64]) -> float | None:
    known = changes[~np.isnan(changes)]
    if len(known) < 2:
        return None
    # The observed sample counts as one draw, so that p is never zero.
    tail = min(int((known <= 0).sum()), int((known >= 0).sum())) + 1
    return min(1.0, 2.0 * tail / (len(known) + 1))


def _check(before: EvaluationSettings, after: EvaluationSettings) -> None:
    names = (
        "ious",
        "min_height",
        "max_height",
        "aspect",
        "aspect_classes",
        "ignore_occluded",
        "discard",
        "working_height",
    )
    for name in names:
        earlier, later = getattr(before, name), getattr(after, name)
        if earlier != later:
            raise InputError(
                f"The two evaluations count labels differently "
                f"({name}: {earlier} and {later}); measure both with the same settings."
            )


def _frame_changes(
    old: ClassResult,
    new: ClassResult,
    keys: tuple[Key, ...],
) -> Iterator[FrameChange]:
    was = old.matches.label_score >= old.threshold
    now = new.matches.label_score >= new.threshold
    old_false, new_false = _false_by_frame(old), _false_by_frame(new)
    owner, boxes = new.matches.label_frame, new.matches.label_box
    touched = set(owner[was != now].tolist()) | old_false.keys() | new_false.keys()
    none = np.zeros((0, 4), np.float32)
    for frame in sorted(touched):
        here = owner == frame
        a, b = old_false.get(frame, none), new_false.get(frame, none)
        same = overlap(a, b) >= SAME_PLACE
        change = FrameChange(
            keys[frame],
            new.category,
            boxes[here & now & ~was],
            boxes[here & was & ~now],
            a[~same.any(axis=1)],
            b[~same.any(axis=0)],
        )
        if change.size:
            yield change


def _false_by_frame(result: ClassResult) -> dict[int, NDArray[np.float32]]:
    matches = result.matches
    at = (matches.detection_state == FALSE) & (matches.detection_score >= result.threshold)
    owner, boxes = matches.detection_frame[at], matches.detection_box[at]
    return {int(frame): boxes[owner == frame] for frame in np.unique(owner)}
