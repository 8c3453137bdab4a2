"""How to train, as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from framesift.errors import InputError

OPTIMISERS = ("rmsprop", "sgd", "adamw")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
ADOPT = ("last", "best")
NORMS = ("batch", "frozen")
FILTERED = ("ignore", "discard")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How pictures vary from epoch to epoch.

    flip: probability of mirroring. scale: range of the random zoom, relative to the working
    size, drawn evenly in its logarithm. crop: (height, width) in working pixels of what the
    network is given (None: the whole working picture); `aim`: probability that a crop is
    placed around a label, where there is one. colour: strength of the changes of exposure,
    contrast, saturation and white balance, 0 (none) to 1. visible: a label of which less than
    this share is left inside becomes an ignore region.
    """

    flip: float = 0.5
    scale: tuple[float, float] = (0.8, 1.25)
    crop: tuple[int, int] | None = None
    aim: float = 0.5
    colour: float = 0.5
    visible: float = 0.6

    def __post_init__(self) -> None:
        for name in ("flip", "aim", "colour", "visible"):
            _between(f"augmentation.{name}", getattr(self, name), 0.0, 1.0)
        low, high = self.scale
        _between("augmentation.scale", low, 0.1, 10.0)
        _between("augmentation.scale", high, low, 10.0)
        if self.crop is not None:
            for side in self.crop:
                _between("augmentation.crop", side, 32, 8192, whole=True)

    @staticmethod
    def none() -> Augmentation:
        """Pictures as they are."""
        return Augmentation(flip=0.0, scale=(1.0, 1.0), colour=0.0)


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Settings of a training run; JSON in and out. The defaults are the paper's where it has
    any.

    epochs: passes over the frames (T). batch: frames a step; micro_batch: frames that go
        through the network at once (None: the batch), gradients being accumulated over the
        batch, batch normalisation seeing only the micro-batch.
    optimiser: "rmsprop" (decay `rho`), "sgd" (with `momentum`) or "adamw". The learning rate
        falls exponentially from `learning_rate` to `final_learning_rate` at the last step,
        after `warmup` steps of linear rise. weight_decay: on convolutions, not on biases and
        normalisation. clip_norm: largest norm of the gradient, 0: any. average: the result
        is a running average of the weights with this decay per step, 0: the weights of the
        last step.
    n2p: negatives sampled for each positive (eq. 7), of which `hard_fraction` are the worst
        instead of drawn at random. positive_iou, negative_iou: a box with at least the former
        with a label is positive, below the latter negative, between without loss. Labels
        lower than min_height working pixels, or (of `aspect_classes`, people) with width over
        height outside `aspect`, are `filtered`: "ignore" takes loss and penalty from where
        they are, "discard" (the paper) makes them background.
    norms: "batch" normalises each batch by its own statistics and keeps their running mean
        for later (the paper); "frozen" goes by the statistics that the detector has. With
        few labels, or pictures of another look than those that the detector comes from, the
        former can cost more than the labels bring (resources/docs/training.md).
    precision: "auto" is float32 on a CPU and mixed precision on a GPU.
    seed: of everything random. deterministic: the same bits every time on the same machine
        (always so on a CPU; on a GPU at some cost in speed). threads: of torch on the CPU
        (None: as it stands); the bits depend on them. loaders: threads that read and augment
        pictures ahead; nothing depends on them.
    validate_every: epochs between two validations, 0: never. adopt: which checkpoint is the
        result, the "last" or the "best" of the validations. save_every_s: seconds between two
        saves of the state from which a killed run resumes.
    """

    epochs: int = 50
    batch: int = 8
    micro_batch: int | None = None
    optimiser: str = "rmsprop"
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-4
    warmup: int = 0
    weight_decay: float = 2e-6
    rho: float = 0.9
    momentum: float = 0.9
    clip_norm: float = 0.0
    average: float = 0.0
    n2p: float = 15.0
    hard_fraction: float = 0.0
    positive_iou: float = 0.5
    negative_iou: float = 0.35
    min_height: float = 50.0
    aspect: tuple[float, float] = (0.2, 0.65)
    aspect_classes: tuple[str, ...] = ("pedestrian", "person")
    filtered: str = "ignore"
    norms: str = "batch"
    precision: str = "auto"
    seed: int = 0
    deterministic: bool = True
    threads: int | None = None
    loaders: int = 2
    validate_every: int = 1
    adopt: str = "last"
    save_every_s: float = 60.0
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        for name, (least, most) in _WHOLE.items():
            value = getattr(self, name)
            if value is not None or name not in _MAY_BE_NONE:
                _between(name, value, least, most, whole=True)
        for name, (low, high) in _REAL.items():
            _between(name, getattr(self, name), low, high)
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"The training setting {name} is {getattr(self, name)!r}; "
                    f"it can be {', '.join(allowed)}."
                )
        if not (
            isinstance(self.aspect_classes, tuple)
            and all(isinstance(name, str) for name in self.aspect_classes)
        ):
            raise InputError("The training setting aspect_classes is no list of class names.")
        low, high = self.aspect
        _between("aspect", low, 0.0, 1e3)
        _between("aspect", high, low, 1e3)

    def steps(self, frames: int) -> int:
        """Updates that `epochs` passes over `frames` frames take."""
        return math.ceil(self.epochs * frames / self.batch)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        data = asdict(self)
        data["aspect"] = list(data["aspect"])
        data["aspect_classes"] = list(data["aspect_classes"])
        look = data["augmentation"]
        look["scale"] = list(look["scale"])
        look["crop"] = None if look["crop"] is None else list(look["crop"])
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> TrainSettings:
        """The inverse of `to_json`; what is missing keeps its default, what is unknown or of
        the wrong kind raises InputError."""
        values = known_settings(data, TrainSettings, "training")
        try:
            look = known_settings(values.pop("augmentation", {}), Augmentation, "augmentation")
            look.update(
                {
                    name: tuple(look[name])
                    for name in ("scale", "crop")
                    if look.get(name) is not None
                }
            )
            for name in ("aspect", "aspect_classes"):
                if name in values and isinstance(values[name], list | tuple):
                    values[name] = tuple(values[name])
            return TrainSettings(**values, augmentation=Augmentation(**look))
        except (TypeError, ValueError) as error:
            raise InputError(f"The training settings cannot be used: {error}.") from error

    def with_(self, **changes: Any) -> TrainSettings:
        return replace(self, **changes)

    @staticmethod
    def preset(name: str) -> TrainSettings:
        """A named preset; InputError for an unknown name."""
        if name not in PRESETS:
            raise InputError(
                f"There is no training preset {name!r}; there are {', '.join(PRESETS)}."
            )
        return PRESETS[name]


_WHOLE: dict[str, tuple[int, int]] = {
    "epochs": (1, 100_000),
    "batch": (1, 4096),
    "micro_batch": (1, 4096),
    "warmup": (0, 1_000_000),
    "seed": (0, 2**63 - 1),
    "threads": (1, 1024),
    "loaders": (0, 64),
    "validate_every": (0, 100_000),
}
_MAY_BE_NONE = ("micro_batch", "threads")
_REAL: dict[str, tuple[float, float]] = {
    "learning_rate": (1e-10, 10.0),
    "final_learning_rate": (1e-10, 10.0),
    "weight_decay": (0.0, 1.0),
    "rho": (0.0, 0.9999),
    "momentum": (0.0, 0.9999),
    "clip_norm": (0.0, 1e6),
    "average": (0.0, 0.999999),
    "n2p": (0.0, 1e6),
    "hard_fraction": (0.0, 1.0),
    "positive_iou": (0.0, 1.0),
    "negative_iou": (0.0, 1.0),
    "min_height": (0.0, 1e4),
    "save_every_s": (0.0, 1e6),
}
_CHOICES = {
    "optimiser": OPTIMISERS,
    "precision": PRECISIONS,
    "adopt": ADOPT,
    "norms": NORMS,
    "filtered": FILTERED,
}


def _between(name: str, value: object, low: float, high: float, *, whole: bool = False) -> None:
    kinds = (int,) if whole else (int, float)
    fine = isinstance(value, kinds) and not isinstance(value, bool)
    if not (fine and isinstance(value, int | float) and low <= value <= high):
        what = "a whole number" if whole else "a number"
        raise InputError(
            f"The training setting {name} is {value!r}; it must be {what} "
            f"from {low:g} to {high:g}."
        )


def known_settings(data: object, kind: type, what: str) -> dict[str, Any]:
    """A table of settings as keyword arguments of the dataclass `kind`. Raises InputError for
    what is no table, and for a name that `kind` lacks."""
    if not isinstance(data, Mapping):
        raise InputError(f"The {what} settings are not a table of names and values.")
    names = {one.name for one in fields(kind)}
    unknown = sorted(str(name) for name in data if name not in names)
    if unknown:
        raise InputError(
            f"There is no {what} setting {unknown[0]!r}; it may come from a newer Framesift."
        )
    return dict(data)


PRESETS: dict[str, TrainSettings] = {
    "paper": TrainSettings(filtered="discard"),
    "sgd": TrainSettings(optimiser="sgd", learning_rate=1e-2, final_learning_rate=1e-3),
    "adamw": TrainSettings(
        optimiser="adamw",
        learning_rate=1e-3,
        final_learning_rate=1e-5,
        weight_decay=1e-2,
        warmup=50,
    ),
    "torchvision": TrainSettings(
        optimiser="adamw",
        learning_rate=1e-4,
        final_learning_rate=1e-5,
        weight_decay=1e-2,
        warmup=100,
        clip_norm=5.0,
        batch=4,
        min_height=25.0,
    ),
}
"""Sets of settings by name. "torchvision" is for torchvision's detectors: a rate that their
pretrained layers survive, the gradient's norm held (RetinaNet's explodes without), and labels
down to the size that regressed boxes reach."""


def default_settings(architecture: str) -> TrainSettings:
    """How a detector of this architecture is trained unless something else is asked for."""
    others = architecture in ("", "paper")
    return TrainSettings() if others else PRESETS["torchvision"]
