"""Which of a detector's weights learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.errors import InputError

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def freeze(detector: Detector, stages: int) -> None:
    """The first `stages` of the detector keep their weights and statistics; all others learn
    as the detector has it. Raises InputError where there are not so many."""
    known = detector.stages()
    if stages > len(known):
        raise InputError(
            f"The detector {detector.name!r} has {len(known)} stages that can keep their "
            f"weights, not {stages}; give a smaller --frozen."
        )
    names = tuple(name for stage in known[:stages] for name in stage)
    detector.kept = names
    for name, parameter in detector.module.named_parameters():
        if name.startswith(tuple(f"{kept}." for kept in names)):
            parameter.requires_grad_(False)
