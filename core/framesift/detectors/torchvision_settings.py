"""The settings that torchvision's detectors share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from framesift.errors import InputError


@dataclass(frozen=True, slots=True)
class TorchvisionSettings:
    """`working_height`: pixels, None for native size. `nms_iou`: a box goes when it overlaps a
    better one of its class more. `norm`: whether the backbone's batch normalisation learns
    ("batch") or keeps its published statistics ("frozen"), with `norm_eps` (None:
    torchvision's). `trainable_layers`: how many stages of the backbone learn, counted from the
    last (None: all). `silent`: classes that the network knows and that are neither mapped nor
    boxed; where classes compete (softmax) they still take part. `proposals`: Faster R-CNN's
    second look is at so many places of a frame (None: torchvision's 1000; 512 while training);
    the others have none."""

    working_height: int | None = 480
    nms_iou: float = 0.5
    norm: Literal["batch", "frozen"] = "batch"
    norm_eps: float | None = None
    trainable_layers: int | None = None
    silent: tuple[str, ...] = ()
    proposals: int | None = None

    @staticmethod
    def of(
        settings: Mapping[str, Any] | None, classes: Sequence[str], **defaults: Any
    ) -> TorchvisionSettings:
        """Checked settings over an architecture's own defaults; InputError says what is wrong
        with them or with the classes."""
        given = {**defaults, **(settings or {})}
        unknown = sorted(set(given) - set(TorchvisionSettings.__dataclass_fields__))
        if unknown:
            raise InputError(f"torchvision's detectors have no setting {unknown[0]!r}.")
        try:
            for name in ("nms_iou", "norm_eps"):
                if given.get(name) is not None:
                    given[name] = float(given[name])
            given["silent"] = tuple(given.get("silent", ()))
            made = TorchvisionSettings(**given)
            sound = (
                0 <= made.nms_iou <= 1
                and made.norm in ("batch", "frozen")
                and (made.norm_eps is None or 0 <= made.norm_eps < 1)
                and _whole(made.working_height, 16, 10_000)
                and _whole(made.trainable_layers, 0, 6)
                and _whole(made.proposals, 1, 10_000)
                and all(isinstance(name, str) for name in made.silent)
            )
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise InputError(
                "The settings of torchvision's detector make no sense; "
                "working_height is a number of pixels from 16 to 10000, nms_iou "
                "lies in [0, 1] and trainable_layers from 0 to 6."
            )
        names = [*classes, *made.silent]
        if not classes or len(set(names)) != len(names):
            raise InputError("A detector needs at least one class, each named once.")
        return made

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "silent": list(self.silent)}


def _whole(value: int | None, low: int, high: int) -> bool:
    return value is None or (
        isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    )
