"""What a simulation leaves to read: results.csv, tables.md and report.html."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from framesift.evaluation import evaluation_page
from framesift.evaluation.page import render_html
from framesift.files import write_text
from framesift.simulate.costs import Costs, labelling_seconds
from framesift.simulate.plots import completion_png, curves_png, per_cycle_png
from framesift.simulate.results_csv import results_csv
from framesift.simulate.settings import Experiment
from framesift.simulate.store import Row, Store
from framesift.simulate.table import Table, markdown
from framesift.simulate.tables import tables

SECTION = """\
<section class="evaluation">
{{ style }}
{% for table in tables %}
<h2>{{ table.title }}</h2>
<p>{{ table.about }}</p>
<div class="wide"><table>
<thead><tr>{% for cell in table.header %}<th>{{ cell }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in table.rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
{% endfor %}
<h2>Figures</h2>
<div class="curves">
{% for text, picture in plots %}
<figure><img src="{{ picture|data_uri }}" alt="{{ text }}"><figcaption>{{ text }}
</figcaption></figure>
{% endfor %}
</div>
<h2>What was run</h2>
<p>{{ about }}</p>
</section>
"""


def write_report(experiment: Experiment, folder: Path) -> Path:
    """Writes all of them into the results' folder, from what is there; the page's path. Raises
    InputError where the folder holds another experiment's results."""
    store = Store(folder, experiment)
    rows = store.rows()
    made = tables(experiment, rows, (store.read_correlation() or {}).get("rows", []))
    write_text(folder / "results.csv", results_csv(experiment, rows))
    write_text(folder / "tables.md", markdown(made))
    page = folder / "report.html"
    write_text(page, _page(experiment, rows, made))
    return page


def _page(experiment: Experiment, rows: Sequence[Row], made: Sequence[Table]) -> str:
    section = render_html(
        SECTION,
        tables=made,
        plots=list(_plots(experiment, rows)),
        about=_about(experiment, rows),
    )
    return evaluation_page(section, title=f"Does it choose better? {experiment.name}")


def _plots(experiment: Experiment, rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    main = [v for v in experiment.variants if not v.ablation and not v.everything]
    other = [v for v in experiment.variants if v.ablation]
    reached = max((row.cycle for row in rows), default=0)
    if not reached:
        return
    yield (
        "Miss rate at FPPI = 1 per cycle",
        per_cycle_png(rows, main, lambda row: row.miss, "miss rate at FPPI = 1, %"),
    )
    yield (
        "Miss rate at FPPI = 1 over a person's minutes",
        per_cycle_png(
            rows,
            main,
            lambda row: row.miss,
            "miss rate at FPPI = 1, %",
            cost=lambda row: labelling_seconds(row, Costs.of(experiment)) / 60,
            cost_label="minutes of labelling",
        ),
    )
    yield (
        "Log-average miss rate per cycle",
        per_cycle_png(rows, main, lambda row: row.lamr, "log-average miss rate, %"),
    )
    for cycle in sorted({1, (reached + 1) // 2, reached}):
        yield (
            f"Miss rate against false positives per image after cycle {cycle}",
            curves_png(rows, main, cycle),
        )
    yield (
        "People among the labelled frames",
        per_cycle_png(rows, main, lambda row: float(row.people), "people", share=False),
    )
    for text, shown in (
        ("Ablations", [v for v in other if not v.budget and not v.stills]),
        ("Budgets", [v for v in other if v.budget]),
        ("Stills", [v for v in other if v.stills]),
    ):
        if any(row.variant == v.name and row.cycle for row in rows for v in shown):
            beside = [] if text == "Stills" else main[:2]
            yield (
                f"{text}: miss rate at FPPI = 1 per cycle",
                per_cycle_png(
                    rows, [*beside, *shown], lambda row: row.miss, "miss rate at FPPI = 1, %"
                ),
            )
    candidates = max((row.scored for row in rows), default=0)
    completion = completion_png(experiment, rows, candidates)
    if completion is not None:
        yield ("Time to completion over the frames per cycle", completion)


def _about(experiment: Experiment, rows: Sequence[Row]) -> str:
    runs = {(row.variant, row.seed) for row in rows if row.cycle}
    planned = sum(len(experiment.seeds_of(v)) for v in experiment.variants)
    return (
        f"{len(runs)} of {planned} runs; {experiment.budget} frames in each of "
        f"{experiment.cycles} cycles, {experiment.training.epochs} epochs from the "
        f"{experiment.start} detector each. All repeats share the initial detector; the "
        "same repeat of two variants shares every random number of the training, so that "
        "they differ by their picks only. Every setting stands in experiment.json."
    )
