"""What a detector's loss may be told: which labels count, and the settings of eq. 7."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from framesift.boxes import Box


@dataclass(frozen=True, slots=True)
class LossSettings:
    """What detectors are told about their loss. Pixels are working pixels.

    `filtered`: labels below `min_height`, and those of `aspect_classes` with width/height
    outside `aspect`, are ignored ("ignore") or taken for background ("discard", as in the
    paper). Of eq. 7 alone: `n2p`, negatives per positive, drawn at random; `hard_fraction` of
    them are instead the negatives with the highest logits (0: as in the paper);
    `positive_iou`, `negative_iou`.
    """

    positive_iou: float = 0.5
    negative_iou: float = 0.35
    n2p: float = 15.0
    hard_fraction: float = 0.0
    min_height: float = 50.0
    aspect: tuple[float, float] = (0.2, 0.65)
    aspect_classes: tuple[str, ...] = ("pedestrian", "person")
    filtered: Literal["ignore", "discard"] = "ignore"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(settings: object) -> LossSettings:
        """LossSettings from None (defaults), itself, a mapping, or any object that has
        attributes of these names (others are left at their defaults)."""
        if isinstance(settings, LossSettings):
            return settings
        names = [f.name for f in fields(LossSettings)]
        if isinstance(settings, dict):
            values = {n: settings[n] for n in names if n in settings}
        else:
            values = {n: getattr(settings, n) for n in names if hasattr(settings, n)}
        for name in ("aspect", "aspect_classes"):
            if name in values:
                values[name] = tuple(values[name])
        return LossSettings(**values)

    def keeps(self, box: Box) -> bool:
        """Whether a label passes the height and aspect filters."""
        return box.height >= self.min_height and (
            box.category not in self.aspect_classes
            or self.aspect[0] <= box.aspect <= self.aspect[1]
        )
