"""What FrameScorer is told, read: settings that all scores share, the score's own, a mask."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.records.aliases import renamed
from framesift.records.settings import settings_of, union, unknown
from framesift.scores.family import Member, score_params
from framesift.scores.settings import ScoreSettings


def read_options(member: Member, options: Mapping[str, Any]) -> tuple[ScoreSettings, Any]:
    """What options say of the settings that all scores share, and of the member's own."""
    given, sentences = renamed(options, "score")
    for sentence in sentences:
        warnings.warn(sentence, FutureWarning, stacklevel=3)
    given = {name: value for name, value in given.items() if value is not None}
    shared, particular = (
        {setting.name for setting in settings_of(group)}
        for group in (ScoreSettings, member.params)
    )
    of_others = {setting.name: setting for setting in union(score_params())}
    for name, value in given.items():
        if name not in shared | particular:
            if name not in of_others:
                raise InputError(unknown(name, tuple(sorted(shared | particular)), "score"))
            of_others[name].read(value, "score")
    return (
        ScoreSettings(**{name: given[name] for name in given if name in shared}),
        member.params(**{name: given[name] for name in given if name in particular}),
    )


def weight_of_map(weights: Mapping[str, float], name: str) -> float:
    """A map's weight by its class."""
    # A map that all classes share (SHARED) counts as much as the one that counts most.
    return max(weights.values()) if name == "" else weights.get(name, 0.0)


def checked_mask(mask: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """A mask as bool H×W; None where it hides nothing. Raises InputError for what is none."""
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise InputError(
            "A mask is a two-dimensional array of true and false, "
            f"not {mask.dtype} of shape {mask.shape}."
        )
    return mask if mask.any() else None
