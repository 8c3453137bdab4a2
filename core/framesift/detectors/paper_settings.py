"""The paper's detector: its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from framesift.detectors.paper_network import STRIDES
from framesift.detectors.sizes import PAPER_SIZES, BoxSizes
from framesift.errors import InputError


@dataclass(frozen=True, slots=True)
class PaperSettings:
    """`width`: channel multiplier. `box_sizes`: (height, width) per level, coarse to fine,
    working pixels. `working_height`: pixels, None for native size. `nms_iou`: see decoding.
    `dropout`: spatial dropout in the deeper blocks while training."""

    width: float = 1.0
    box_sizes: BoxSizes = PAPER_SIZES
    working_height: int | None = 480
    nms_iou: float = 0.4
    dropout: bool = True

    @staticmethod
    def of(settings: Mapping[str, Any] | None) -> PaperSettings:
        """Checked settings; InputError says what is wrong with them."""
        given = dict(settings or {})
        unknown = sorted(set(given) - set(PaperSettings.__dataclass_fields__))
        if unknown:
            raise InputError(f"The paper's detector has no setting {unknown[0]!r}.")
        try:
            sizes = given.pop("box_sizes", PAPER_SIZES)
            # One spelling of each number, or equal detectors would differ in identity.
            for name in ("width", "nms_iou"):
                if name in given:
                    given[name] = float(given[name])
            made = PaperSettings(
                box_sizes=tuple((float(h), float(w)) for h, w in sizes), **given
            )
            sound = (
                0 < float(made.width) <= 4
                and len(made.box_sizes) == len(STRIDES)
                and all(1 <= side <= 10_000 for box in made.box_sizes for side in box)
                and 0 <= float(made.nms_iou) <= 1
                and isinstance(made.dropout, bool)
                and (
                    made.working_height is None
                    or (
                        isinstance(made.working_height, int)
                        and 16 <= made.working_height <= 10_000
                    )
                )
            )
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise InputError(
                "The settings of the paper's detector make no sense; width lies "
                "in (0, 4], there are five box sizes of (height, width) and "
                "nms_iou lies in [0, 1]."
            )
        return made

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "box_sizes": [list(size) for size in self.box_sizes]}
