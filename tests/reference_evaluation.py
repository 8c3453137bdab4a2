"""A slow, plain transcription of the evaluation protocol of Dollár et al. (the Caltech
toolbox's evalRes and compRoc), written from its description, for comparison only.

A detection is [x1, y1, x2, y2, score], a label [x1, y1, x2, y2, ignore].
"""

from __future__ import annotations

import math


def overlap(detection, label, ignore):
    width = min(detection[2], label[2]) - max(detection[0], label[0])
    height = min(detection[3], label[3]) - max(detection[1], label[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    own = (detection[2] - detection[0]) * (detection[3] - detection[1])
    if ignore:
        return shared / own
    return shared / (own + (label[2] - label[0]) * (label[3] - label[1]) - shared)


def match(detections, labels, threshold):
    """[(score, state)] with state 1 true positive, 0 false positive, −1 neither; and the number
    of labels that count."""
    detections = sorted(detections, key=lambda d: -d[4])
    labels = sorted(labels, key=lambda g: bool(g[4]))
    status = [-1 if g[4] else 0 for g in labels]
    result = []
    for d in detections:
        best, best_label, best_kind = threshold, None, 0
        for i, g in enumerate(labels):
            if status[i] == 1:
                continue
            if best_kind != 0 and status[i] == -1:
                break
            value = overlap(d, g, status[i] == -1)
            if value < best:
                continue
            best, best_label = value, i
            best_kind = 1 if status[i] == 0 else -1
        if best_kind == 1:
            status[best_label] = 1
        result.append((d[4], best_kind))
    return result, sum(s != -1 for s in status)


def points(frames, threshold):
    """Operating points (fppi, miss rate) of a list of (detections, labels), strictest first."""
    pooled, labels = [], 0
    for detections, truth in frames:
        result, count = match(detections, truth, threshold)
        pooled += [one for one in result if one[1] != -1]
        labels += count
    curve = []
    for score in sorted({s for s, _ in pooled}, reverse=True):
        found = sum(1 for s, kind in pooled if s >= score and kind == 1)
        false = sum(1 for s, kind in pooled if s >= score and kind == 0)
        curve.append((false / len(frames), 1 - found / labels if labels else math.nan))
    return curve, labels


def read(curve, fppi):
    value = 1.0
    for x, y in curve:
        if x <= fppi:
            value = y
    return value


def figures(frames, threshold):
    """(miss rate at FPPI = 1, log-average miss rate, labels)."""
    curve, labels = points(frames, threshold)
    if labels == 0:
        return math.nan, math.nan, 0
    logs = [math.log(max(1e-10, read(curve, 10 ** (-2 + 0.25 * i)))) for i in range(9)]
    return read(curve, 1.0), math.exp(sum(logs) / 9), labels
