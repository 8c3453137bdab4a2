"""What an experiment is: footage, an initial detector, how it learns, and what is compared.

Plain data, read from TOML (`load_experiment`); resources/docs/simulation.md describes the file.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from framesift.errors import InputError
from framesift.evaluation import EvaluationSettings
from framesift.selection.rules import Rules
from framesift.training import TrainSettings
from framesift.training.settings import known_settings

Plain = Mapping[str, Any]
Kind = TypeVar("Kind")
SOURCES = ("checkpoint", "drawn", "footage")
BOX_SIZES = ("initial", "pool")


@dataclass(frozen=True, slots=True)
class FootageSpec:
    """Labelled footage: a `kind` of framesift.datasets and the `paths` of its files (for drawn
    drives, what describes them), a `split`, and further `options` of open_footage. `every`:
    only every n-th frame of a clip takes part."""

    kind: str
    paths: tuple[str | Plain, ...]
    split: str | None = None
    every: int = 1
    options: Plain = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.every < 1:
            raise InputError("Every 0th frame cannot take part; give `every` a number from 1.")
        if not self.paths:
            raise InputError("The footage of an experiment has no path; give `paths`.")


@dataclass(frozen=True, slots=True)
class InitialSpec:
    """The initial detector (w_l). source: "checkpoint" (`detector`: a name or a file), "drawn"
    (trained on `frames` drawn single frames of `look` and `size`, rows × columns) or "footage"
    (trained on `footage`). architecture settings: `width`, `working_height`. box_sizes:
    "initial" fits them to the labels it learns from (a checkpoint keeps its own), "pool" to
    those of the pool. epochs and the rest of `training` as in TrainSettings."""

    source: str = "checkpoint"
    detector: str = "pedestrian"
    look: str = "source"
    frames: int = 1500
    size: tuple[int, int] = (480, 640)
    footage: FootageSpec | None = None
    width: float = 0.5
    working_height: int | None = 480
    box_sizes: str = "initial"
    seed: int = 0
    training: TrainSettings = field(default_factory=TrainSettings)

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise InputError(
                f"The initial detector's source is {self.source!r}; it can be "
                f"{', '.join(SOURCES)}."
            )
        if self.box_sizes not in BOX_SIZES:
            raise InputError(
                f"box_sizes of the initial detector is {self.box_sizes!r}; it can "
                f"be {', '.join(BOX_SIZES)}."
            )
        if (self.source == "footage") != (self.footage is not None):
            raise InputError(
                "An initial detector from footage needs [initial.footage], and "
                "others must not have it."
            )


@dataclass(frozen=True, slots=True)
class Variant:
    """One line of the comparison: a strategy, and what it changes of the experiment's `rules`,
    `score` (arguments of FrameScorer; `radius_by_box` scales r to each level's box) and
    `training` settings. seeds: how many of the
    experiment's seeds it runs. `everything`: no selection, the whole pool is labelled at once
    (the headroom). `ablation`: shown among the ablations."""

    name: str
    strategy: str = "divergence"
    seeds: int | None = None
    cycles: int | None = None
    budget: int | None = None
    rules: Plain = field(default_factory=dict)
    score: Plain = field(default_factory=dict)
    training: Plain = field(default_factory=dict)
    stills: bool = False
    everything: bool = False
    ablation: bool = False

    def __post_init__(self) -> None:
        if not self.name or any(c in self.name for c in "/\\:\0") or self.name[0] == ".":
            raise InputError(
                f"A variant is called {self.name!r}; give it a name that can be a folder's."
            )


@dataclass(frozen=True, slots=True)
class Experiment:
    """A whole simulation. `budget` frames are taken in each of `cycles` cycles, for `seeds`
    repeats; every candidate is an `every`-th frame of the pool. `start`: what a cycle trains
    from, "initial" (the paper) or "current". `baseline`: the variant that others are compared
    with. `correlate_every`: of the pool's frames, for the table of rank correlations (0: none).
    `label_s`: seconds of a person's work per frame, `box_s`: and per box in it."""

    name: str
    pool: FootageSpec
    evaluation: FootageSpec
    classes: tuple[str, ...] = ("pedestrian",)
    initial: InitialSpec = field(default_factory=InitialSpec)
    variants: tuple[Variant, ...] = ()
    budget: int = 40
    cycles: int = 5
    seeds: int = 3
    start: str = "initial"
    baseline: str = "guided-random"
    rules: Plain = field(default_factory=dict)
    score: Plain = field(default_factory=dict)
    training: TrainSettings = field(default_factory=TrainSettings)
    measuring: EvaluationSettings = field(
        default_factory=lambda: EvaluationSettings(resamples=0, coco=False)
    )
    correlate_every: int = 0
    label_s: float = 35.0
    box_s: float = 0.0
    threads: int = 1

    def __post_init__(self) -> None:
        names = [one.name for one in self.variants]
        if len(set(names)) != len(names):
            raise InputError("Two variants of the experiment have the same name.")
        for name in ("budget", "cycles", "seeds", "threads"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; give a number from 1.")
        if self.start not in ("initial", "current"):
            raise InputError('Cycles start from "initial" or "current".')
        for one in self.variants:
            self.rules_of(one, 0)

    def rules_of(self, variant: Variant, seed: int) -> Rules:
        """The rules of a variant's cycle. Raises InputError for settings that make no sense."""
        settings = {**Rules().settings(), "look_alike": "off", **self.rules, **variant.rules}
        unknown = set(settings) - set(Rules.__slots__)
        if unknown:
            raise InputError(f"There is no rule {sorted(unknown)[0]!r}.")
        settings |= {
            "strategy": variant.strategy,
            "seed": seed,
            "budget": variant.budget or self.budget,
        }
        return Rules.from_settings(settings)

    def training_of(self, variant: Variant, seed: int) -> TrainSettings:
        """How a variant's cycles train: the same random numbers for every variant."""
        data = {**self.training.to_json(), **variant.training}
        return TrainSettings.from_json(data).with_(
            seed=seed, threads=self.threads, validate_every=0
        )

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
        data = self.to_json()
        for name in (
            "name",
            "variants",
            "seeds",
            "cycles",
            "baseline",
            "correlate_every",
            "label_s",
            "box_s",
        ):
            del data[name]
        own = json.loads(json.dumps(asdict(variant)))
        for name in ("name", "seeds", "ablation", "cycles"):
            del own[name]

        text = json.dumps([data, own], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @staticmethod
    def from_json(data: Plain) -> Experiment:
        """An experiment from plain values (a TOML file's, say). Raises InputError for what is
        unknown, missing or of the wrong kind."""
        values = known_settings(data, Experiment, "experiment")
        try:
            for name in ("pool", "evaluation"):
                if name not in values:
                    raise InputError(f"The experiment has no [{name}]; say which footage.")
                values[name] = _footage(values[name], name)
            if "initial" in values:
                values["initial"] = _initial(values["initial"])
            if "training" in values:
                values["training"] = TrainSettings.from_json(values["training"])
            if "measuring" in values:
                own = known_settings(values["measuring"], EvaluationSettings, "measuring")
                lists = ("ious", "aspect", "aspect_classes")
                own.update({k: tuple(own[k]) for k in lists if own.get(k) is not None})
                values["measuring"] = EvaluationSettings(
                    **{"resamples": 0, "coco": False, **own}
                )
            values["classes"] = tuple(values.get("classes", ("pedestrian",)))
            values["variants"] = tuple(
                Variant(**known_settings(one, Variant, "variant"))
                for one in values.get("variants", ())
            )
            return Experiment(**values)
        except (TypeError, ValueError, KeyError) as error:
            raise InputError(f"The experiment cannot be used: {error}.") from error


def _footage(data: object, name: str) -> FootageSpec:
    values = known_settings(data, FootageSpec, name)
    values["paths"] = tuple(values.get("paths", ()))
    return FootageSpec(**values)


def _initial(data: object) -> InitialSpec:
    values = known_settings(data, InitialSpec, "initial")
    if values.get("footage") is not None:
        values["footage"] = _footage(values["footage"], "initial.footage")
    if "training" in values:
        values["training"] = TrainSettings.from_json(values["training"])
    if "size" in values:
        rows, columns = values["size"]
        values["size"] = (int(rows), int(columns))
    return InitialSpec(**values)


def load_experiment(path: Path | str) -> Experiment:
    """Reads an experiment.toml; paths in it start from its folder. Raises InputError."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"Cannot read the experiment {path}: {error.strerror or error}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The experiment {path} is not TOML: {error}.") from error
    for table in _tables(data):
        if table.get("kind") != "synthetic":
            table["paths"] = [
                str((path.parent / str(one)).absolute()) for one in table.get("paths", ())
            ]
    data.setdefault("name", path.stem)
    return Experiment.from_json(data)


def _tables(data: Plain) -> Sequence[dict[str, Any]]:
    found = [
        data.get("pool"),
        data.get("evaluation"),
        (data.get("initial") or {}).get("footage"),
    ]
    return [one for one in found if isinstance(one, dict)]
