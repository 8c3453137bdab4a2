"""Time to completion against b, as a picture."""

from __future__ import annotations

import math

from framesift.bench.planner.advice import Plan, in_words
from framesift.bench.planner.model import Completion
from framesift.evaluation.plots import COLOURS, new_figure, png

APART = 0.17
"""Least distance of two written figures, in decades of b."""


def plan_png(plan: Plan) -> bytes:
    """PNG: scoring, training and labelling stacked over b (logarithmic); machine time written
    at round numbers of b, the recommended one marked."""
    figure = new_figure(7.2, 4.4)
    axes = figure.add_subplot()
    curve = plan.curve
    largest = max(option.total_s for option in curve)
    unit, name = next(
        (
            (size, name)
            for size, name in ((3600.0, "hours"), (60.0, "minutes"))
            if largest >= 2 * size
        ),
        (1.0, "seconds"),
    )
    parts = [
        [option.scoring_s / unit for option in curve],
        [option.training_s / unit for option in curve],
        [option.labelling_s / unit for option in curve],
    ]
    axes.stackplot(
        [option.per_cycle for option in curve],
        *parts,
        linewidth=0.8,
        edgecolor="white",
        labels=["scoring", "training", "labelling"],
        colors=[COLOURS[5], COLOURS[0], COLOURS[4]],
    )
    labelled = _labelled(plan)
    for option in labelled:
        best = option is plan.recommended
        axes.annotate(
            in_words(option.machine_s / 3600),
            (option.per_cycle, option.total_s / unit),
            xytext=(4, 5),
            textcoords="offset points",
            ha="left",
            fontsize=8.5,
            fontweight="bold" if best else "normal",
        )
    axes.axvline(plan.recommended.per_cycle, color="black", linewidth=1.0, linestyle="--")
    axes.set_xscale("log")
    axes.set_xlim(curve[0].per_cycle / 1.25, curve[-1].per_cycle * 1.25)
    positions = [option.per_cycle for option in labelled]
    axes.set_xticks(positions, [f"{position:,}" for position in positions])
    axes.set_xticks([], minor=True)
    axes.set_ylim(0, largest / unit * 1.12 or 1.0)
    axes.set_xlabel("frames per cycle, b")
    axes.set_ylabel(name)
    axes.set_title(
        f"{plan.budget:,} of {plan.frames:,} frames; recommended: "
        f"b = {plan.recommended.per_cycle:,}",
        loc="left",
        fontsize=11,
    )
    axes.legend(loc="upper right", fontsize=9, title="figures: machine time", title_fontsize=9)
    return png(figure)


def _labelled(plan: Plan) -> list[Completion]:
    """The options that have room for a figure; the recommended one always."""
    kept = [plan.recommended]
    for option in plan.options:
        place = math.log10(option.per_cycle)
        if all(abs(place - math.log10(other.per_cycle)) >= APART for other in kept):
            kept.append(option)
    return sorted(kept, key=lambda option: option.per_cycle)
