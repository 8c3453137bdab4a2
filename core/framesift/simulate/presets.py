"""Experiments that are ready to run; resources/docs/simulation.md tells what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from framesift.errors import InputError
from framesift.evaluation import EvaluationSettings
from framesift.simulate.footage_presets import ON_FOOTAGE, asked
from framesift.simulate.footage_presets import camvid as camvid
from framesift.simulate.footage_presets import on_camvid as on_camvid
from framesift.simulate.footage_presets import paper as paper
from framesift.simulate.preset_parts import (
    HEADROOM,
    RULES,
    SPREAD,
    STILLS,
    ablations,
    drives,
    learning_settings,
    strategies,
)
from framesift.simulate.settings import Experiment
from framesift.simulate.specs import DatasetSpec, InitialSpec
from framesift.simulate.variants import Variant
from framesift.training.presets import STEADY


def tiny() -> Experiment:
    """Two minutes: whether everything works, not whether the method does."""
    size = (192, 144)
    return Experiment(
        "tiny",
        pool=DatasetSpec(
            "synthetic", drives("target", "40-42", 300, size, scenario="busy"), every=10
        ),
        evaluation=DatasetSpec(
            "synthetic", drives("target", "60-62", 300, size, scenario="busy"), every=15
        ),
        initial=InitialSpec(
            "drawn",
            frames=240,
            size=(144, 192),
            width=0.125,
            working_height=144,
            training=learning_settings(12, 12, (96, 96), 4e-3),
        ),
        variants=(*strategies(), HEADROOM),
        budget=8,
        cycles=2,
        seeds=2,
        rules={**RULES, "delta1": "0.2s"},
        score={"radius": 3, "region": 9, "passes": 3},
        training=learning_settings(10, 12, (96, 96), 5e-4).with_(batch_norm="frozen"),
        measuring=EvaluationSettings(resamples=0, coco=False, min_height=15),
        correlate_every=1,
    )


def small() -> Experiment:
    """Drawn drives of another look than the initial detector's, at 320×240: twelve minutes of
    driving, of which every ninth frame is a candidate; smoothing reaches as far in time as the
    paper's."""
    size = (320, 240)
    learning = learning_settings(10, 25, (160, 160))
    return Experiment(
        "small",
        pool=DatasetSpec(
            "synthetic", drives("target", "400-447", 450, size, pedestrian_share=0.5), every=9
        ),
        evaluation=DatasetSpec(
            "synthetic", drives("target", "500-515", 450, size, pedestrian_share=0.5), every=12
        ),
        initial=InitialSpec(
            "drawn",
            frames=1500,
            size=(240, 320),
            width=0.25,
            working_height=240,
            training=learning_settings(20, 25, (160, 160), 2e-3),
        ),
        variants=(*strategies(), *SPREAD, HEADROOM, *ablations(2, 40, 5), *STILLS),
        budget=40,
        cycles=5,
        seeds=3,
        rules={**RULES, "half_window": 1, "sigma": 0.6},
        score={"radius": 5, "region": 15, "passes": 10},
        training=learning.with_(
            batch_norm="frozen", augmentation=replace(learning.augmentation, aim=1.0)
        ),
        measuring=EvaluationSettings(resamples=0, coco=False, min_height=25),
        correlate_every=2,
    )


def proxy() -> Experiment:
    """For screening: as small, with narrower detectors, half the drives and budget, two cycles
    and two repeats of six variants, trained as `framesift train` does. Who is far behind need
    not be run at length."""
    whole = small()
    size = (320, 240)
    return replace(
        whole,
        name="proxy",
        pool=DatasetSpec(
            "synthetic", drives("target", "400-423", 450, size, pedestrian_share=0.5), every=12
        ),
        evaluation=DatasetSpec(
            "synthetic", drives("target", "500-507", 450, size, pedestrian_share=0.5), every=18
        ),
        initial=replace(whole.initial, width=0.125),
        variants=(
            Variant("guided-random", "guided-random"),
            Variant("divergence"),
            Variant("entropy", "entropy"),
            Variant("core-set", "core-set"),
            Variant("timeline", "timeline"),
            Variant("k-means++", "k-means++"),
        ),
        budget=20,
        cycles=2,
        seeds=2,
        training=whole.training.with_(epochs=8),
        preset=STEADY,
        # The product's own rules: fitted distances, look-alikes last.
        rules={"half_window": 1, "sigma": 0.6},
        correlate_every=0,
    )


def crowd() -> Experiment:
    """A third world, to be kept until a comparison is settled on the others: daylight, crowds,
    small people, trained as `framesift train` does. Its drives and seeds stood here before any
    strategy ran on it."""
    whole = small()
    size = (320, 240)
    return replace(
        whole,
        name="crowd",
        pool=DatasetSpec(
            "synthetic", drives("crowd", "700-747", 450, size, pedestrian_share=0.8), every=9
        ),
        evaluation=DatasetSpec(
            "synthetic", drives("crowd", "800-815", 450, size, pedestrian_share=0.8), every=12
        ),
        initial=replace(whole.initial, training=whole.initial.training.with_(min_height=15)),
        training=whole.training.with_(min_height=15),
        preset=STEADY,
        measuring=replace(whole.measuring, min_height=15),
        rules={"half_window": 1, "sigma": 0.6},
    )


def huale() -> Experiment:
    """HUALE with a Faster R-CNN: its choice of frames, and its loss beside smooth L1 and EIoU
    alone. Half an hour for a repeat on one core, and as much for the initial detector; every
    cycle goes on with the detector of the one before, and the footage is of the look that it
    began with. People are to be larger than the mobile network's smallest anchors, 32 px: hence
    the working height."""
    size = (320, 240)
    learning = partial(learning_settings, height=24, crop=(320, 320))
    return Experiment(
        "huale",
        pool=DatasetSpec(
            "synthetic", drives("source", "400-407", 250, size, scenario="busy"), every=10
        ),
        evaluation=DatasetSpec(
            "synthetic", drives("source", "500-504", 300, size, scenario="busy"), every=15
        ),
        initial=InitialSpec(
            "drawn",
            architecture="fasterrcnn_mobilenet_v3_large_fpn",
            settings={"proposals": 32},
            frames=700,
            size=(240, 320),
            working_height=360,
            training=learning(12, rate=1e-3).with_(batch=4),
        ),
        variants=(
            Variant("huale", "huale", training={"box_loss": "huale"}),
            Variant("smooth-l1", "huale"),
            Variant("eiou", "huale", training={"box_loss": "eiou"}),
            Variant("entropy", "box-entropy"),
        ),
        baseline="smooth-l1",
        budget=40,
        cycles=2,
        seeds=3,
        start="current",
        rules={"half_window": 1, "sigma": 0.6},
        training=learning(16, rate=1e-4).with_(batch=4, batch_norm="frozen"),
        measuring=EvaluationSettings(resamples=0, min_height=24),
    )


def large() -> Experiment:
    """20,000 frames and more: for a graphics card."""
    size = (640, 480)
    learning = learning_settings(20, 50, (320, 320)).with_(precision="auto", batch=16)
    return replace(
        small(),
        name="large",
        pool=DatasetSpec(
            "synthetic", drives("target", "400-447", 900, size, pedestrian_share=0.5), every=2
        ),
        evaluation=DatasetSpec(
            "synthetic", drives("target", "500-523", 600, size, pedestrian_share=0.5), every=12
        ),
        initial=InitialSpec(
            "drawn",
            frames=6000,
            size=(480, 640),
            width=0.5,
            working_height=480,
            training=learning_settings(20, 50, (320, 320), 2e-3).with_(
                precision="auto", batch=16
            ),
        ),
        variants=(*strategies(), *SPREAD, HEADROOM, *ablations(2, 200, 7), *STILLS),
        budget=200,
        cycles=7,
        seeds=5,
        rules={**RULES, "half_window": 2, "sigma": 1.5},
        score={"radius": 9, "region": 30, "passes": 15},
        training=learning.with_(
            batch_norm="frozen", augmentation=replace(learning.augmentation, aim=1.0)
        ),
        measuring=EvaluationSettings(resamples=0, coco=False, min_height=50),
        threads=4,
    )


def _of_small(name: str) -> Experiment:
    """What is asked of footage, asked of that of `small`."""
    return ON_FOOTAGE[name](small())


def _of_crowd(name: str) -> Experiment:
    """What is asked of footage, asked of that of `crowd`."""
    return asked(name, crowd())


PRESETS: Mapping[str, Callable[[], Experiment]] = {
    "tiny": tiny,
    "proxy": proxy,
    "small": small,
    "crowd": crowd,
    "large": large,
    "huale": huale,
    **{name: partial(_of_small, name) for name in ON_FOOTAGE},
    **{
        f"{name}-crowd": partial(_of_crowd, name)
        for name in ("hypothesis", "comparison", "carrying")
    },
}
"""Those that need no footage."""


def preset(name: str) -> Experiment:
    """An experiment by name.

    Args:
        name: one in PRESETS.

    Returns:
        An Experiment.

    Raises:
        InputError: there is no such preset.

    Example:
        >>> preset("tiny").name
        'tiny'
    """
    if name not in PRESETS:
        raise InputError(f"There is no preset {name!r}; there are {', '.join(PRESETS)}.")
    return PRESETS[name]()
