"""The tables of a simulation as plain text cells, for the page, the CSV and the documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from framesift.simulate.box_table import boxes_table
from framesift.simulate.costs import Costs, labelling_seconds
from framesift.simulate.settings import Experiment
from framesift.simulate.statistics import (
    Mean,
    at_equal_cost,
    headroom,
    labels_saved,
    paired,
    per_cycle,
)
from framesift.simulate.store import Row
from framesift.simulate.table import Table
from framesift.simulate.variants import Variant
from framesift.simulate.weak_table import weak_minutes
from framesift.simulate.wording import chance, drawn, percent, points, spread, what_is_drawn


def tables(
    experiment: Experiment, rows: Sequence[Row], correlation: Sequence[dict[str, Any]]
) -> list[Table]:
    """All tables that the rows can fill."""
    main = [v for v in experiment.variants if not v.ablation and not v.everything]
    other = [v for v in experiment.variants if v.ablation]
    made = [_headroom(experiment, rows)]
    for title, shown in (("Miss rate per cycle", main), ("Ablations", other)):
        made.append(_cycles(title, shown, rows))
    made += [
        _against(experiment, [*main, *other], rows),
        _saved(experiment, main, rows),
        _minutes(experiment, main, rows),
        weak_minutes(experiment, main, rows),
        boxes_table(experiment, main, rows),
        _people(experiment, main, rows),
        _correlation(correlation),
    ]
    return [table for table in made if table.rows]


def _headroom(experiment: Experiment, rows: Sequence[Row]) -> Table:
    name = next((v.name for v in experiment.variants if v.everything), "")
    rates = headroom(rows, name)
    cells = (
        ()
        if rates is None or math.isnan(rates[0] - rates[1])
        else (
            (percent(rates[0]), percent(rates[1]), f"{100 * (rates[0] - rates[1]):.1f} points"),
        )
    )
    return Table(
        "Headroom",
        "Miss rate at FPPI = 1 of the initial detector and of one trained "
        "on the whole labelled pool. Under ten points, a comparison of strategies "
        "says little.",
        ("initial", "whole pool", "headroom"),
        cells,
    )


def _cycles(title: str, variants: Sequence[Variant], rows: Sequence[Row]) -> Table:
    lines = []
    most = 0
    for variant in variants:
        curve = per_cycle(rows, variant.name, lambda row: row.miss)
        logs = per_cycle(rows, variant.name, lambda row: row.lamr)
        if len(curve) < 2:
            continue
        most = max(most, len(curve))
        lines.append(
            (
                variant.name,
                str(curve[-1][1].count),
                *(f"{percent(mean.value)} ({spread(mean)})" for _, mean in curve),
                percent(logs[-1][1].value),
            )
        )
    header = ("", "repeats", *(f"cycle {n}" for n in range(most)), "log-average, last")
    padded = tuple((*line[:-1], *[""] * (len(header) - len(line)), line[-1]) for line in lines)
    return Table(
        title,
        "Mean over the repeats of the miss rate at FPPI = 1, in brackets half "
        "the width of its 95 % interval; the last column is the log-average miss rate "
        "after the last cycle.",
        header,
        padded,
    )


def _against(experiment: Experiment, variants: Sequence[Variant], rows: Sequence[Row]) -> Table:
    lines = []
    for variant in variants:
        if variant.name == experiment.baseline:
            continue
        over_all = paired(rows, variant.name, experiment.baseline, lambda row: row.miss)
        at_last = paired(
            rows, variant.name, experiment.baseline, lambda row: row.miss, last=True
        )
        if over_all and at_last:
            lines.append(
                (
                    variant.name,
                    points(over_all),
                    chance(over_all.p),
                    drawn(rows, variant.name, experiment.baseline),
                    points(at_last),
                    chance(at_last.p),
                    f"{over_all.better} of {over_all.count}",
                )
            )
    return Table(
        f"Against {experiment.baseline}",
        "Difference of the miss rates in points, "
        "repeat by repeat and at equal numbers of labels: below zero is better. 95 % "
        "interval and p of a paired t-test over the repeats. " + what_is_drawn(rows),
        (
            "",
            "mean over cycles",
            "p",
            "repeats and drives",
            "last cycle",
            "p",
            "repeats with less",
        ),
        tuple(lines),
    )


def _saved(experiment: Experiment, variants: Sequence[Variant], rows: Sequence[Row]) -> Table:
    lines = []
    for variant in variants:
        if variant.name == experiment.baseline:
            continue
        for saving in labels_saved(
            rows, variant.name, experiment.baseline, lambda row: row.miss
        ):
            needed = "never" if saving.frames is None else f"{saving.frames:.0f}"
            share = "" if saving.share is None else f"{100 * saving.share:+.0f} %"
            lines.append(
                (
                    variant.name,
                    percent(saving.miss),
                    f"{saving.baseline_frames:.0f}",
                    needed,
                    share,
                )
            )
    return Table(
        "Labels for an equal miss rate",
        "Labelled frames that the mean curve needs "
        f"for the miss rates that {experiment.baseline} reaches; what is saved of "
        "them, negative where more are needed.",
        ("", "miss rate", experiment.baseline, "needs", "saved"),
        tuple(lines),
    )


def _minutes(experiment: Experiment, variants: Sequence[Variant], rows: Sequence[Row]) -> Table:
    def minutes(row: Row) -> float:
        return labelling_seconds(row, Costs.of(experiment)) / 60

    lines = []
    for variant in variants:
        savings = labels_saved(
            rows, variant.name, experiment.baseline, lambda row: row.miss, minutes
        )
        if variant.name == experiment.baseline or not savings:
            continue
        last = savings[-1]
        needed = "never" if last.frames is None else f"{last.frames:.0f}"
        share = "" if last.share is None else f"{100 * last.share:+.0f} %"
        equal = at_equal_cost(
            rows, variant.name, experiment.baseline, lambda row: row.miss, minutes
        )
        lines.append(
            (
                variant.name,
                percent(last.miss),
                f"{last.baseline_frames:.0f}",
                needed,
                share,
                "" if equal is None else points(equal),
            )
        )
    return Table(
        "Minutes for an equal miss rate",
        f"Minutes of labelling ({experiment.label_s:g} s a frame and {experiment.box_s:g} s a "
        f"box) that the mean curve needs for the lowest miss rate of {experiment.baseline}; "
        "what is saved of them, negative where more are needed; and the mean difference of the "
        "miss rates in points for equal minutes, with its 95 % interval over the repeats.",
        ("", "miss rate", experiment.baseline, "needs", "saved", "at equal minutes"),
        tuple(lines),
    )


def _people(experiment: Experiment, variants: Sequence[Variant], rows: Sequence[Row]) -> Table:
    base = per_cycle(rows, experiment.baseline, lambda row: float(row.people))
    lines = []
    for variant in variants:
        curve = per_cycle(rows, variant.name, lambda row: float(row.people))
        empty = per_cycle(rows, variant.name, lambda row: row.empty / max(1, _new(rows, row)))
        work = per_cycle(
            rows,
            variant.name,
            lambda row: labelling_seconds(row, Costs.of(experiment)),
        )
        if len(curve) < 2:
            continue
        last = min(len(curve), len(base)) - 1
        ratio = (
            curve[last][1].value / base[last][1].value
            if last > 0 and base[last][1].value
            else math.nan
        )
        lines.append(
            (
                variant.name,
                f"{curve[-1][0]:.0f}",
                f"{curve[-1][1].value:.0f}",
                "" if math.isnan(ratio) else f"{ratio:.2f}",
                percent(_mean_of(empty[1:])),
                f"{work[-1][1].value / 3600:.1f} h",
            )
        )
    return Table(
        "What was labelled",
        "People among the picks; a description, not a merit: many people alike teach little.",
        (
            "",
            "frames",
            "people",
            f"× {experiment.baseline}",
            "picks without anybody",
            "labelling",
        ),
        tuple(lines),
    )


def _mean_of(curve: Sequence[tuple[float, Mean]]) -> float:
    values = [mean.value for _, mean in curve]
    return sum(values) / len(values) if values else math.nan


def _new(rows: Sequence[Row], row: Row) -> int:
    return len(row.picked)


def _correlation(results: Sequence[dict[str, Any]]) -> Table:
    lines = tuple(
        (
            result["detector"],
            result["score"] + (", smoothed" if result["smoothed"] else ""),
            f"{result.get('among', 'all')}, {result['frames']}",
            _rho(result, "rho", ""),
            _rho(result, "rho_missed", "missed_"),
            _rho(result, "rho_false", "false_"),
            "–" if result["lift"] is None else f"{result['lift']:.2f}",
        )
        for result in results
    )
    return Table(
        "Is the score high where the detector errs?",
        "Spearman's rank correlation of the frame score with the frame's false negatives plus "
        "false positives at FPPI = 1, and with either alone, over all frames and among those "
        "with people, each with its 95 % interval over segments of five seconds, of a single "
        "drive its seconds; errors in the tenth of frames with the highest scores over the "
        "mean. Beside every score stands the number of detections.",
        ("detector", "score", "frames", "ρ", "ρ missed", "ρ false", "lift"),
        lines,
    )


def _rho(result: Mapping[str, Any], name: str, bounds: str) -> str:
    low, high = result.get(f"{bounds}low"), result.get(f"{bounds}high")
    if result[name] is None:
        return "–"
    text = f"{result[name]:+.3f}"
    return text if low is None else f"{text} ({low:+.3f} to {high:+.3f})"
