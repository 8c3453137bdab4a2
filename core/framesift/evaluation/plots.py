"""Miss rate–FPPI curves as PNG."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from framesift.evaluation.curve import FPPI

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from framesift.evaluation.bootstrap import Interval
    from framesift.evaluation.curve import Curve


class ClassResult(Protocol):
    """What is drawn of a framesift.evaluation.ClassResult."""

    @property
    def labels(self) -> int: ...
    @property
    def miss_rate(self) -> float: ...
    @property
    def miss_rate_interval(self) -> Interval | None: ...
    @property
    def curve(self) -> Curve: ...


class Evaluation(Protocol):
    """What is drawn of a framesift.evaluation.Evaluation."""

    def result(self, category: str | None = None, iou: float | None = None) -> ClassResult: ...


COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, which people with any colour vision tell apart."""

DASHES = ("-", "--", "-.", ":")

LEAST_FPPI, MOST_FPPI = 1e-3, 1e1


def new_figure(width: float = 6.4, height: float = 4.8) -> Figure:
    """A figure of its own, apart from pyplot's state; inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def png(figure: Figure, dpi: int = 110) -> bytes:
    """The figure as PNG, the same bytes for the same figure."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # A name in a script that the font lacks is no reason to complain.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def plain_text(text: str) -> str:
    """Text that matplotlib shows as it is, not as a formula."""
    return text.replace("$", r"\$")


def curves_png(
    evaluations: Mapping[str, Evaluation],
    *,
    iou: float | None = None,
    category: str | None = None,
    title: str = "",
) -> bytes:
    """Miss rate against FPPI as a picture, one curve per name, with the interval at FPPI = 1
    where there is one.

    Args:
        evaluations: by the name in the legend.
        iou: at which IoU in (0, 1]; None: each evaluation's headline.
        category: of which class; None: each evaluation's first.
        title: above the plot.

    Returns:
        The bytes of a PNG file.

    Raises:
        InputError: an evaluation has no such class or IoU.

    Example:
        >>> curves_png({"mine": evaluation})[1:4]
        b'PNG'
    """
    figure = new_figure()
    results = {name: entry.result(category, iou) for name, entry in evaluations.items()}
    draw_curves(figure.add_subplot(), results, title)
    return png(figure)


def draw_curves(axes: Axes, results: Mapping[str, ClassResult], title: str = "") -> None:
    """Draws one curve per name, with the interval at FPPI = 1 where there is one."""
    lowest = 0.5
    for index, (name, result) in enumerate(results.items()):
        lowest = min(lowest, _draw(axes, result, name, index))
    _dress(axes, lowest, title)


def _draw(axes: Axes, result: ClassResult, name: str, index: int) -> float:
    """Draws one curve; returns its lowest visible miss rate."""
    colour = COLOURS[index % len(COLOURS)]
    dash = DASHES[index // len(COLOURS) % len(DASHES)]
    figure = result.miss_rate
    label = f"{'no labels' if math.isnan(figure) else f'{figure:.1%}'}  {plain_text(name)}"
    if not result.labels:
        axes.plot([], [], color=colour, label=label)
        return 1.0
    curve = result.curve
    # A false positive rate of zero has no place on a logarithmic axis: it is its left end.
    x = np.concatenate([[LEAST_FPPI], np.maximum(curve.fppi, LEAST_FPPI)])
    y = np.concatenate([[1.0], curve.miss_rate])
    axes.step(x, y, where="post", color=colour, linestyle=dash, linewidth=1.8, label=label)
    seen = y[x <= MOST_FPPI]
    low = float(seen[seen > 0].min())
    if interval := result.miss_rate_interval:
        spread = [[max(0.0, figure - interval.low)], [max(0.0, interval.high - figure)]]
        # Beside each other rather than on top of each other.
        axes.errorbar(
            [FPPI * 1.04**index],
            [figure],
            yerr=spread,
            color=colour,
            capsize=4,
            fmt="o",
            markersize=4,
        )
        low = min(low, interval.low) if interval.low > 0 else low
    return low


def _dress(axes: Axes, lowest: float, title: str) -> None:
    floor = next((tick for tick in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01) if tick <= lowest), 0.005)
    ticks = [
        tick
        for tick in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
        if tick >= floor
    ]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(LEAST_FPPI, MOST_FPPI)
    axes.set_ylim(floor * 0.98, 1.03)
    axes.set_yticks(ticks, [f"{tick:.1%}" if tick < 0.01 else f"{tick:.0%}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.axvline(FPPI, color="#888888", linewidth=0.8)
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_xlabel("false positives per image")
    axes.set_ylabel("miss rate")
    if title:
        axes.set_title(plain_text(title), loc="left", fontsize=11)
    axes.legend(
        title=f"miss rate at FPPI = {FPPI:g}",
        loc="lower left",
        fontsize=9,
        title_fontsize=9,
        framealpha=0.9,
    )
