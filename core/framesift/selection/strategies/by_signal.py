"""The strategies that rank by one signal each, but for the paper's and its baselines: what each
looks for, needs and costs. What the signals are stands in framesift.scores."""

from __future__ import annotations

from framesift.selection.strategies.by_score import ByScore
from framesift.selection.strategies.composed import Composed
from framesift.selection.strategies.spec import StrategySpec

BY_SIGNAL = (
    ByScore(
        "flip-divergence",
        "Divergence from the mirror image",
        "where maps change in the mirror image",
        needs=("maps",),
        failure="false positives and misses",
        cost="2",
    ),
    ByScore(
        "gradient",
        "Length of the gradient",
        "where learning its own answer would change the detector most",
        needs=("maps", "features"),
        failure="false positives and misses",
    ),
    ByScore(
        "flip-entropy",
        "Unsure boxes that the mirror image contradicts",
        "where an unsure box changes in the mirror image",
        needs=("boxes",),
        failure="false positives, wrong classes",
        cost="2",
    ),
    ByScore(
        "consistency",
        "Consistency of boxes in other looks (CALD)",
        "where other looks at the frame half confirm a box",
        needs=("boxes",),
        failure="wrong classes, bad boxes",
        cost="1 + 4",
    ),
    ByScore(
        "tightness",
        "Boxes far from their proposals",
        "where the second stage moves its proposals far",
        needs=("boxes", "proposals"),
        failure="bad boxes",
    ),
    ByScore(
        "stability",
        "Boxes that move under noise",
        "where boxes move when noise is added",
        needs=("boxes",),
        failure="bad boxes, false positives",
        cost="1 + 5",
    ),
    ByScore(
        "box-in-box",
        "Boxes inside boxes",
        "where a box lies inside another one of its class",
        needs=("boxes",),
        failure="bad boxes, false positives",
    ),
    ByScore(
        "ensemble",
        "Entropy of several detectors' mean",
        "where several detectors together are unsure",
        signal="ensemble_entropy",
        needs=("maps", "checkpoints"),
        failure="false positives and misses",
        cost="M detectors",
    ),
    ByScore(
        "ensemble-mi",
        "Disagreement of several detectors",
        "where several detectors disagree",
        needs=("maps", "checkpoints"),
        failure="false positives and misses",
        cost="M detectors",
    ),
    ByScore(
        "ensemble-iou",
        "Place of several detectors' boxes",
        "where several detectors put a box differently",
        needs=("boxes", "checkpoints"),
        failure="bad boxes and misses",
        cost="M detectors",
    ),
    ByScore(
        "ensemble-iou-class",
        "Place and class of several detectors' boxes",
        "where several detectors put or call a box differently",
        needs=("boxes", "checkpoints"),
        failure="bad boxes, wrong classes, misses",
        cost="M detectors",
    ),
    ByScore(
        "huale-class",
        "Class of boxes against the mirror image",
        "where boxes' outcomes change in the mirror image",
        needs=("boxes",),
        failure="wrong classes, false positives",
        cost="2",
    ),
    ByScore(
        "huale-box",
        "Place of boxes against the mirror image",
        "where boxes lie elsewhere in the mirror image",
        needs=("boxes",),
        failure="bad boxes",
        cost="2",
    ),
    ByScore(
        "huale-lonely",
        "Boxes that the mirror image lacks",
        "where boxes are in the frame or in its mirror image alone",
        needs=("boxes",),
        failure="false positives and misses",
        cost="2",
    ),
    ByScore(
        "huale-density",
        "Boxes that few raw boxes agree on",
        "where few of the detector's raw boxes agree on a box",
        needs=("boxes",),
        failure="false positives, bad boxes",
        cost="2",
    ),
    ByScore(
        "ensemble-box-entropy",
        "Entropy of several detectors' boxes",
        "where several detectors together are unsure of a box",
        needs=(
            "boxes",
            "checkpoints",
        ),
        failure="false positives, wrong classes, misses",
        cost="M detectors",
    ),
    ByScore(
        "ensemble-box-mi",
        "Disagreement of several detectors' boxes",
        "where several detectors disagree about a box",
        needs=(
            "boxes",
            "checkpoints",
        ),
        failure="wrong classes and misses",
        cost="M detectors",
    ),
    ByScore(
        "difficulty",
        "Entropy of boxes of difficult classes",
        "where boxes of classes that are hard to learn may be this or that",
        needs=("boxes",),
        failure="false positives, wrong classes",
    ),
    ByScore(
        "predicted-misses",
        "Misses that a head predicts",
        "where a trained head expects the detector to miss objects",
        needs=("head",),
        failure="misses",
    ),
    ByScore(
        "predicted-loss",
        "Loss that a head predicts",
        "where a trained head expects a large training loss",
        needs=("head",),
        failure="false positives, misses, wrong classes, bad boxes",
    ),
    ByScore(
        "flicker-false",
        "Boxes that are there for a moment",
        "where a box is in neither neighbour",
        needs=(
            "boxes",
            "video",
        ),
        failure="false positives",
        cost="3",
    ),
    ByScore(
        "flicker-missed",
        "Boxes that are missing for a moment",
        "where both neighbours have a box and the frame has none",
        needs=(
            "boxes",
            "video",
        ),
        failure="misses",
        cost="3",
    ),
    ByScore(
        "flicker-dense",
        "Maps that flicker",
        "where maps change from one frame to the next",
        needs=(
            "maps",
            "video",
        ),
        failure="false positives and misses",
        cost="3 + flow",
    ),
)
FLICKER = Composed(
    StrategySpec(
        name="flicker",
        title="Flicker over neighbouring frames",
        signals=("flicker_false", "flicker_missed", "flicker_dense"),
    ),
    "where boxes and maps come and go from frame to frame",
    needs=("boxes", "maps", "video"),
    failure="false positives and misses",
    cost="3 + flow",
    in_family=True,
)
"""The sum of the three, each by its rank in the pool."""
