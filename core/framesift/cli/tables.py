"""Every table of settings there is, for references, translations and contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from framesift.records.settings import Door, Setting, settings_of


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the noun that sentences and the table of old names call it by, a title, its
    dataclass, the member of a family that it belongs to ("": to none), why a door has none of
    it, and the groups inside that have tables of their own."""

    noun: str
    title: str
    settings: type
    member: str = ""
    absent: Mapping[Door, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Setting, ...]:
        """Its settings."""
        rows = settings_of(self.settings)
        return tuple(row for row in rows if row.name.partition(".")[0] not in self.without)

    def why_not(self, row: Setting, door: Door) -> str:
        """Why a door does not offer one of its settings; empty: it does."""
        return row.absent.get(door) or self.absent.get(door) or ""


def every_table() -> tuple[Table, ...]:
    """All tables, in the order of the data."""
    from framesift.bench.planner.settings import PlanSettings
    from framesift.detectors.run_settings import RunSettings
    from framesift.evaluation import CheckSettings, EvaluationSettings
    from framesift.project.exchange_settings import INTO, OUT, ExportSettings, ImportSettings
    from framesift.project.start import ProjectStart, SampleSettings
    from framesift.scores import ScoreSettings, score_params
    from framesift.scores.which import Which
    from framesift.selection.rules import NOUN, Rules
    from framesift.selection.strategies.spec import NOUN as STRATEGY
    from framesift.selection.strategies.spec import StrategySpec
    from framesift.simulate import DatasetSpec, Experiment, InitialSpec, Variant
    from framesift.simulate.run_settings import NOUN as SIMULATION
    from framesift.simulate.run_settings import SimulationSettings
    from framesift.synth.settings import NOUN as DRAWN
    from framesift.synth.settings import DriveSettings
    from framesift.training import TrainSettings
    from framesift.training.initial_settings import InitialSettings
    from framesift.video.settings import NOUN as VIDEO
    from framesift.video.settings import VideoSettings

    return (
        Table(VIDEO, "How files are read", VideoSettings),
        Table("score", "Scores", ScoreSettings),
        *(
            Table("score", f"Score: {name}", params, name)
            for name, params in score_params().items()
            if settings_of(params)
        ),
        Table("scoring", "Which frames are scored", Which),
        Table("detector", "Detector", RunSettings),
        Table(NOUN, "Selection", Rules),
        Table(STRATEGY, "Strategy of your own", StrategySpec),
        Table("training", "Fine-tuning", TrainSettings),
        Table(
            "evaluation",
            "Evaluation",
            EvaluationSettings,
            absent={"window": "the window measures with what the project says of itself"},
        ),
        Table(
            "check",
            "Label check",
            CheckSettings,
            absent={
                "window": "the window checks with what comes with it",
                "simulate": "drawn and published labels are taken as they are",
            },
        ),
        Table(
            "initial training",
            "Initial weights",
            InitialSettings,
            absent={
                "window": "new weights are made on the command line",
                "simulate": "[initial] has settings of its own",
            },
        ),
        Table("project", "A new project", ProjectStart),
        Table("sample", "Frames to measure by", SampleSettings),
        Table(
            DRAWN,
            "A drawn drive",
            DriveSettings,
            absent={
                "window": "Help opens the demo; drives are drawn on the command line",
                "simulate": "the paths of drawn footage say it",
            },
        ),
        Table(SIMULATION, "How an experiment is run", SimulationSettings),
        Table(OUT, "Labels out", ExportSettings),
        Table(INTO, "Labels in", ImportSettings),
        Table("plan", "Plan", PlanSettings, absent={"simulate": "a plan is of one project"}),
        Table(
            "experiment",
            "Experiment",
            Experiment,
            without=("initial", "training", "measuring"),
        ),
        Table("footage", "Experiment: footage", DatasetSpec),
        Table("initial", "Experiment: [initial]", InitialSpec, without=("training",)),
        Table("variant", "Experiment: [[variants]]", Variant),
    )


def every_text() -> Iterator[str]:
    """The words of all tables that a window shows: titles, helps, units, words for None; and
    what the members that have settings are called and do."""
    from framesift.scores import every_score
    from framesift.scores.strategies import every_strategy

    for table in every_table():
        for row in table.rows:
            if not table.why_not(row, "window"):
                yield from (row.title, row.help, row.unit, row.empty)
                yield from (row.title_of(word) for word in row.kind.choices)
    for member in (*every_score().values(), *every_strategy().values()):
        yield member.title
        yield member.description
