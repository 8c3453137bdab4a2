"""The results of a simulation on disk: a row per run and cycle, never computed twice.

experiment.json            what the results are of
initial.safetensors        the initial detector
footage/                   drawn drives
scores/KEY.npz             frame scores of a pool by one detector and recipe
runs/VARIANT/SEED/         cycle-NN.json (the row) and cycle-NN.safetensors
correlation.json

Beside a row and beside scores lies NAME.seconds.json: what this machine needed for them. All
else is the same to the bit wherever the same experiment runs on the same kind of machine.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.files import make_folder, replacing, write_text
from framesift.simulate.settings import Experiment
from framesift.simulate.variants import Variant

SECONDS = ".seconds.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One run after one cycle.

    map, matched_iou: COCO's mean average precision, and the mean IoU of the labels that are
    found at one false positive per image with the boxes that found them (several classes: their
    mean; at the headline IoU); positive_iou: the mean IoU of boxes with their labels that a
    second stage makes of the first one's proposals (see detectors.positives); None where not
    measured.
    frames, people, boxes: labelled so far (people: boxes of the classes that count; boxes:
    ignore regions too); picked: (drive, frame) of this cycle in order; new_people: people in
    them; empty: frames of this cycle without anybody; selectable: how many the rules let
    through; work: by kind of label how many were given so far, where they are not all boxes.
    miss_rate and log_average by IoU ("0.3"); curve: (FPPI, miss rate) points at the
    headline IoU; resampled: miss rates there with the evaluation's `blocks` drawn again.
    seconds: what this machine needed, by step; not part of the result.
    """

    variant: str
    seed: int
    cycle: int
    frames: int
    people: int
    boxes: int
    headline: float
    miss_rate: Mapping[str, float | None]
    log_average: Mapping[str, float | None]
    ap50: float | None = None
    map: float | None = None
    matched_iou: float | None = None
    positive_iou: float | None = None
    reachable: float | None = None
    new_people: int = 0
    empty: int = 0
    selectable: int = 0
    picked: tuple[tuple[str, int], ...] = ()
    curve: tuple[tuple[float, float], ...] = ()
    scored: int = 0
    trained: int = 0
    work: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    resampled: tuple[float | None, ...] = ()
    blocks: str = ""

    @property
    def miss(self) -> float:
        """The headline miss rate; NaN where there is none."""
        value = self.miss_rate.get(f"{self.headline:g}")
        return float("nan") if value is None else value

    @property
    def lamr(self) -> float:
        """The headline log-average miss rate; NaN where there is none."""
        value = self.log_average.get(f"{self.headline:g}")
        return float("nan") if value is None else value


class Store:
    """A results folder. `owner`: who trains in folders of his own, where several may be at the
    same run. Raises InputError where it holds another experiment's results."""

    def __init__(self, folder: Path, experiment: Experiment, owner: str = "") -> None:
        self.folder, self.experiment, self._owner = make_folder(folder), experiment, owner
        path = folder / "experiment.json"
        text = json.dumps(experiment.to_json(), indent=1) + "\n"
        try:
            before = path.read_text(encoding="utf-8") if path.exists() else None
            # Every task opens the store again, nearly always of the same experiment.
            if before == text:
                return
            earlier = None if before is None else Experiment.from_json(json.loads(before))
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path} cannot be read ({error}); choose another folder for the results."
            ) from error
        if earlier is not None:
            self._check(earlier)
        write_text(path, text)

    def _check(self, before: Experiment) -> None:
        """Raises InputError where results of before are of other settings."""
        named = {variant.name: variant for variant in before.variants}
        for variant in self.experiment.variants:
            old = named.get(variant.name)
            if old is None or before.digest(old) == self.experiment.digest(variant):
                continue
            if (self.folder / "runs" / variant.name).exists():
                raise InputError(
                    f"{self.folder} holds results of {variant.name!r} with other settings; "
                    "choose another folder, or delete that one."
                )

    @property
    def initial(self) -> Path:
        return self.folder / "initial.safetensors"

    @property
    def footage(self) -> Path:
        return self.folder / "footage"

    def run(self, variant: Variant, seed: int) -> Path:
        return self.folder / "runs" / variant.name / str(seed)

    def training(self, variant: Variant, seed: int, cycle: int) -> Path:
        """Where a cycle trains; gone when it is over."""
        name = f"training-{cycle:02d}"
        return self.run(variant, seed) / (f"{name}-{self._owner}" if self._owner else name)

    def clear_training(self) -> None:
        """Takes away what trainings left that were killed."""
        for left in self.folder.glob("runs/*/*/training-*"):
            shutil.rmtree(left, ignore_errors=True)

    def checkpoint(self, variant: Variant, seed: int, cycle: int) -> Path:
        """The detector after a cycle; after cycle 0 it is the initial one."""
        if cycle == 0:
            return self.initial
        return self.run(variant, seed) / f"cycle-{cycle:02d}.safetensors"

    def rows_of(self, variant: Variant, seed: int) -> list[Row]:
        """The rows of a run so far, from cycle 0 on; empty before it began."""
        rows: list[Row] = []
        zero = self.folder / "cycle-00.json"
        last = self.experiment.cycles_of(variant)
        paths = [
            zero,
            *(self.run(variant, seed) / f"cycle-{n:02d}.json" for n in range(1, last + 1)),
        ]
        for path in paths:
            if not path.exists():
                break
            rows.append(_row(path, variant.name, seed))
        return rows

    def rows(self) -> list[Row]:
        """All rows, run by run in the order of the experiment."""
        return [
            row
            for variant in self.experiment.variants
            for seed in self.experiment.seeds_of(variant)
            for row in self.rows_of(variant, seed)
        ]

    def write_row(self, row: Row, variant: Variant | None) -> None:
        folder = self.folder if variant is None else self.run(variant, row.seed)
        path = folder / f"cycle-{row.cycle:02d}.json"
        data = asdict(row)
        _write_seconds(path, data.pop("seconds"))
        write_text(path, json.dumps(data, indent=1) + "\n")

    def read_scores(self, key: str) -> dict[str, NDArray[Any]] | None:
        path = self.folder / "scores" / f"{key}.npz"
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}

    def write_scores(
        self, key: str, series: Mapping[str, NDArray[Any]], seconds: float | None = None
    ) -> None:
        path = self.folder / "scores" / f"{key}.npz"
        if seconds is not None:
            _write_seconds(path, {"scoring": seconds})
        with replacing(path) as part, part.open("wb") as file:
            np.savez(file, **series)  # type: ignore[arg-type]

    def scoring_seconds(self, key: str) -> float:
        """What the scores of a key took; 0 where that is not known."""
        return _read_seconds(self.folder / "scores" / f"{key}.npz").get("scoring", 0.0)

    def read_correlation(self) -> dict[str, Any] | None:
        path = self.folder / "correlation.json"
        if not path.exists():
            return None
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document

    def write_correlation(self, document: Mapping[str, Any]) -> None:
        write_text(self.folder / "correlation.json", json.dumps(document, indent=1) + "\n")


def _write_seconds(path: Path, seconds: Mapping[str, float]) -> None:
    write_text(path.with_suffix(SECONDS), json.dumps(seconds) + "\n")


def _read_seconds(path: Path) -> dict[str, float]:
    beside = path.with_suffix(SECONDS)
    if not beside.exists():
        return {}
    return {str(k): float(s) for k, s in json.loads(beside.read_text("utf-8")).items()}


def _row(path: Path, variant: str, seed: int) -> Row:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        data["seconds"] = data.get("seconds", {}) | _read_seconds(path)
        data["picked"] = tuple((str(d), int(n)) for d, n in data["picked"])
        data["curve"] = tuple((float(x), float(y)) for x, y in data["curve"])
        data["resampled"] = tuple(data.get("resampled", ()))
        return Row(**{**data, "variant": variant, "seed": seed})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"The row {path} is damaged ({error}); delete it, and its cycle is computed again."
        ) from error
