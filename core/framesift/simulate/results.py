"""A simulation in one call, and its results as a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.product.optional import axes_or_new, data_frame
from framesift.records.draining import drain
from framesift.simulate.engine import simulate
from framesift.simulate.experiment_file import load_experiment
from framesift.simulate.presets import PRESETS, preset
from framesift.simulate.settings import Experiment
from framesift.simulate.store import Row, Store

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, repr=False)
class Simulation:
    """What an experiment gave: its rows, one per run and cycle, and the folder that holds
    them, the checkpoints and the scores."""

    experiment: Experiment
    folder: Path
    rows: tuple[Row, ...] = field(repr=False)

    def __repr__(self) -> str:
        runs = {(row.variant, row.seed) for row in self.rows}
        return (
            f"<Simulation {self.experiment.name!r}: {len(runs)} runs of "
            f"{len(self.experiment.variants)} variants, {len(self.rows)} rows>"
        )

    def to_dataframe(self) -> Any:
        """The rows as a pandas.DataFrame.

        Returns:
            A table with the columns variant, seed, cycle, frames, boxes, people, miss_rate and
            log_average_miss_rate (at the headline IoU), ap50, reachable, selectable.

        Raises:
            EnvironmentProblem: pandas is not installed.

        Example:
            >>> simulation.to_dataframe()["variant"].unique().tolist()
            ['uniform', 'random']
        """
        return data_frame(
            {
                "variant": [row.variant for row in self.rows],
                "seed": [row.seed for row in self.rows],
                "cycle": [row.cycle for row in self.rows],
                "frames": [row.frames for row in self.rows],
                "boxes": [row.boxes for row in self.rows],
                "people": [row.people for row in self.rows],
                "miss_rate": [row.miss for row in self.rows],
                "log_average_miss_rate": [row.lamr for row in self.rows],
                "ap50": [row.ap50 for row in self.rows],
                "reachable": [row.reachable for row in self.rows],
                "selectable": [row.selectable for row in self.rows],
            }
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draws the miss rate at one false positive per image over the labelled frames, a curve
        per variant, with 95 % intervals where there are repeats.

        Args:
            axes: matplotlib axes to draw into; new ones by default.

        Returns:
            The axes.

        Example:
            >>> simulation.plot().get_xlabel()
            'labelled frames'
        """
        from framesift.simulate.plots import draw_per_cycle

        axes = axes_or_new(axes, (7.0, 4.6))
        draw_per_cycle(
            axes,
            self.rows,
            self.experiment.variants,
            lambda row: row.miss,
            "miss rate at FPPI = 1, %",
        )
        return axes


def run_simulation(
    experiment: Experiment | str | Path,
    folder: str | Path,
    *,
    devices: Sequence[str] = (),
    progress: bool = False,
) -> Simulation:
    """Replays the whole loop over labelled footage for several strategies side by side.

    `framesift.simulate(…)` is this function. What is in the folder already is not computed
    again.

    Args:
        experiment: what to compare: an Experiment, the path of an experiment.toml, or the name
            of a preset.
        folder: where the results go.
        devices: where runs go side by side, one process each; found by itself.
        progress: shows a bar, in a terminal or a notebook.

    Returns:
        A Simulation: the rows of all runs, as a table or a plot.

    Raises:
        InputError: footage or settings make no sense, or the folder holds other results.
        EnvironmentProblem: another process writes there.

    Example:
        >>> framesift.simulate(experiment, "results")
        <Simulation 'two strategies': 2 runs of 2 variants, 4 rows>
    """
    planned = experiment if isinstance(experiment, Experiment) else _named(str(experiment))
    for _ in drain(simulate(planned, folder, devices=devices), progress=progress):
        pass
    place = Path(folder)
    return Simulation(planned, place, tuple(Store(place, planned).rows()))


def _named(name: str) -> Experiment:
    if name in PRESETS:
        return preset(name)
    if not Path(name).exists():
        raise InputError(
            f"There is no experiment {name!r}; give an Experiment, a file, or one of "
            f"{', '.join(PRESETS)}."
        )
    return load_experiment(name)
