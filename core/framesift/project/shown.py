"""A project and its ledger as a notebook shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from framesift.product.optional import axes_or_new, data_frame
from framesift.project.records import Cycle, Event, Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def ledger_table(cycles: Sequence[Cycle], events: Iterable[Event]) -> Any:
    """A pandas.DataFrame: cycle 0 is the start, before any pick."""
    summaries = _summaries(events)
    measured = [summaries.get(number, {}) for number in range(len(cycles) + 1)]
    picks = [0, *(len(cycle.to_label) for cycle in cycles)]
    return data_frame(
        {
            "cycle": list(range(len(cycles) + 1)),
            "time": [None, *(datetime.fromtimestamp(c.time, UTC) for c in cycles)],
            "strategy": ["", *(str(c.settings.get("strategy", "")) for c in cycles)],
            "picks": picks,
            "frames": [sum(picks[: number + 1]) for number in range(len(picks))],
            "miss_rate": [_number(summary, "miss_rate") for summary in measured],
            "log_average_miss_rate": [
                _number(summary, "log_average_miss_rate") for summary in measured
            ],
            "map": [_number(summary, "map") for summary in measured],
            "detector_out": ["", *(_out(cycle) for cycle in cycles)],
        }
    )


def ledger_plot(cycles: Sequence[Cycle], events: Iterable[Event], axes: Axes | None) -> Axes:
    """The miss rate at one false positive per image after each cycle, over the picks so far."""
    axes = axes_or_new(axes, (6.4, 4.0))
    summaries, frames, points = _summaries(events), 0, []
    for number in range(len(cycles) + 1):
        frames += len(cycles[number - 1].to_label) if number else 0
        rate = _number(summaries.get(number, {}), "miss_rate")
        if not math.isnan(rate):
            points.append((frames, 100 * rate))
    axes.plot([x for x, _ in points], [y for _, y in points], marker="o")
    axes.set_xlabel("picked frames")
    axes.set_ylabel("miss rate at FPPI = 1, %")
    return axes


def status_html(name: str, classes: Sequence[str], detector: str, status: Status) -> str:
    """A project at a glance."""
    states = ", ".join(f"{count} {state}" for state, count in status.states.items())
    rows = {
        "classes": ", ".join(classes),
        "detector": detector,
        "videos": f"{status.videos} in {status.drives} drives, {status.frames} frames",
        "scored": f"{status.scored} frames",
        "to measure by": f"{status.evaluation_frames} frames",
        "labels": f"{states or 'none'}; {status.boxes} boxes",
        "cycles": f"{status.cycles}, {status.picks} picks",
    }
    body = "".join(
        f"<tr><th>{escape(title)}</th><td>{escape(text)}</td></tr>"
        for title, text in rows.items()
    )
    return f"<table><caption>{escape(name)}</caption><tbody>{body}</tbody></table>"


def _summaries(events: Iterable[Event]) -> dict[int, Mapping[str, Any]]:
    """The latest evaluation by cycle."""
    return {event.cycle: event.data.get("summary", {}) for event in events}


def _number(summary: Mapping[str, Any], name: str) -> float:
    value = summary.get(name)
    return math.nan if value is None else float(value)


def _out(cycle: Cycle) -> str:
    return "" if cycle.detector_out is None else cycle.detector_out.path.name
