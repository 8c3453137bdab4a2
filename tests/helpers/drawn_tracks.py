"""Who is who in a drawn drive, detections made from it, and how a library scores tracks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Prediction, iou
from framesift.synth import SynthDrive
from framesift.synth.canvas import Canvas
from framesift.synth.scene import _draw_walker
from framesift.tracking import Detections, Tracks


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """One frame's people: boxes float64 N×4, and who each is."""

    frame: int
    seconds: float
    boxes: NDArray[np.float64]
    ids: NDArray[np.int64]


def truth(drive: SynthDrive, frames: Iterable[int]) -> list[Truth]:
    """The people of each frame that are not ignore regions, told apart."""
    return [_people(drive, number) for number in frames]


def _people(drive: SynthDrive, number: int) -> Truth:
    labels = [box for box in drive.labels(number) if not box.ignore]
    alone = _each_alone(drive, number) if labels else {}
    known = [(box, alone[box.x1, box.y1, box.x2, box.y2]) for box in labels]
    return Truth(
        number,
        drive.index.seconds(number),
        np.array([(b.x1, b.y1, b.x2, b.y2) for b, _ in known], np.float64).reshape(-1, 4),
        np.array([person for _, person in known], np.int64),
    )


def _each_alone(drive: SynthDrive, number: int) -> dict[tuple[float, ...], int]:
    """The box of each person drawn alone: the one that the label has, too."""
    from framesift.boxes import Box

    rows, cols = drive.height, drive.width
    camera = drive._route.camera(number, rows, cols)
    out: dict[tuple[float, ...], int] = {}
    for person, path in enumerate(drive._traffic.people):
        if path.first <= number <= path.last:
            canvas = Canvas(rows, cols, drive.style.air, None, np.zeros((rows, cols), np.uint8))
            seen = _draw_walker(canvas, camera, path.at(number), 1, drive._world)
            if seen is not None:
                box = Box(*seen.box).clipped(cols, rows)
                out[box.x1, box.y1, box.x2, box.y2] = person
    return out


def detected(
    people: Iterable[Truth], seed: int, gaps: float = 0.2, noise: float = 2.0
) -> list[Detections]:
    """Detections as a detector would give them: a share of the boxes is missing, the sides of
    the others are off by Gaussian noise (σ in pixels), and they come in any order."""
    rng = np.random.default_rng(seed)
    out = []
    for frame in people:
        there = rng.permutation(np.flatnonzero(rng.random(len(frame.ids)) >= gaps))
        boxes = frame.boxes[there] + rng.normal(0.0, noise, (len(there), 4))
        scores = rng.uniform(0.5, 1.0, len(there)).astype(np.float32)
        prediction = Prediction(
            boxes.astype(np.float32), scores, np.zeros(len(there), np.int64)
        )
        out.append(Detections(frame.frame, frame.seconds, prediction))
    return out


def idf1(runs: Iterable[tuple[list[Truth], Tracks]], filled: bool = False) -> float:
    """IDF1 over all runs as motmetrics computes it, a match being IoU ≥ 0.5."""
    import motmetrics

    accumulators = [_accumulated(people, tracks, filled) for people, tracks in runs]
    table = motmetrics.metrics.create().compute_many(
        accumulators, metrics=["idf1"], generate_overall=True
    )
    return float(table.loc["OVERALL", "idf1"])


def _accumulated(people: list[Truth], tracks: Tracks, filled: bool):  # type: ignore[no-untyped-def]
    import motmetrics

    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    for frame in people:
        ids, boxes = _shown(tracks, frame.frame, filled)
        distance = 1.0 - iou(frame.boxes, boxes)
        distance[distance > 0.5] = np.nan
        accumulator.update(frame.ids, ids, distance, frameid=frame.frame)
    return accumulator


def _shown(tracks: Tracks, frame: int, filled: bool) -> tuple[list[int], NDArray[np.float64]]:
    ids, boxes = [], []
    for track in tracks.tracks:
        at = np.flatnonzero((track.frames == frame) & (filled | track.detected))
        if len(at):
            ids.append(track.id)
            boxes.append(track.boxes[at[0]])
    return ids, np.array(boxes, np.float64).reshape(-1, 4)
