"""Strategies of several articles that are more than one signal."""

from __future__ import annotations

from framesift.selection.strategies.composed import Composed
from framesift.selection.strategies.spec import StrategySpec

HUALE = Composed(
    StrategySpec(
        name="huale",
        title="HUALE: unsure, then four measures of the mirror image",
        signals=("huale_class", "huale_box", "huale_lonely", "huale_density"),
        combine="norm",
        normalise="gate",
        gate_by=("box_entropy",),
    ),
    "among frames with unsure boxes those whose boxes change in the mirror image",
    needs=("boxes",),
    failure="wrong classes, bad boxes, false positives",
    cost="2",
    in_family=True,
)
CALD = Composed(
    StrategySpec(
        name="cald",
        title="CALD: consistency, then classes that are rare",
        signals=("consistency",),
        spread="classes",
    ),
    "where other looks half confirm a box; of several classes those that are rare",
    needs=("boxes",),
    failure="wrong classes, bad boxes",
    cost="1 + 4",
    in_family=True,
)
PPAL = Composed(
    StrategySpec(
        name="ppal",
        title="PPAL: unsure boxes, then one frame of each kind",
        signals=("difficulty",),
        spread="ppal",
    ),
    "among frames with unsure boxes of hard classes one of each cluster with objects alike",
    needs=("boxes",),
    failure="false positives, wrong classes, of every kind of scene",
    cost="1",
    in_family=True,
)
NAKAMURA = Composed(
    StrategySpec(
        name="nakamura",
        title="Nakamura: misses, unsure classes and boxes, then far apart",
        signals=("predicted_misses", "box_entropy", "stability"),
        spread="core-set",
    ),
    "among frames with expected misses, unsure and unstable boxes those least alike",
    needs=("head", "boxes"),
    failure="misses, wrong classes, bad boxes, false positives",
    cost="1 + 5",
    in_family=True,
)
MDN = Composed(
    StrategySpec(
        name="mdn",
        title="Mixture-density head: the largest of four uncertainties",
        signals=(
            "mdn_class_aleatoric",
            "mdn_class_epistemic",
            "mdn_box_aleatoric",
            "mdn_box_epistemic",
        ),
        combine="maximum",
        normalise="deviations",
    ),
    "where a mixture-density head is unsure of a box's class or place",
    needs=("boxes", "head"),
    failure="wrong classes, bad boxes, false positives",
    cost="1",
    in_family=True,
)
FROM_ARTICLES = (HUALE, CALD, PPAL, NAKAMURA, MDN)
