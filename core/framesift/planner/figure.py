"""Time to completion against b, as a picture."""

from __future__ import annotations

from framesift.evaluation.figures import COLOURS, new_figure, png
from framesift.planner.advice import Plan
from framesift.planner.model import Completion


def plan_png(plan: Plan) -> bytes:
    """PNG: hours of scoring, training and labelling stacked over b (logarithmic), the total of
    machine time written on top, the recommended b marked."""
    figure = new_figure(7.2, 4.6)
    axes = figure.add_subplot()
    options = plan.options
    positions = [option.per_cycle for option in options]
    bottom = [0.0] * len(options)
    # Bars of equal width on a logarithmic axis.
    widths = [0.16 * position for position in positions]
    parts = (("scoring", COLOURS[5], ""), ("training", COLOURS[0], "//"),
             ("labelling", COLOURS[4], ".."))
    for name, colour, hatch in parts:
        heights = [_seconds(option, name) / 3600 for option in options]
        axes.bar(positions, heights, widths, bottom=bottom, color=colour, hatch=hatch,
                 edgecolor="white", linewidth=0.5, label=name)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    for option, top in zip(options, bottom, strict=True):
        chosen = option is plan.recommended
        axes.annotate(f"{top:.3g} h", (option.per_cycle, top), xytext=(0, 3),
                      textcoords="offset points", ha="center", fontsize=8,
                      fontweight="bold" if chosen else "normal")
    axes.axvline(plan.recommended.per_cycle, color="#888888", linewidth=0.8, zorder=0)
    axes.set_xscale("log")
    axes.set_xticks(positions, [f"{position:,}" for position in positions], rotation=45)
    axes.set_xticks([], minor=True)
    axes.set_ylim(0, max(bottom) * 1.1 or 1.0)
    axes.set_xlabel("frames per cycle, b")
    axes.set_ylabel("hours")
    axes.set_title(f"{plan.budget:,} of {plan.frames:,} frames; recommended: "
                   f"b = {plan.recommended.per_cycle:,}", loc="left", fontsize=11)
    axes.legend(loc="upper right", fontsize=9)
    return png(figure)


def _seconds(option: Completion, name: str) -> float:
    return {"scoring": option.scoring_s, "training": option.training_s,
            "labelling": option.labelling_s}[name]
