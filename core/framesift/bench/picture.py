"""Against whom, and how many times as quick, as a picture."""

from __future__ import annotations

from collections.abc import Sequence

from framesift.bench.row import Row
from framesift.evaluation.plots import COLOURS, new_figure, plain_text, png


def peers_png(rows: Sequence[Row]) -> bytes:
    """PNG: a bar for each row that has a `peer`, from 1 (as quick as it) to its ratio, on a
    logarithmic axis; a word where there is none."""
    compared = [row for row in rows if row.peer and row.ratio is not None and row.ratio > 0]
    figure = new_figure(8.2, 1.4 + 0.42 * max(len(compared), 1))
    axes = figure.add_subplot()
    ratios = [float(row.ratio or 0) for row in compared]
    places = range(len(compared))
    axes.barh(
        places,
        [ratio - 1 for ratio in ratios],
        left=1,
        height=0.62,
        color=[COLOURS[0] if ratio >= 1 else COLOURS[1] for ratio in ratios],
    )
    for place, ratio in zip(places, ratios, strict=True):
        axes.annotate(
            f"{ratio:.3g}×",
            (ratio, place),
            xytext=(4 if ratio >= 1 else -4, 0),
            textcoords="offset points",
            ha="left" if ratio >= 1 else "right",
            va="center",
            fontsize=9,
        )
    axes.axvline(1, color="black", linewidth=1.0)
    axes.set_xscale("log")
    axes.set_xlim(min([0.5, *(0.6 * ratio for ratio in ratios)]), 2 * max([2.0, *ratios]))
    axes.set_yticks(places, [plain_text(row.peer) for row in compared])
    axes.invert_yaxis()
    if not compared:
        axes.text(1.02, 0, "Nothing was compared with a peer", va="center")
    axes.set_xlabel("times as quick; left of the line: slower")
    axes.set_title("Framesift beside its peers, within one run", loc="left", fontsize=11)
    return png(figure)
