"""What an experiment is: footage, an initial detector, how it learns, and what is compared.

Plain data, read from TOML (`load_experiment`); resources/docs/simulation.md describes the file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from framesift.bench.planner.settings import PlanSettings
from framesift.errors import InputError
from framesift.evaluation import EvaluationSettings
from framesift.records.settings import (
    REQUIRED,
    check,
    current,
    from_plain,
    like,
    made,
    merged,
    to_plain,
)
from framesift.scores.strategies import refuse_contradiction, strategy_named
from framesift.selection.rules import NOUN, Rules
from framesift.simulate.keys import FILE_ONLY, in_file, plain_table, signal_names
from framesift.simulate.kinds import WEAK
from framesift.simulate.specs import PAPER, DatasetSpec, InitialSpec, dataset_spec
from framesift.simulate.variants import STARTS, Plain, Variant, variants_of
from framesift.training import PRESETS, Labels, TrainSettings
from framesift.training.presets import STEADY, differences

if TYPE_CHECKING:
    from framesift.scores import FrameScorer

MEASURING: Plain = {"resamples": 0, "coco": False}
"""What an experiment's evaluations default to: the repeats give the intervals."""

COSTS = ("label_s", "box_s", "point_s", "extreme_s", "answer_s", "tag_s")
"""What a person's work takes: read when results are shown, not when they are made."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A whole simulation; the table says what each key is."""

    name: str = in_file(REQUIRED, title="Name", help="of the experiment")
    pool: DatasetSpec = in_file(
        REQUIRED,
        title="Pool",
        help="footage to choose from",
        parse=dataset_spec,
        plain=to_plain,
    )
    evaluation: DatasetSpec = in_file(
        REQUIRED,
        title="Evaluation",
        help="footage to measure on",
        parse=dataset_spec,
        plain=to_plain,
    )
    classes: tuple[str, ...] = in_file(
        ("pedestrian",), title="Classes", help="what is looked for"
    )
    initial: InitialSpec = field(default_factory=InitialSpec)
    variants: tuple[Variant, ...] = in_file(
        (),
        title="Variants",
        help="what is compared, as [[variants]]",
        parse=variants_of,
        plain=lambda variants: [to_plain(variant) for variant in variants],
    )
    budget: int = in_file(40, title="Budget", help="frames that a cycle takes", low=1)
    cycles: int = in_file(5, title="Cycles", help="of each run", low=1)
    seeds: int = in_file(3, title="Seeds", help="repeats of each variant", low=1)
    start: str = in_file(
        "initial",
        title="Start",
        help="what a cycle trains from: initial is the paper's",
        choices=STARTS,
    )
    preset: str | None = in_file(
        None,
        title="Preset",
        help="of training, for each cycle's number of labels; it goes before [training]",
        choices=tuple(PRESETS),
        empty="what [training] says",
    )
    baseline: str = in_file(
        "guided-random", title="Baseline", help="the variant that others are compared with"
    )
    rules: Plain = in_file(dict, title="Rules", help="of the selection", parse=plain_table)
    score: Plain = in_file(
        dict, title="Score", help="settings of whichever score a variant has", parse=plain_table
    )
    training: TrainSettings = field(default_factory=TrainSettings)
    measuring: EvaluationSettings = field(
        default_factory=lambda: EvaluationSettings(**MEASURING)
    )
    correlate_every: int = in_file(
        0,
        title="Correlate every",
        help="every how many of the frames the table of rank correlations counts, 0 for none",
        low=0,
    )
    correlate_on: str = in_file(
        "pool",
        title="Correlate on",
        help="whose frames: the pool's, some of which the later detector has learnt, or the "
        "evaluation's",
        choices=("pool", "evaluation"),
    )
    correlate_by: tuple[str, ...] = in_file(
        (),
        title="Correlate by",
        help="signals in the table beside those of the variants; `all`: every one that the "
        "detector gives",
        parse=signal_names,
        plain=list,
    )
    label_s: float = in_file(
        35.0, title="Seconds a frame", help="of a person's work", unit="s", low=0
    )
    box_s: float = in_file(
        0.0,
        title="Seconds a box",
        help="of a person's work, beside the frame's",
        unit="s",
        low=0,
    )
    point_s: float = like(
        PlanSettings, "point_seconds", absent=FILE_ONLY, title="Seconds a point"
    )
    extreme_s: float = like(
        PlanSettings, "extreme_seconds", absent=FILE_ONLY, title="Seconds four clicks"
    )
    answer_s: float = like(
        PlanSettings, "answer_seconds", absent=FILE_ONLY, title="Seconds an answer"
    )
    tag_s: float = like(PlanSettings, "tag_seconds", absent=FILE_ONLY, title="Seconds a tag")
    aim: int = in_file(
        100,
        title="Aim",
        help="labels that cost less are compared by the minutes that they take to the miss "
        "rate of so many frames with boxes",
        unit="frames",
        low=1,
    )
    threads: int = in_file(1, title="Processor threads", help="of each run", low=1)

    def __post_init__(self) -> None:
        check(self, "experiment")
        names = [variant.name for variant in self.variants]
        if len(set(names)) != len(names):
            raise InputError("Two variants of the experiment have the same name.")
        for variant in self.variants:
            self.rules_of(variant, 0)
            self.scorers_of(variant)
            its = current(variant.score, "score")
            refuse_contradiction(
                {name: f"The {name} of the variant {variant.name}" for name in its},
                [variant.strategy],
            )
            # By rules that ask for the number of labels: some settings stand only with others.
            self.training_of(variant, 0, Labels(1, 1))

    def rules_of(self, variant: Variant, seed: int) -> Rules:
        """The rules of a variant's cycle: the defaults of every selection, but for what the
        experiment and the variant say. Raises InputError for settings that make no sense."""
        return made(
            Rules,
            self.rules,
            variant.rules,
            {
                "strategy": strategy_named(variant.strategy).key,
                "seed": seed,
                "budget": variant.budget or self.budget,
            },
            noun=NOUN,
        )

    def scorers_of(self, variant: Variant) -> dict[str, FrameScorer]:
        """By signal of a variant's strategy what gives its scores; the experiment's settings
        serve whichever scores it has. Raises InputError for settings that make no sense."""
        from framesift.scores import FrameScorer

        settings = merged(self.score, variant.score, noun="score")
        if "method" in settings:
            raise InputError(
                f"The variant {variant.name} names a score; its strategy says by what frames "
                "are scored."
            )
        # Those of a strategy without scores are checked, too.
        FrameScorer(top=0, **settings)
        return {
            signal: FrameScorer(signal, top=0, **settings)
            for signal in strategy_named(variant.strategy).signals
        }

    def training_of(
        self, variant: Variant, seed: int, labels: Labels | None = None
    ) -> TrainSettings:
        """How a variant's cycle with so many labels trains: the same random numbers for every
        variant."""
        name = variant.preset or self.preset
        given = made(
            TrainSettings,
            self.training.to_json(),
            differences(name, self.training, labels) if name else {},
            {"weak": {"enabled": True}} if variant.labels in WEAK else {},
            variant.training,
            noun="training",
        )
        return given.with_(seed=seed, threads=self.threads, validate_every=0)

    def start_of(self, variant: Variant) -> str:
        """What a variant's cycles train from."""
        return variant.start or self.start

    def seeds_of(self, variant: Variant) -> range:
        return range(min(self.seeds, variant.seeds or self.seeds))

    def cycles_of(self, variant: Variant) -> int:
        return 1 if variant.everything else variant.cycles or self.cycles

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        data["training"] = self.training.to_json()
        data["initial"]["training"] = self.initial.training.to_json()
        return data

    def digest(self, variant: Variant) -> str:
        """sha256 over all that a run of this variant depends on."""
        data = replace(self, variants=()).to_json()
        for name in (
            "name",
            "variants",
            "seeds",
            "cycles",
            "baseline",
            "correlate_every",
            "correlate_on",
            "correlate_by",
            *COSTS,
            "aim",
        ):
            del data[name]
        particular = json.loads(json.dumps(asdict(variant)))
        for name in ("name", "seeds", "ablation", "cycles"):
            del particular[name]
        # What results from before do not know makes no difference where it is not used.
        if not data["initial"]["heads"]:
            del data["initial"]["heads"]
        if data["initial"]["architecture"] == PAPER:
            del data["initial"]["architecture"], data["initial"]["settings"]
        for table in (data, particular):
            for name in ("preset", "start"):
                if table.get(name, 0) is None:
                    del table[name]
        if variant.labels == "boxes":
            del particular["labels"]
        # Earlier versions laid less of any other preset over the experiment's training.
        laid = variant.preset or self.preset
        if laid not in (None, STEADY):
            data["preset"], particular["preset"] = "all of its recipe", laid

        text = json.dumps([data, particular], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @staticmethod
    def from_json(data: Plain) -> Experiment:
        """An experiment from plain values (a TOML file's, say). Raises InputError for what is
        unknown, missing or of the wrong kind."""
        values = current(data, "experiment")
        for name in ("pool", "evaluation"):
            if name not in values:
                raise InputError(f"The experiment has no [{name}]; say which footage.")
        if "measuring" in values:
            measuring = (MEASURING, values["measuring"])
            values["measuring"] = made(EvaluationSettings, *measuring, noun="evaluation")
        return from_plain(Experiment, values, "experiment")
