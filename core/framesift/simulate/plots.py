"""The paper's figures from a simulation's rows, as PNG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from framesift.bench.planner import time_to_completion
from framesift.evaluation.plots import COLOURS, DASHES, new_figure, plain_text, png
from framesift.simulate.costs import machine_costs
from framesift.simulate.settings import Experiment
from framesift.simulate.statistics import labelled_frames, per_cycle
from framesift.simulate.store import Row
from framesift.simulate.variants import Variant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = "osD^vPX*"


def per_cycle_png(
    rows: Sequence[Row],
    variants: Sequence[Variant],
    figure: Callable[[Row], float],
    label: str,
    *,
    share: bool = True,
    cost: Callable[[Row], float] = labelled_frames,
    cost_label: str = "labelled frames",
) -> bytes:
    """A figure after each cycle over the labelled frames, or what else labels `cost` (the
    paper's fig. 5, 6, 8, 9, 10; fig. 7 with `share` False: a count), one curve per variant with
    its 95 % interval."""
    drawn = new_figure(7.0, 4.6)
    draw_per_cycle(
        drawn.add_subplot(),
        rows,
        variants,
        figure,
        label,
        share=share,
        cost=cost,
        cost_label=cost_label,
    )
    return png(drawn)


def draw_per_cycle(
    axes: Axes,
    rows: Sequence[Row],
    variants: Sequence[Variant],
    figure: Callable[[Row], float],
    label: str,
    *,
    share: bool = True,
    cost: Callable[[Row], float] = labelled_frames,
    cost_label: str = "labelled frames",
) -> None:
    """The same into axes."""
    scale = 100.0 if share else 1.0
    for index, variant in enumerate(variants):
        curve = per_cycle(rows, variant.name, figure, cost)
        if len(curve) < 2:
            continue
        # Beside each other rather than on top of each other.
        step = (curve[-1][0] - curve[0][0]) * 0.006
        x = np.array([frames for frames, _ in curve]) + step * (index - len(variants) / 2)
        y = np.array([scale * mean.value for _, mean in curve])
        spread = np.array(
            [
                (0.0, 0.0)
                if mean.low is None or mean.high is None
                else (scale * (mean.value - mean.low), scale * (mean.high - mean.value))
                for _, mean in curve
            ]
        ).T
        axes.errorbar(
            x,
            y,
            yerr=spread,
            color=COLOURS[index % len(COLOURS)],
            capsize=3,
            linestyle=DASHES[index // len(COLOURS) % len(DASHES)],
            linewidth=1.8,
            marker=MARKERS[index % len(MARKERS)],
            markersize=5,
            elinewidth=0.9,
            label=plain_text(f"{variant.name} ({curve[-1][1].count})"),
        )
    _dress(axes, cost_label, label)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=9, title="repeats in brackets", title_fontsize=8)


def curves_png(rows: Sequence[Row], variants: Sequence[Variant], cycle: int) -> bytes:
    """Miss rate against false positives per image after a cycle, the first repeat of each."""
    drawn = new_figure(7.0, 4.6)
    axes = drawn.add_subplot()
    for index, variant in enumerate(variants):
        row = next((r for r in rows if (r.variant, r.cycle) == (variant.name, cycle)), None)
        if row is not None and row.curve:
            x, y = zip(*row.curve, strict=True)
            axes.step(
                x,
                [100 * v for v in y],
                where="post",
                linewidth=1.8,
                color=COLOURS[index % len(COLOURS)],
                linestyle=DASHES[index // len(COLOURS) % len(DASHES)],
                label=plain_text(variant.name),
            )
    axes.set_xscale("log")
    axes.set_xlim(1e-2, 10)
    axes.axvline(1.0, color="#888888", linewidth=0.8)
    _dress(axes, "false positives per image", "miss rate, %")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=9)
    return png(drawn)


def completion_png(
    experiment: Experiment, rows: Sequence[Row], candidates: int
) -> bytes | None:
    """Machine hours for this experiment's whole budget over the frames per cycle (fig. 4), from
    what scoring and training cost here; None without a measurement."""
    total = experiment.budget * experiment.cycles
    costs = {name: cost for name, cost in machine_costs(rows).items() if cost[1] > 0}
    shown = [
        v
        for v in experiment.variants
        if v.name in costs and not v.ablation and not v.everything
    ]
    if not shown or total > candidates:
        return None
    drawn = new_figure(7.0, 4.6)
    axes = drawn.add_subplot()
    sizes = sorted({max(1, round(total / n)) for n in (1, 2, 3, 5, 8, 13, 20, 40, 80)})
    for index, variant in enumerate(shown):
        score_ms, step_ms = costs[variant.name]
        hours = [
            time_to_completion(
                candidates, total, size, score_ms, step_ms, experiment.training.epochs
            ).machine_s
            / 3600
            for size in sizes
        ]
        axes.plot(
            sizes,
            hours,
            color=COLOURS[index % len(COLOURS)],
            linewidth=1.8,
            marker=MARKERS[index % len(MARKERS)],
            markersize=5,
            label=plain_text(variant.name),
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    _dress(axes, "frames per cycle, b", "machine hours")
    axes.legend(fontsize=9)
    return png(drawn)


def _dress(axes: Axes, x: str, y: str) -> None:
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
