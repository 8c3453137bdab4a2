"""The family's members by name, and the settings that each has."""

from __future__ import annotations

from typing import Any

from framesift.errors import InputError
from framesift.scores.base import Score
from framesift.scores.box_density import HualeDensity
from framesift.scores.box_in_box import BoxInBox
from framesift.scores.box_scores import BOX_SCORES, BoxScore
from framesift.scores.consistency import Consistency
from framesift.scores.difficulty import Difficulty
from framesift.scores.ensemble import EnsembleEntropy, EnsembleMi
from framesift.scores.ensemble_boxes import (
    EnsembleBoxEntropy,
    EnsembleBoxMi,
    EnsembleIou,
    EnsembleIouClass,
)
from framesift.scores.flicker import FlickerDense, FlickerFalse, FlickerMissed
from framesift.scores.flip_boxes import FlipEntropy, HualeBox, HualeClass, HualeLonely
from framesift.scores.flip_divergence import FlipDivergence
from framesift.scores.frame_signal import FrameSignal
from framesift.scores.gradient import Gradient
from framesift.scores.mc_dropout import McDropout
from framesift.scores.mdn import MDN
from framesift.scores.pixel_divergence import Divergence
from framesift.scores.pixel_entropy import Entropy
from framesift.scores.predicted_loss import PredictedLoss
from framesift.scores.predicted_misses import PredictedMisses
from framesift.scores.stability import Stability
from framesift.scores.tightness import Tightness
from framesift.scores.time_signal import TimeSignal

SCORES: dict[str, Score] = {
    score.name: score
    for score in (
        Divergence(),
        Entropy(),
        McDropout(),
        FlipDivergence(),
        EnsembleEntropy(),
        EnsembleMi(),
        Gradient(),
    )
}
SIGNALS: dict[str, FrameSignal] = {
    signal.name: signal
    for signal in (
        FlipEntropy(),
        HualeClass(),
        HualeBox(),
        HualeLonely(),
        HualeDensity(),
        Consistency(),
        Tightness(),
        Stability(),
        BoxInBox(),
        EnsembleIou(),
        EnsembleIouClass(),
        EnsembleBoxEntropy(),
        EnsembleBoxMi(),
        Difficulty(),
        *MDN,
    )
}
"""Those that measure boxes in one or several looks."""
HEAD_SIGNALS: dict[str, FrameSignal] = {
    signal.name: signal for signal in (PredictedMisses(), PredictedLoss())
}
"""Those that heads predict of whole frames, which are trained beside the detector."""
TIME_SIGNALS: dict[str, TimeSignal] = {
    signal.name: signal for signal in (FlickerFalse(), FlickerMissed(), FlickerDense())
}
"""Those that compare a frame with its neighbours in time."""
Member = Score | BoxScore | FrameSignal | TimeSignal


def every_score() -> dict[str, Member]:
    """All scores there are: pixel scores, box-level scores, signals of boxes and signals in
    time.

    Returns:
        By their names.

    Example:
        >>> "divergence" in every_score()
        True
    """
    return {**SCORES, **BOX_SCORES, **SIGNALS, **HEAD_SIGNALS, **TIME_SIGNALS}


def score_named(name: str) -> Member:
    """A score by its name, joined by hyphens or underscores. Raises InputError."""
    family = every_score()
    member = family.get(name.replace("-", "_"))
    if member is None:
        raise InputError(f"There is no score {name!r}; choose one of {', '.join(family)}.")
    return member


def score_params() -> dict[str, type[Any]]:
    """The settings of each score's own.

    Returns:
        By the score's name, a dataclass.

    Example:
        >>> score_params()["divergence"].__name__
        'DivergenceParams'
    """
    return {name: member.params for name, member in every_score().items()}
