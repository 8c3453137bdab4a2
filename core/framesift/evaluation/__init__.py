"""How well a detector does: miss rate against false positives per image after Dollár et al.,
with confidence intervals, and COCO's mean average precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.evaluation.bootstrap import Interval as Interval
    from framesift.evaluation.check_settings import CheckSettings as CheckSettings
    from framesift.evaluation.class_result import ClassResult as ClassResult
    from framesift.evaluation.class_result import Coco as Coco
    from framesift.evaluation.collector import Measured as Measured
    from framesift.evaluation.comparison import Comparison as Comparison
    from framesift.evaluation.comparison import Difference as Difference
    from framesift.evaluation.comparison import FrameChange as FrameChange
    from framesift.evaluation.comparison import compare as compare
    from framesift.evaluation.comparison import comparing as comparing
    from framesift.evaluation.curve import LAMR_POINTS as LAMR_POINTS
    from framesift.evaluation.curve import Curve as Curve
    from framesift.evaluation.curve import log_average_miss_rate as log_average_miss_rate
    from framesift.evaluation.curve import miss_rate_curve as miss_rate_curve
    from framesift.evaluation.disagreement import Disagreement as Disagreement
    from framesift.evaluation.disagreement import FrameCheck as FrameCheck
    from framesift.evaluation.disagreement import disagreements as disagreements
    from framesift.evaluation.matching import FALSE as FALSE
    from framesift.evaluation.matching import FOUND as FOUND
    from framesift.evaluation.matching import IGNORED as IGNORED
    from framesift.evaluation.matching import FrameErrors as FrameErrors
    from framesift.evaluation.matching import Matches as Matches
    from framesift.evaluation.measure import evaluate as evaluate
    from framesift.evaluation.measure import evaluate_predictions as evaluate_predictions
    from framesift.evaluation.page import comparison_section as comparison_section
    from framesift.evaluation.page import evaluation_page as evaluation_page
    from framesift.evaluation.page import evaluation_section as evaluation_section
    from framesift.evaluation.plots import curves_png as curves_png
    from framesift.evaluation.result import Evaluation as Evaluation
    from framesift.evaluation.saved import from_document as from_document
    from framesift.evaluation.saved import load_evaluation as load_evaluation
    from framesift.evaluation.saved import save_evaluation as save_evaluation
    from framesift.evaluation.saved import to_document as to_document
    from framesift.evaluation.settings import EvaluationSettings as EvaluationSettings
else:
    __getattr__ = lazily(
        __name__,
        {
            "CheckSettings": "check_settings",
            "ClassResult": "class_result",
            "Coco": "class_result",
            "Comparison": "comparison",
            "Curve": "curve",
            "Difference": "comparison",
            "Disagreement": "disagreement",
            "Evaluation": "result",
            "EvaluationSettings": "settings",
            "FALSE": "matching",
            "FOUND": "matching",
            "FrameChange": "comparison",
            "FrameCheck": "disagreement",
            "FrameErrors": "matching",
            "IGNORED": "matching",
            "Interval": "bootstrap",
            "LAMR_POINTS": "curve",
            "Matches": "matching",
            "Measured": "collector",
            "compare": "comparison",
            "comparing": "comparison",
            "comparison_section": "page",
            "curves_png": "plots",
            "disagreements": "disagreement",
            "evaluate": "measure",
            "evaluate_predictions": "measure",
            "evaluation_page": "page",
            "evaluation_section": "page",
            "from_document": "saved",
            "load_evaluation": "saved",
            "log_average_miss_rate": "curve",
            "miss_rate_curve": "curve",
            "save_evaluation": "saved",
            "to_document": "saved",
        },
    )


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
    "Disagreement",
    "Evaluation",
    "EvaluationSettings",
    "FrameChange",
    "FrameCheck",
    "FrameErrors",
    "Interval",
    "Matches",
    "Measured",
    "compare",
    "comparing",
    "comparison_section",
    "curves_png",
    "disagreements",
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
