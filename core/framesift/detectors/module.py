"""A detector from any torch module that gives maps: it scores, and has no boxes."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NoReturn, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.boxes import Box
from framesift.detectors.base import Detector, Frames, Inference, check_frames
from framesift.detectors.devices import PRECISIONS
from framesift.detectors.maps import ProbabilityMaps, WorkingSize
from framesift.detectors.prepare import working_batch
from framesift.errors import InputError

Gives = Literal["logits", "probabilities"]
_NEAREST = 1e-6
"""How near to 0 and 1 probabilities are taken for logits' sake."""


def from_module(
    module: nn.Module,
    classes: Sequence[str] = ("object",),
    *,
    working_height: int | None = None,
    gives: Gives = "logits",
    multiple: int = 8,
    name: str = "",
) -> ModuleDetector:
    """A Detector from a torch module of yours, for scoring and selecting.

    Args:
        module: takes float32 N×3×h×w, RGB in [0, 1]; gives a tensor N×K×h'×w', or a list of
            them, coarse ones too. K is a multiple of the number of classes: level by level, a
            map per class.
        classes: what the maps are of.
        working_height: the height in pixels that frames are resized to; None: their own.
        gives: "logits", or "probabilities" in [0, 1].
        multiple: the working size is padded to multiples of it.
        name: for reprs and recipes; the module's class by default.

    Returns:
        A Detector without boxes and without training, ready for `score_video`,
        `select_frames` and `framesift.score`.

    Raises:
        InputError: there is no module, or no class.

    Example:
        >>> import torch
        >>> maps = torch.nn.Conv2d(3, 2, 3, padding=1)
        >>> mine = framesift.detectors.from_module(maps, ["car", "person"], working_height=48)
        >>> mine
        <Detector 'Conv2d': module of car, person, working height 48, float32 on cpu>
        >>> mine.maps(np.zeros((1, 96, 128, 3), np.uint8)).shape
        torch.Size([1, 2, 48, 64])
    """
    if not isinstance(module, nn.Module):
        raise InputError(
            f"A {type(module).__name__} is no torch module; give a torch.nn.Module."
        )
    if not classes or len(set(classes)) != len(classes) or isinstance(classes, str):
        raise InputError("A detector needs at least one class, each named once, as a list.")
    if gives not in ("logits", "probabilities"):
        raise InputError(f"A module gives logits or probabilities, not {gives!r}; say which.")
    settings = {"working_height": working_height, "gives": gives, "multiple": multiple}
    detector = ModuleDetector(module, classes, settings, working_height)
    detector.multiple, detector.name = multiple, name or type(module).__name__
    return detector


class ModuleDetector(Detector):
    """What `from_module` makes."""

    architecture = "module"
    trainable = False

    @torch.no_grad()
    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        check_frames(frames)
        if boxes:
            self._lacks("boxes", "choose a score of maps, such as divergence")
        size = self.geometry(*frames.shape[1:3])
        levels = self._run(frames, size)
        flipped = self._run(frames, size, flip=True) if flip else None
        return Inference(ProbabilityMaps(levels, size, self.classes, flipped=flipped), None)

    def _run(self, frames: Frames, size: WorkingSize, *, flip: bool = False) -> list[Tensor]:
        batch = torch.from_numpy(working_batch(frames, size, flip=flip))
        pictures = batch.to(self.device).permute(0, 3, 1, 2).float() / 255
        amp = self.precision != "float32"
        with (
            _evaluating(self.module),
            torch.autocast(self.device.type, PRECISIONS[self.precision], enabled=amp),
        ):
            given = self.module(pictures)
        levels = [given] if isinstance(given, Tensor) else list(given)
        return [part for level in levels for part in self._levels(level, len(frames))]

    def _levels(self, level: Any, frames: int) -> tuple[Tensor, ...]:
        fits = isinstance(level, Tensor) and level.ndim == 4 and level.shape[0] == frames
        if not fits or level.shape[1] % len(self.classes):
            shape = tuple(level.shape) if isinstance(level, Tensor) else type(level).__name__
            raise InputError(
                f"The module {self.name!r} gave {shape} for {frames} frames; it must give maps "
                f"N×K×h×w, K a multiple of its {len(self.classes)} classes."
            )
        level = level.float()
        if self.settings["gives"] == "probabilities":
            level = torch.logit(level, _NEAREST)
        levels: tuple[Tensor, ...] = level.split(len(self.classes), 1)
        return levels

    def dropout_maps(
        self, frames: Frames, passes: int, rate: float, seed: int = 0
    ) -> Iterator[ProbabilityMaps]:
        self._lacks("passes with dropout", "choose another score than mc_dropout")

    def loss(
        self,
        frames: Frames,
        labels: Sequence[Sequence[Box]],
        *,
        generator: torch.Generator,
        settings: object = None,
        at_working_scale: bool = False,
    ) -> Tensor:
        self._lacks("a loss of ours", "train it with your own code")

    def best_iou(self, boxes: Sequence[Box], native: tuple[int, int]) -> NDArray[np.float64]:
        return np.zeros(len(boxes))

    def with_classes(self, classes: Sequence[str]) -> Self:
        """Raises InputError for other classes than its own."""
        if tuple(classes) != self.classes:
            self._lacks("other classes", "wrap it with those that it has")
        return copy.copy(self)

    def file_content(self) -> bytes | None:
        self._lacks("a file of ours", "save the module with torch.save, and wrap it again")

    def _lacks(self, what: str, instead: str) -> NoReturn:
        raise InputError(
            f"The detector {self.name!r} is a torch module that was wrapped; it has no {what}: "
            f"{instead}."
        )


@contextlib.contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """The module as in evaluation, and afterwards as it was."""
    training: dict[nn.Module, bool] = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, was in training.items():
            part.training = was
