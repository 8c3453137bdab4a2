"""How well a detector does: miss rate against false positives per image after Dollár et al.,
with confidence intervals, and COCO's mean average precision."""

from framesift.evaluation.bootstrap import Interval
from framesift.evaluation.curve import (
    LAMR_POINTS,
    Curve,
    log_average_miss_rate,
    miss_rate_curve,
)
from framesift.evaluation.matching import FALSE, FOUND, IGNORED, FrameErrors, Matches
from framesift.evaluation.measure import Measured, evaluate, evaluate_predictions
from framesift.evaluation.result import ClassResult, Coco, Evaluation
from framesift.evaluation.settings import EvaluationSettings

__all__ = [
    "FALSE", "FOUND", "IGNORED", "LAMR_POINTS", "ClassResult", "Coco", "Curve", "Evaluation",
    "EvaluationSettings", "FrameErrors", "Interval", "Matches", "Measured", "evaluate",
    "evaluate_predictions", "log_average_miss_rate", "miss_rate_curve",
]
