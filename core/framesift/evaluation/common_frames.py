"""The frames that two evaluations have in common, with the same labels."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.evaluation.class_result import ClassResult
from framesift.evaluation.matching import Matches
from framesift.evaluation.result import Evaluation


def on_common_frames(
    before: Evaluation, after: Evaluation
) -> tuple[Evaluation, Evaluation, int]:
    """Both, restricted to the frames whose counted labels are the same, in one order."""
    place = {key: index for index, key in enumerate(before.keys)}
    rows = [(place[key], index) for index, key in enumerate(after.keys) if key in place]
    shared = [name for name in after.classes if name in before.classes]
    for name in shared:
        old = _labels_by_frame(before.result(name, before.settings.ious[0]).matches)
        new = _labels_by_frame(after.result(name, after.settings.ious[0]).matches)
        rows = [(i, j) for i, j in rows if np.array_equal(old[i], new[j])]
    if not rows or not shared:
        raise InputError(
            "The two evaluations share no class or no frame with the same labels; "
            "measure both on the same frames."
        )
    left_out = len(before.keys) + len(after.keys) - 2 * len(rows)
    return (
        _restricted(before, [i for i, _ in rows]),
        _restricted(after, [j for _, j in rows]),
        left_out,
    )


def _labels_by_frame(matches: Matches) -> list[NDArray[np.float32]]:
    ends = np.searchsorted(matches.label_frame, np.arange(matches.frames + 1))
    return [matches.label_box[a:b] for a, b in pairwise(ends)]


def _restricted(evaluation: Evaluation, frames: list[int]) -> Evaluation:
    """The evaluation of a part of its frames, in the order given; intervals are dropped."""
    if frames == list(range(evaluation.frames)):
        return evaluation
    results = tuple(
        ClassResult(
            result.category,
            result.iou,
            _restricted_matches(result.matches, frames),
            result.ignored,
        )
        for result in evaluation.results
    )
    blocks = evaluation.blocks[frames] if len(evaluation.blocks) else evaluation.blocks
    return replace(
        evaluation,
        keys=tuple(evaluation.keys[i] for i in frames),
        results=results,
        coco=None,
        blocks=blocks,
    )


def _restricted_matches(matches: Matches, frames: list[int]) -> Matches:
    place = np.full(matches.frames, -1, np.int32)
    place[frames] = np.arange(len(frames), dtype=np.int32)

    def kept(owner: NDArray[np.int32]) -> NDArray[np.int64]:
        new = place[owner]
        return np.argsort(new, kind="stable")[int((new < 0).sum()) :]

    d, g = kept(matches.detection_frame), kept(matches.label_frame)
    return Matches(
        len(frames),
        place[matches.detection_frame[d]],
        matches.detection_score[d],
        matches.detection_state[d],
        matches.detection_box[d],
        place[matches.label_frame[g]],
        matches.label_box[g],
        matches.label_score[g],
        matches.label_reach[g],
    )
