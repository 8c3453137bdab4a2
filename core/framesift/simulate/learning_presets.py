"""What is asked of an experiment's footage: trainings, labels and signals are compared on the
same picks, and in `screening` ways to choose under the same training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from framesift.simulate.preset_parts import RULES
from framesift.simulate.settings import Experiment
from framesift.simulate.variants import Variant

STRATEGY = "guided-random"
_TEACHER: Mapping[str, Any] = {"enabled": True}
MEANS: Mapping[str, Mapping[str, Any]] = {
    "steady": {},
    "propagation": {"propagation": {"frames": 10}},
    "self-training": {"self_training": _TEACHER},
    "self-training-tracks": {"self_training": {**_TEACHER, "keep": "tracks"}},
    "consistency": {"consistency": {"enabled": True}},
    "all-three": {
        "propagation": {"frames": 10, "share": 0.125},
        "self_training": {**_TEACHER, "share": 0.125},
        "consistency": {"enabled": True, "share": 0.125},
    },
}
"""By variant what is laid over the preset `steady`."""
HEADS = ("predicted_misses", "predicted_loss", "mdn", "difficulty")
CHOICES = ("entropy", "predicted-misses", "timeline", "k-means++", "core-set")
"""What is screened beside chance and the divergence."""
CANDIDATE = "entropy"
"""For the default, named before it met the third look."""
LABELS = ("boxes", "extremes", "points", "verification", "hard", "soft")


def recipes(footage: Experiment) -> Experiment:
    """The footage's own training and the preset `classic` beside the preset `steady`, on guided
    random's picks and on the divergence's, five repeats of three cycles, and what all labels
    give with the first and the last."""
    trainings: Mapping[str, str | None] = {
        "own": None,
        "classic": "classic",
        "steady": "steady",
    }
    return replace(
        footage,
        name="recipes",
        variants=(
            *(
                Variant(f"{name}-{strategy}", strategy, preset=training)
                for strategy in (STRATEGY, "divergence")
                for name, training in trainings.items()
            ),
            *(
                Variant(f"{name}-everything", seeds=1, everything=True, preset=training)
                for name, training in trainings.items()
                if name != "classic"
            ),
        ),
        baseline=f"own-{STRATEGY}",
        cycles=3,
        seeds=5,
        correlate_every=0,
    )


def screening(footage: Experiment) -> Experiment:
    """Ways to choose, trained and with distances as the product does, the paper's among them
    with its own distances: two repeats of three cycles. Who is far behind need not be run at
    length."""
    return replace(
        _choosing(footage, Variant("divergence"), *(Variant(name, name) for name in CHOICES)),
        name="screening",
        initial=replace(footage.initial, heads=("predicted_misses",)),
        seeds=2,
    )


def comparison(footage: Experiment) -> Experiment:
    """The candidate for the default beside chance under its rules and the paper's method with
    the paper's distances: ten repeats of three cycles, trained as the product does. Nothing is
    left to choose when this runs."""
    return replace(
        _choosing(footage, Variant(CANDIDATE, CANDIDATE)), name="comparison", seeds=10
    )


def _choosing(footage: Experiment, *ways: Variant) -> Experiment:
    """Ways to choose beside chance, trained and with distances as the product does, and beside
    the paper's method with the paper's distances."""
    return replace(
        footage,
        variants=(
            Variant(STRATEGY, STRATEGY),
            Variant("paper", "divergence", rules=RULES),
            *ways,
        ),
        baseline=STRATEGY,
        preset="steady",
        # Without the paper's distances: fitted ones, look-alikes last.
        rules={name: value for name, value in footage.rules.items() if name not in RULES},
        cycles=3,
        correlate_every=0,
    )


def hypothesis(footage: Experiment) -> Experiment:
    """Every signal beside the errors of two detectors, the initial one and that of three
    cycles, on frames that neither has learnt: no picks are compared."""
    return replace(
        footage,
        name="hypothesis",
        variants=(Variant(STRATEGY, STRATEGY),),
        initial=replace(footage.initial, heads=HEADS),
        baseline=STRATEGY,
        preset="steady",
        cycles=3,
        seeds=1,
        correlate_every=1,
        correlate_on="evaluation",
        correlate_by=("all",),
    )


def means(footage: Experiment) -> Experiment:
    """Labels carried along the video, self-training and consistency, on an experiment's
    footage and from its initial detector, three repeats of three cycles."""
    return replace(
        footage,
        name="means",
        variants=tuple(
            Variant(name, STRATEGY, training=training) for name, training in MEANS.items()
        ),
        baseline="steady",
        preset="steady",
        cycles=3,
        seeds=3,
        correlate_every=0,
    )


def carrying(footage: Experiment) -> Experiment:
    """Labels carried along the video beside none, on chance's picks under the product's rules:
    five repeats of three cycles. Of all MEANS these alone were ahead after three repeats."""
    return replace(
        comparison(footage),
        name="carrying",
        variants=(
            Variant(STRATEGY, STRATEGY),
            Variant("propagation", STRATEGY, training=MEANS["propagation"]),
        ),
        seeds=5,
    )


def cheap_labels(footage: Experiment) -> Experiment:
    """Minutes to the miss rate of 100 frames with boxes, for labels that cost less; three
    repeats."""
    return replace(
        footage,
        name="labels",
        variants=tuple(Variant(kind, STRATEGY, labels=kind) for kind in LABELS),
        baseline="boxes",
        preset="steady",
        budget=25,
        cycles=8,
        seeds=3,
        label_s=0.0,
        box_s=25.5,
        aim=100,
        correlate_every=0,
    )
