"""Sets of settings by name, and which of them a detector takes."""

from __future__ import annotations

from typing import Any

from framesift.errors import InputError
from framesift.records.settings import flat
from framesift.training.replay_settings import Replay
from framesift.training.schedule import Labels, by_labels
from framesift.training.settings import TrainSettings

STEADY = "steady"

PRESETS: dict[str, TrainSettings] = {
    STEADY: TrainSettings(
        optimizer="adamw",
        weight_decay=1e-2,
        clip_norm=5.0,
        hard_fraction=0.25,
        batch_norm="frozen",
        replay=Replay(share=0.125, tone="labelled"),
    ),
    "paper": TrainSettings(filtered="discard"),
    "classic": TrainSettings(),
    "sgd": TrainSettings(optimizer="sgd", learning_rate=1e-2, final_learning_rate=1e-3),
    "adamw": TrainSettings(
        optimizer="adamw",
        learning_rate=1e-3,
        final_learning_rate=1e-5,
        weight_decay=1e-2,
        warmup=50,
    ),
    "torchvision": TrainSettings(
        optimizer="adamw",
        learning_rate=1e-4,
        final_learning_rate=1e-5,
        weight_decay=1e-2,
        warmup=100,
        clip_norm=5.0,
        batch=4,
        min_height=25.0,
    ),
}
"""Sets of settings by name. "steady" is for few labels of another look: what it does beyond
this follows from the number of labels (`schedule`). "classic" is the paper's with small labels
ignored, the default of earlier versions. "torchvision" is for torchvision's detectors: a rate
that their pretrained layers survive, the gradient's norm held (RetinaNet's explodes without),
and labels down to the size that regressed boxes reach."""


_RECIPE = (
    "epochs",
    "optimizer",
    "learning_rate",
    "final_learning_rate",
    "warmup",
    "weight_decay",
    "clip_norm",
    "ema_decay",
    "interpolation",
    "hard_fraction",
    "batch_norm",
    "frozen",
    "replay.share",
)
"""What makes a training the one of its name, where it is laid over somebody's settings; the
rest (crops, the smallest label, frames a step) follows footage and machine unless the preset
differs from the default there."""


def preset(name: str, labels: Labels | None = None) -> TrainSettings:
    """A named set of training settings.

    Args:
        name: one in PRESETS.
        labels: how many there are to learn from; None: the settings as they are without
            knowing.

    Returns:
        TrainSettings.

    Raises:
        InputError: there is no such preset.

    Example:
        >>> preset("sgd").optimizer
        'sgd'
    """
    if name not in PRESETS:
        raise InputError(
            f"There is no training preset {name!r}; there are {', '.join(PRESETS)}."
        )
    settings = PRESETS[name]
    if name == STEADY and labels is not None:
        return settings.with_given(by_labels(labels, settings))
    return settings


def differences(
    name: str, settings: TrainSettings, labels: Labels | None = None
) -> dict[str, Any]:
    """What a preset says with so many labels, as plain values to lay over `settings`, whose
    number of frames a step stays: all of its recipe, and what else it does not leave at its
    default. Raises InputError for an unknown name."""
    plain, usual = flat(preset(name)), flat(TrainSettings())
    given = {
        key: value for key, value in plain.items() if key in _RECIPE or value != usual[key]
    }
    if name == STEADY and labels is not None:
        given |= by_labels(labels, settings.with_given(given))
    return given


def default_settings(architecture: str, labels: Labels | None = None) -> TrainSettings:
    """How a detector is trained unless something else is asked for.

    Args:
        architecture: a name in framesift.detectors.DETECTORS.
        labels: how many there are to learn from; None: not known.

    Returns:
        TrainSettings.

    Example:
        >>> default_settings("fcos_resnet50_fpn").batch
        4
    """
    others = architecture in ("", "paper")
    return preset(STEADY if others else "torchvision", labels)
