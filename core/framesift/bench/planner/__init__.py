"""What budget costs what time (the paper's fig. 4), and which b to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.bench.planner.advice import Plan as Plan
    from framesift.bench.planner.advice import make_plan as make_plan
    from framesift.bench.planner.figure import plan_png as plan_png
    from framesift.bench.planner.model import EPOCHS as EPOCHS
    from framesift.bench.planner.model import Completion as Completion
    from framesift.bench.planner.model import Costs as Costs
    from framesift.bench.planner.model import seconds_per_gesture as seconds_per_gesture
    from framesift.bench.planner.model import seconds_per_label as seconds_per_label
    from framesift.bench.planner.model import time_to_completion as time_to_completion
    from framesift.bench.planner.settings import LABEL_SECONDS as LABEL_SECONDS
    from framesift.bench.planner.settings import PlanSettings as PlanSettings
    from framesift.bench.planner.timing import Timing as Timing
    from framesift.bench.planner.timing import measure_scoring as measure_scoring
    from framesift.bench.planner.timing import measure_training as measure_training
else:
    __getattr__ = lazily(
        __name__,
        {
            "Completion": "model",
            "Costs": "model",
            "EPOCHS": "model",
            "LABEL_SECONDS": "settings",
            "Plan": "advice",
            "PlanSettings": "settings",
            "Timing": "timing",
            "make_plan": "advice",
            "measure_scoring": "timing",
            "measure_training": "timing",
            "plan_png": "figure",
            "seconds_per_gesture": "model",
            "seconds_per_label": "model",
            "time_to_completion": "model",
        },
    )

__all__ = [
    "EPOCHS",
    "LABEL_SECONDS",
    "Completion",
    "Costs",
    "Plan",
    "PlanSettings",
    "Timing",
    "make_plan",
    "measure_scoring",
    "measure_training",
    "plan_png",
    "seconds_per_gesture",
    "seconds_per_label",
    "time_to_completion",
]
