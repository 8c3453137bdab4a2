"""How well boxes lie, of detectors that regress them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from framesift.simulate.settings import Experiment
from framesift.simulate.statistics import per_cycle
from framesift.simulate.store import Row
from framesift.simulate.table import Table
from framesift.simulate.variants import Variant
from framesift.simulate.wording import percent

KINDS = ("map", "ap50", "matched_iou", "positive_iou")


def boxes_table(
    experiment: Experiment, variants: Sequence[Variant], rows: Sequence[Row]
) -> Table:
    """A line per variant; none where mean average precision was not measured."""
    lines = []
    for variant in variants:
        cycles = [row for row in rows if row.variant == variant.name]
        if len(cycles) < 2 or any(row.map is None for row in cycles):
            continue
        shared = _shared(experiment, variant, rows)
        lines.append(
            (
                variant.name,
                *(_each_cycle(rows, variant, kind) for kind in KINDS),
                "–" if shared is None else percent(shared),
            )
        )
    return Table(
        "How well boxes lie",
        "COCO's mean average precision (IoU 0.5 to 0.95), that at IoU 0.5, and the mean IoU of "
        "the labels found at FPPI = 1 with the boxes that found them; of detectors with two "
        "stages that of every box made of a proposal that overlaps a label by half or more, "
        "found or not: before the first cycle and after each one, means over the repeats. The "
        f"last column is the share of the first cycle's picks that {experiment.baseline} has, "
        "too.",
        ("", "mAP", "AP50", "IoU of what is found", "IoU of what is proposed", "picks shared"),
        tuple(lines),
    )


def _each_cycle(rows: Sequence[Row], variant: Variant, kind: str) -> str:
    # Where a repeat has none, be it of an earlier version, the mean of the others is no mean.
    none = {
        row.cycle for row in rows if row.variant == variant.name and getattr(row, kind) is None
    }

    def measured(row: Row) -> float:
        return math.nan if row.cycle in none else float(getattr(row, kind))

    means = per_cycle(rows, variant.name, measured)
    return " → ".join(percent(mean.value) for _, mean in means)


def _shared(experiment: Experiment, variant: Variant, rows: Sequence[Row]) -> float | None:
    """Of a variant's first picks the share that the baseline picked, over the repeats."""
    if variant.name == experiment.baseline:
        return None
    first = {(r.variant, r.seed): {*r.picked} for r in rows if r.cycle == 1}
    shares = [
        len(picked & first[experiment.baseline, seed]) / len(picked)
        for (name, seed), picked in first.items()
        if name == variant.name and picked and (experiment.baseline, seed) in first
    ]
    return sum(shares) / len(shares) if shares else None
