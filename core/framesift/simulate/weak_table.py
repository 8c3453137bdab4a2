"""What labels that cost less than boxes take to be as good as boxes."""

from __future__ import annotations

from collections.abc import Sequence

from framesift.simulate.costs import Costs, labelling_seconds
from framesift.simulate.kinds import LABELS
from framesift.simulate.settings import Experiment
from framesift.simulate.statistics import (
    miss_after,
    needed,
    per_cycle,
)
from framesift.simulate.store import Row
from framesift.simulate.table import Table
from framesift.simulate.variants import Variant
from framesift.simulate.wording import percent

FACTORS = (1.0, 0.5, 2.0)
"""Times of extreme clicks and answers are assumed: the table stands at half and twice, too."""


def weak_minutes(
    experiment: Experiment, variants: Sequence[Variant], rows: Sequence[Row]
) -> Table:
    """Minutes of labelling that each variant needs for the miss rate that the baseline has
    after `experiment.aim` frames with boxes; without rows where all variants have boxes."""
    curve = [(x, m.value) for x, m in per_cycle(rows, experiment.baseline, lambda r: r.miss)]
    weak = any(variant.labels != "boxes" for variant in variants)
    miss = miss_after(curve, experiment.aim) if weak else None
    lines = []
    if miss is not None:
        for variant in variants:
            times = [_minutes(experiment, variant, rows, miss, factor) for factor in FACTORS]
            lines.append((variant.name, LABELS[variant.labels], *times))
    costs = Costs.of(experiment)
    return Table(
        f"Minutes to the miss rate of {experiment.aim} frames with boxes",
        f"Minutes of labelling that the mean curve needs for {percent(miss or 0.0)}, which "
        f"{experiment.baseline} has after {experiment.aim} frames: {costs.label_s:g} s a "
        f"frame, and in it {costs.box_s:g} s a box, {costs.point_s:g} s a point, "
        f"{costs.extreme_s:g} s four extreme clicks, {costs.answer_s:g} s an answer to a "
        f"proposal, {costs.tag_s:g} s a tag. Extreme clicks and answers are assumptions: at "
        "half and at twice as long, too.",
        ("", "labels", "minutes", "at half", "at twice"),
        tuple(lines),
    )


def _minutes(
    experiment: Experiment, variant: Variant, rows: Sequence[Row], miss: float, factor: float
) -> str:
    costs = Costs.of(experiment, factor)
    curve = per_cycle(
        rows, variant.name, lambda r: r.miss, lambda r: labelling_seconds(r, costs) / 60
    )
    minutes = needed([(x, mean.value) for x, mean in curve], miss)
    return "never" if minutes is None else f"{minutes:.1f}"
