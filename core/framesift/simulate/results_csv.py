"""Every cycle of every run as one table of numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from framesift.files import cell
from framesift.simulate.costs import Costs, labelling_seconds
from framesift.simulate.settings import Experiment
from framesift.simulate.store import Row


def results_csv(experiment: Experiment, rows: Sequence[Row]) -> str:
    """One line per run and cycle."""
    stream = io.StringIO()
    ious = [f"{iou:g}" for iou in experiment.measuring.ious]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [
            "variant",
            "seed",
            "cycle",
            "frames",
            "people",
            "boxes",
            "new_people",
            "empty",
            "selectable",
            "headline_iou",
            *(f"miss_rate_iou_{iou}" for iou in ious),
            *(f"log_average_miss_rate_iou_{iou}" for iou in ious),
            "reachable",
            "labelling_seconds",
        ]
    )
    for row in rows:
        writer.writerow(
            [
                cell(row.variant),
                row.seed,
                row.cycle,
                row.frames,
                row.people,
                row.boxes,
                row.new_people,
                row.empty,
                row.selectable,
                row.headline,
                *(_cell(row.miss_rate.get(iou)) for iou in ious),
                *(_cell(row.log_average.get(iou)) for iou in ious),
                _cell(row.reachable),
                _cell(labelling_seconds(row, Costs.of(experiment))),
            ]
        )
    return stream.getvalue()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
