"""How well boxes lie, of detectors that regress them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from framesift.simulate.settings import Experiment
from framesift.simulate.statistics import per_cycle
from framesift.simulate.store import Row
from framesift.simulate.table import Table
from framesift.simulate.variants import Variant
from framesift.simulate.wording import percent


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
                *(_each_cycle(rows, variant, kind) for kind in (_map, _ap50, _matched)),
                "–" if shared is None else percent(shared),
            )
        )
    return Table(
        "How well boxes lie",
        "COCO's mean average precision (IoU 0.5 to 0.95), that at IoU 0.5, and the mean IoU of "
        "the labels found at FPPI = 1 with the boxes that found them: before the first cycle "
        "and after each one, means over the repeats. The last column is the share of the first "
        f"cycle's picks that {experiment.baseline} has, too.",
        ("", "mAP", "AP50", "IoU of what is found", "picks shared"),
        tuple(lines),
    )


def _map(row: Row) -> float:
    return float("nan") if row.map is None else row.map


def _ap50(row: Row) -> float:
    return float("nan") if row.ap50 is None else row.ap50


def _matched(row: Row) -> float:
    return float("nan") if row.matched_iou is None else row.matched_iou


def _each_cycle(rows: Sequence[Row], variant: Variant, of: Callable[[Row], float]) -> str:
    return " → ".join(percent(mean.value) for _, mean in per_cycle(rows, variant.name, of))


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
