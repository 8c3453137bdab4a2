"""Evaluations and comparisons as parts of an HTML page, and as a page of their own.

The parts carry their pictures inside them and take a page's colours (`--ink`, `--soft`,
`--line`, `--card`) where it has any.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from framesift.evaluation.bootstrap import Interval
from framesift.evaluation.comparison import Comparison
from framesift.evaluation.plots import curves_png
from framesift.evaluation.result import Evaluation
from framesift.evaluation.templates import COMPARISON, EVALUATION, PAGE, STYLE

MOST_FRAMES = 30
"""Changed frames that a comparison lists."""


def evaluation_section(
    evaluations: Mapping[str, Evaluation],
    *,
    title: str = "How well it detects",
) -> str:
    """The part of a page that shows a table of figures and the curves of one or several
    evaluations.

    Args:
        evaluations: by the name that the page gives each.
        title: its heading.

    Returns:
        An HTML fragment.

    Example:
        >>> "<h2>" in evaluation_section({"mine": evaluation})
        True
    """
    classes = list(
        dict.fromkeys(c for evaluation in evaluations.values() for c in evaluation.classes)
    )
    ious = sorted(
        {iou for evaluation in evaluations.values() for iou in evaluation.settings.ious}
    )
    plots = []
    for category in classes:
        for iou in ious:
            holding = {
                name: evaluation
                for name, evaluation in evaluations.items()
                if category in evaluation.classes and iou in evaluation.settings.ious
            }
            if any(evaluation.result(category, iou).labels for evaluation in holding.values()):
                text = f"{category}, IoU ≥ {iou:g}"
                plots.append(
                    (
                        text,
                        _data_uri(curves_png(holding, iou=iou, category=category, title=text)),
                    )
                )
    return render_html(
        EVALUATION,
        title=title,
        evaluations=evaluations,
        plots=plots,
        notes=_notes(evaluations),
    )


def comparison_section(
    comparison: Comparison,
    *,
    names: tuple[str, str] = ("before", "after"),
    title: str = "What changed",
) -> str:
    """The part of a page that shows the differences with their intervals, and the frames that
    changed most.

    Args:
        comparison: what `compare` gave.
        names: what the two are called.
        title: its heading.

    Returns:
        An HTML fragment.

    Example:
        >>> from framesift.evaluation import compare
        >>> "<h2>" in comparison_section(compare(evaluation, evaluation, resamples=0))
        True
    """
    return render_html(
        COMPARISON,
        title=title,
        comparison=comparison,
        names=names,
        totals=comparison.totals(),
        shown=comparison.frames[:MOST_FRAMES],
    )


def evaluation_page(*sections: str, title: str = "Evaluation") -> str:
    """A document of the given sections, which needs no other file.

    Args:
        *sections: HTML fragments.
        title: of the document.

    Returns:
        An HTML document.

    Example:
        >>> evaluation_page("<p>text</p>", title="Mine")[:15]
        '<!doctype html>'
    """
    return render_html(PAGE, title=title, sections=[Markup(section) for section in sections])


def _notes(evaluations: Mapping[str, Evaluation]) -> list[str]:
    notes = []
    for name, evaluation in evaluations.items():
        for result in evaluation.results:
            if result.labels and not result.reached:
                notes.append(
                    f"{name}: at IoU {result.iou:g} the curve of {result.category} ends "
                    "before one false positive per image; its last point is read."
                )
        if not evaluation.labels:
            notes.append(f"{name}: no label counts, so there is no miss rate.")
    return notes


def render_html(source: str, **values: object) -> str:
    """A jinja2 template as HTML, everything in it escaped. Filters: `percent`, `between` (an
    Interval), `data_uri` (PNG bytes); `style` holds the sections' style sheet."""
    pages = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages.filters["percent"] = _percent
    pages.filters["between"] = _between
    pages.filters["data_uri"] = _data_uri
    return pages.from_string(source).render(style=Markup(STYLE), **values)


def _percent(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.1%}".replace("%", " %").replace("-", "−")


def _between(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"{_percent(interval.low)} to {_percent(interval.high)}"


def _data_uri(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
