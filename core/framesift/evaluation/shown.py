"""An evaluation as a notebook shows it: a table, a plot, a curve beside its figures."""

from __future__ import annotations

import base64
import math
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from framesift.evaluation.plots import ClassResult as Drawn
from framesift.evaluation.plots import curves_png, draw_curves
from framesift.product.optional import axes_or_new, data_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ClassResult(Drawn, Protocol):
    """What is shown of a framesift.evaluation.ClassResult."""

    @property
    def category(self) -> str: ...
    @property
    def iou(self) -> float: ...
    @property
    def log_average_miss_rate(self) -> float: ...
    @property
    def threshold(self) -> float: ...
    @property
    def reachable(self) -> float | None: ...


class Evaluation(Protocol):
    """What is shown of a framesift.evaluation.Evaluation."""

    @property
    def results(self) -> tuple[ClassResult, ...]: ...
    def result(self, category: str | None = None, iou: float | None = None) -> ClassResult: ...
    def average_precision(self, category: str) -> tuple[float, float] | None: ...


def table(evaluation: Evaluation) -> Any:
    """A pandas.DataFrame, a row per class and IoU."""
    results = evaluation.results
    intervals = [result.miss_rate_interval for result in results]
    precisions = [evaluation.average_precision(result.category) for result in results]
    return data_frame(
        {
            "class": [result.category for result in results],
            "iou": [result.iou for result in results],
            "labels": [result.labels for result in results],
            "miss_rate": [result.miss_rate for result in results],
            "miss_rate_low": [math.nan if i is None else i.low for i in intervals],
            "miss_rate_high": [math.nan if i is None else i.high for i in intervals],
            "log_average_miss_rate": [result.log_average_miss_rate for result in results],
            "threshold": [result.threshold for result in results],
            "reachable": [result.reachable for result in results],
            "map": [math.nan if p is None else p[0] for p in precisions],
            "ap50": [math.nan if p is None else p[1] for p in precisions],
        }
    )


def plot(
    evaluation: Evaluation, axes: Axes | None, iou: float | None, category: str | None
) -> Axes:
    """Miss rate against false positives per image of one class at one IoU."""
    axes = axes_or_new(axes, (6.4, 4.8))
    result = evaluation.result(category, iou)
    draw_curves(axes, {f"{result.category}, IoU {result.iou:g}": result})
    return axes


def html(evaluation: Evaluation) -> str:
    """The curve of the first class, and the figures of all."""
    first = evaluation.result()
    curve = curves_png({f"{first.category}, IoU {first.iou:g}": evaluation})
    picture = base64.b64encode(curve).decode()
    rows = "".join(
        f"<tr><td>{escape(r.category)}</td><td>{r.iou:g}</td><td>{r.labels}</td>"
        f"<td>{_percent(r.miss_rate)}</td><td>{_percent(r.log_average_miss_rate)}</td></tr>"
        for r in evaluation.results
    )
    return (
        f"<div><p>{escape(repr(evaluation))}</p>"
        f'<img src="data:image/png;base64,{picture}" width="480" '
        f'alt="miss rate against false positives per image">'
        "<table><thead><tr><th>class</th><th>IoU</th><th>labels</th><th>miss rate at FPPI 1"
        f"</th><th>log-average</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f} %"
