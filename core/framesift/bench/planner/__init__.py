"""What budget costs what time (the paper's fig. 4), and which b to take."""

from framesift.bench.planner.advice import Plan, make_plan
from framesift.bench.planner.figure import plan_png
from framesift.bench.planner.model import (
    EPOCHS,
    Completion,
    Costs,
    seconds_per_label,
    time_to_completion,
)
from framesift.bench.planner.settings import LABEL_SECONDS, PlanSettings
from framesift.bench.planner.timing import Timing, measure_scoring, measure_training

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
    "seconds_per_label",
    "time_to_completion",
]
