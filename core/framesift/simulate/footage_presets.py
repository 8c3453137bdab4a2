"""Experiments on labelled footage that a person brings; resources/docs/simulation.md tells what
came of those on CamVid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from framesift.errors import InputError
from framesift.evaluation import EvaluationSettings
from framesift.evaluation import settings as evaluation
from framesift.selection.rules import PRESETS as SELECTION
from framesift.simulate.learning_presets import (
    carrying,
    cheap_labels,
    comparison,
    hypothesis,
    means,
    recipes,
    screening,
)
from framesift.simulate.preset_parts import (
    HEADROOM,
    RULES,
    SPREAD,
    ablations,
    learning_settings,
    strategies,
)
from framesift.simulate.settings import Experiment
from framesift.simulate.specs import DatasetSpec, InitialSpec
from framesift.simulate.variants import Variant
from framesift.training import TrainSettings

ON_FOOTAGE: Mapping[str, Callable[[Experiment], Experiment]] = {
    "recipes": recipes,
    "screening": screening,
    "comparison": comparison,
    "hypothesis": hypothesis,
    "means": means,
    "carrying": carrying,
    "labels": cheap_labels,
}
"""What is asked of footage, that of `small` unless other is given."""


def asked(name: str, footage: Experiment) -> Experiment:
    """What a preset asks, one of ON_FOOTAGE, asked of other footage than that of `small`."""
    return replace(ON_FOOTAGE[name](footage), name=f"{name}-{footage.name}")


def camvid(folder: Path) -> Experiment:
    """Real labelled dashcam drives: the three at 1 Hz are the pool, the fourth is measured."""
    names = ("0016E5a_1hz", "0016E5b_1hz", "0006R0_1hz")
    files = {name: folder / f"{name}.coco.json" for name in (*names, "0016E5c_15hz")}
    for path in files.values():
        if not path.exists():
            raise InputError(
                f"{folder} lacks {path.name}; give the folder that holds the "
                "CamVid drives with their COCO files."
            )
    return Experiment(
        "camvid",
        pool=DatasetSpec("coco", tuple(str(files[name]) for name in names)),
        evaluation=DatasetSpec("coco", (str(files["0016E5c_15hz"]),)),
        initial=InitialSpec(
            "drawn",
            frames=1500,
            size=(360, 480),
            width=0.25,
            working_height=360,
            box_sizes="pool",
            training=learning_settings(16, 25, (224, 224), 2e-3),
        ),
        variants=(
            Variant("divergence"),
            Variant("guided-random", "guided-random"),
            Variant("entropy", "entropy"),
            SPREAD[0],
            HEADROOM,
        ),
        budget=15,
        cycles=5,
        seeds=3,
        rules={**RULES, "smoothing": False},
        score={"radius": 7, "region": 22},
        training=learning_settings(10, 25, (224, 224)),
        measuring=EvaluationSettings(resamples=0, coco=False, min_height=25),
        correlate_every=1,
    )


def on_camvid(name: str, folder: Path) -> Experiment:
    """What a preset asks, asked of CamVid's drives and from their initial detector. Raises
    InputError for one that is of its own footage, and as `camvid`."""
    if name not in ON_FOOTAGE:
        raise InputError(
            f"The preset {name!r} goes with footage of its own; with --camvid give one of "
            f"{', '.join(ON_FOOTAGE)}, or none."
        )
    return asked(name, camvid(folder))


def paper(caltech: Path, citypersons: Path) -> Experiment:
    """The paper's protocol: CityPersons first, then 14 cycles of 500 frames of Caltech, T = 50
    epochs each, five repeats, double evaluation, its label filters."""
    learning = TrainSettings(filtered="discard")
    return Experiment(
        "paper",
        pool=DatasetSpec("caltech", (str(caltech),), "train"),
        evaluation=DatasetSpec("caltech", (str(caltech),), "test", every=30),
        initial=InitialSpec(
            "footage",
            footage=DatasetSpec("citypersons", (str(citypersons),), "train"),
            width=1.0,
            training=learning,
        ),
        variants=(*strategies(), HEADROOM, *ablations(2, 500, 14)),
        budget=500,
        cycles=14,
        seeds=5,
        rules={name: value for name, value in SELECTION["paper"].items() if name != "strategy"},
        score={"flip": True},
        training=learning,
        measuring=EvaluationSettings(resamples=0, coco=False, **evaluation.PRESETS["paper"]),
        correlate_every=30,
        threads=4,
    )
