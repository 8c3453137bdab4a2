"""How well a detector does: miss rate against false positives per image after Dollár et al.,
with confidence intervals, and COCO's mean average precision."""

from framesift.evaluation.bootstrap import Interval
from framesift.evaluation.compare import (
    Comparison,
    Difference,
    FrameChange,
    compare,
    comparing,
)
from framesift.evaluation.curve import (
    LAMR_POINTS,
    Curve,
    log_average_miss_rate,
    miss_rate_curve,
)
from framesift.evaluation.matching import FALSE, FOUND, IGNORED, FrameErrors, Matches
from framesift.evaluation.measure import Measured, evaluate, evaluate_predictions
from framesift.evaluation.page import (
    comparison_section,
    evaluation_page,
    evaluation_section,
)
from framesift.evaluation.plots import curves_png
from framesift.evaluation.result import ClassResult, Coco, Evaluation
from framesift.evaluation.saved import (
    from_document,
    load_evaluation,
    save_evaluation,
    to_document,
)
from framesift.evaluation.settings import EvaluationSettings

__all__ = [
    "FALSE",
    "FOUND",
    "IGNORED",
    "LAMR_POINTS",
    "ClassResult",
    "Coco",
    "Comparison",
    "Curve",
    "Difference",
    "Evaluation",
    "EvaluationSettings",
    "FrameChange",
    "FrameErrors",
    "Interval",
    "Matches",
    "Measured",
    "compare",
    "comparing",
    "comparison_section",
    "curves_png",
    "evaluate",
    "evaluate_predictions",
    "evaluation_page",
    "evaluation_section",
    "from_document",
    "load_evaluation",
    "log_average_miss_rate",
    "miss_rate_curve",
    "save_evaluation",
    "to_document",
]


def __dir__() -> list[str]:
    return sorted(__all__)
