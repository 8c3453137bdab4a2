"""Replays the whole loop over labelled footage, an oracle in the place of the person, for
several strategies side by side: does it choose better? Ends with a report, a table of every
run and cycle (results.csv) and the paper's figures. A killed run goes on where it was."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.cli import console
from framesift.cli.settings import add_options, given_options
from framesift.errors import InputError
from framesift.records.settings import made

if TYPE_CHECKING:
    from framesift.simulate import Experiment
    from framesift.simulate.run_settings import SimulationSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.simulate.run_settings import NOUN, SimulationSettings

    parser.add_argument(
        "experiment",
        nargs="?",
        metavar="EXPERIMENT.toml",
        help="what to compare; or one of the following",
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="tiny (two minutes), proxy (screening, 20 minutes on two cores), small (hours), "
        "crowd (a third world of drawn drives, as long), large (for a graphics card)",
    )
    parser.add_argument(
        "--camvid",
        metavar="FOLDER",
        help="the CamVid drives with COCO files in FOLDER; with --preset recipes, screening, "
        "comparison, hypothesis, means, carrying or labels: that, asked of these drives",
    )
    parser.add_argument(
        "--paper",
        nargs=2,
        metavar=("DATASET", "FOLDER"),
        help="the paper's full protocol: caltech FOLDER",
    )
    parser.add_argument(
        "--citypersons",
        metavar="FOLDER",
        help="with --paper: what the initial detector learns from",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="FOLDER",
        help="where the results go, and where a killed run is gone on with",
    )
    add_options(parser, SimulationSettings, NOUN)
    parser.add_argument(
        "--report",
        action="store_true",
        help="run nothing, only write the report of what is there",
    )


def run(args: argparse.Namespace) -> int:
    from framesift.cluster import Where
    from framesift.simulate import Row, simulate
    from framesift.simulate.run_settings import NOUN, SimulationSettings

    how = made(SimulationSettings, given_options(args, SimulationSettings), noun=NOUN)
    experiment = _part(_experiment(args), how)
    folder = Path(args.out)
    where = None if how.cluster is None else Where.of(how.cluster)
    if not args.report:
        with console.Shown() as shown:
            records = simulate(experiment, folder, devices=how.device, where=where)
            for record in shown.drain(records):
                if isinstance(record, Row):
                    console.say(
                        f"{record.variant}, seed {record.seed}, cycle {record.cycle}: "
                        f"{record.frames} frames, miss rate {record.miss:.1%}"
                    )
    return _report(experiment, folder)


def _report(experiment: Experiment, folder: Path) -> int:
    from framesift.simulate.report import write_report

    page = write_report(experiment, folder)
    console.say(f"The report is {page}")
    return 0


def _experiment(args: argparse.Namespace) -> Experiment:
    from framesift.simulate import load_experiment, presets

    given = [args.experiment, args.preset, args.camvid, args.paper]
    both = args.preset is not None and args.camvid is not None
    if sum(part is not None for part in given) != 1 + both:
        raise InputError(
            "Say what to simulate: an experiment.toml, --preset, --camvid or "
            "--paper, one of them."
        )
    if args.experiment:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", FutureWarning)
            experiment = load_experiment(args.experiment)
        for warning in told:
            console.warn(str(warning.message))
    elif both:
        experiment = presets.on_camvid(args.preset, Path(args.camvid))
    elif args.preset:
        experiment = presets.preset(args.preset)
    elif args.camvid:
        experiment = presets.camvid(Path(args.camvid))
    else:
        if args.paper[0] != "caltech" or not args.citypersons:
            raise InputError(
                "The paper's protocol needs both data sets: --paper caltech "
                "FOLDER --citypersons FOLDER."
            )
        experiment = presets.paper(Path(args.paper[1]), Path(args.citypersons))
    return experiment


def _part(experiment: Experiment, how: SimulationSettings) -> Experiment:
    """The experiment with the variants that are asked for, and as many repeats. Raises
    InputError for a variant that there is not."""
    from dataclasses import replace

    names = [variant.name for variant in experiment.variants]
    unknown = sorted(set(how.only) - set(names))
    if unknown:
        raise InputError(f"There is no variant {unknown[0]!r}; there are {', '.join(names)}.")
    return replace(
        experiment,
        variants=tuple(v for v in experiment.variants if not how.only or v.name in how.only),
        seeds=how.seeds or experiment.seeds,
    )
