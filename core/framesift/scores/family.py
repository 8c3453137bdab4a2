"""The family's members by name, and the settings that each has."""

from __future__ import annotations

from typing import Any

from framesift.errors import InputError
from framesift.scores.base import Score
from framesift.scores.box_scores import BOX_SCORES, BoxScore
from framesift.scores.mc_dropout import McDropout
from framesift.scores.pixel_divergence import Divergence
from framesift.scores.pixel_entropy import Entropy

SCORES: dict[str, Score] = {
    score.name: score for score in (Divergence(), Entropy(), McDropout())
}


def every_score() -> dict[str, Score | BoxScore]:
    """Pixel scores and box-level scores, by name."""
    return {**SCORES, **BOX_SCORES}


def score_named(name: str) -> Score | BoxScore:
    """A score by its name, joined by hyphens or underscores. Raises InputError."""
    family = every_score()
    member = family.get(name.replace("-", "_"))
    if member is None:
        raise InputError(f"There is no score {name!r}; choose one of {', '.join(family)}.")
    return member


def score_params() -> dict[str, type[Any]]:
    """The dataclass of each score's own settings, by its name."""
    return {name: member.params for name, member in every_score().items()}
