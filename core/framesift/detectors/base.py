"""The interface of all detectors.

A member of the family is a class, or a function, in one file that builds a `Detector` from
classes and settings, and one line in `DETECTORS` (the package's `__init__`). It says what its
K maps are and why they are probabilities, and passes tests/contracts/test_detectors.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.boxes import Box, Prediction
from framesift.detectors.devices import PRECISIONS, Precision
from framesift.detectors.features import last_features, tapping
from framesift.detectors.heads import Head
from framesift.detectors.loss_settings import LossSettings
from framesift.detectors.maps import ProbabilityMaps, WorkingSize, working_size
from framesift.detectors.prepare import working_batch
from framesift.errors import InputError

if TYPE_CHECKING:
    from framesift.detectors.backends.engine import Engine
    from framesift.detectors.emphasis import Emphasis
    from framesift.detectors.joint import Joint
    from framesift.detectors.outputs import Outputs

Frames = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Inference:
    """What a detector made of a batch: its maps, and its boxes if they were asked for."""

    maps: ProbabilityMaps
    predictions: tuple[Prediction, ...] | None


class Detector(ABC):
    """A detector: from uint8 RGB frames N×H×W×3 to probability maps and boxes.

    `architecture` is its key in DETECTORS; `name` says where it came from; `settings` is
    JSON-able and with `architecture` and `classes` rebuilds it; `module` holds the weights.
    `trainable`: has `.loss()`. `regresses_boxes`: boxes are not of fixed sizes.
    `module`'s training flag does not matter to inference, which always runs as evaluation.
    """

    architecture: str
    trainable: bool = True
    regresses_boxes: bool = False
    proposes: bool = False
    """Whether its boxes come of proposals that can be told: it has `.proposed()`."""
    has_maps: bool = True
    """Whether it gives dense probability maps; without them only box-level scores apply."""
    suffix: str = ".safetensors"
    """Of the file that keeps it."""
    multiple: int = 8
    """Working sizes are padded to multiples of this: the coarsest step of the maps."""
    frozen_batch_norm: bool = False
    """While training, batch normalisation goes by the statistics that it has (and does not
    change them), not by those of each batch."""
    kept: tuple[str, ...] = ()
    """Parts of `module`, by name, that do not learn: while training they run as evaluation."""
    tiles: str = "1x1"
    """Columns and rows of the tiles that it sees a frame in."""
    training_only: tuple[str, ...] = ()
    """How the names of tensors begin that only a training has: no checkpoint keeps them."""
    joint: Joint | None = None
    """The part of a batch whose loss is computed, where several processes see it together:
    `loss` then gives this process's summand. None: this process sees all of it."""
    emphasis: Emphasis | None = None
    """How much more HUALE's loss counts each class in this training; None: all alike."""
    coarsest: int | None = None
    """The coarsest step of the maps where it is not `multiple` (the last levels are then a few
    cells that do not fill the padded size evenly)."""

    def __init__(
        self,
        module: nn.Module,
        classes: Sequence[str],
        settings: Mapping[str, Any],
        working_height: int | None,
    ) -> None:
        self.module = module
        self.classes = tuple(classes)
        self.settings: dict[str, Any] = dict(settings)
        self.working_height = working_height
        self.name = self.architecture
        self.lineage: dict[str, Any] = {}
        self.device = torch.device("cpu")
        self.precision: Precision = "float32"
        self.heads: dict[str, Head] = {}
        """Trained beside it, by what they predict."""
        self._identity: tuple[tuple[int, int], str] | None = None
        self.engine: Engine | None = None
        self._take: Callable[[Tensor], None] | None = None

    # What a member gives

    @abstractmethod
    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        """Maps, and boxes where they are asked for, out of one run of the network.

        Args:
            frames: uint8 N×H×W×3 (RGB), of one size.
            flip: each frame and its mirror image, probabilities averaged.
            boxes: whether boxes are made, too.
            threshold: least score of a box, [0, 1].

        Returns:
            An Inference: maps, and predictions in native pixels or None.
        """

    @abstractmethod
    def dropout_maps(
        self, frames: Frames, passes: int, rate: float, seed: int = 0
    ) -> Iterator[ProbabilityMaps]:
        """The maps of several runs with dropout in the heads. Every frame of a batch meets the
        same masks, so that neither its position nor its company matter.

        Args:
            frames: uint8 N×H×W×3 (RGB), of one size.
            passes: runs, 1 or more.
            rate: of dropout, [0, 1).
            seed: of the masks.

        Yields:
            The ProbabilityMaps of each run.
        """

    @abstractmethod
    def loss(
        self,
        frames: Frames,
        labels: Sequence[Sequence[Box]],
        *,
        generator: torch.Generator,
        settings: object = None,
        at_working_scale: bool = False,
    ) -> Tensor:
        """The training loss of a batch, a scalar with gradients (the caller steps).

        `frames` uint8 N×H×W×3 of one size, `labels` in their pixels; `generator` (CPU) is the
        only source of chance besides torch's own dropout; `settings` are the member's. With
        `at_working_scale` the frames are not resized, only padded: crops cut from frames that
        are at working size already. Puts `module` in training mode.
        """

    @abstractmethod
    def best_iou(self, boxes: Sequence[Box], native: tuple[int, int]) -> NDArray[np.float64]:
        """The best IoU that any box of this detector can reach with labels.

        Args:
            boxes: labels in native pixels.
            native: (height, width) of the frame.

        Returns:
            float64, one per label, in [0, 1]; 1.0 for detectors that regress boxes.
        """

    @abstractmethod
    def with_classes(self, classes: Sequence[str]) -> Self:
        """A new detector for other classes.

        Args:
            classes: their names; what was learned is kept for those that carry over, new ones
                begin anew.

        Returns:
            The new Detector; this one stays as it is.
        """

    # What signals ask of some members

    def raw_boxes(self, frames: Frames, threshold: float = 0.05) -> list[Prediction]:
        """The boxes of uint8 N×H×W×3 frames above `threshold` before non-maximum suppression,
        native pixels, best first; what `predict` gives where a member suppresses nothing
        itself."""
        return self.predict(frames, threshold)

    # What a member with a dense network gives besides, so that it can leave as an ONNX file

    def network(self) -> nn.Module:
        """The dense network alone, for evaluation in float32 on the CPU: float32 N×3×h×w, RGB
        in [0, 1], at a padded working size → the tuple of tensors (N first) that `finish`
        reads. A module that torch can export; it shares no weights with `module`.

        Raises InputError where the detector has no such part.
        """
        raise InputError(
            f"The detector {self.name!r} has no dense network that an ONNX file could hold."
        )

    def finish(
        self,
        outputs: Sequence[Tensor],
        size: WorkingSize,
        *,
        flipped: Sequence[Tensor] | None = None,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        """What `infer` makes of the outputs of `network` for a batch of this size (and for its
        mirror image): maps, and boxes if they are asked for. Reads settings, no weights."""
        raise InputError(
            f"The detector {self.name!r} has no dense network that an ONNX file could hold."
        )

    def torch_outputs(
        self, frames: Frames, size: WorkingSize, *, flip: bool = False
    ) -> Sequence[Tensor]:
        """What `network` gives for native frames (or their mirror images), computed by torch on
        the detector's device and in its precision."""
        raise InputError(f"The detector {self.name!r} has no dense network.")

    def differentiable(
        self, frames: Frames, *, flip: bool = False, threshold: float = 0.05
    ) -> Outputs:
        """Maps, and boxes above `threshold` where they are regressed, of uint8 N×H×W×3 frames
        that are at working size already (or of their flipped pictures), with gradients. Puts
        `module` in training mode. Raises InputError where the detector has no such maps."""
        raise InputError(
            f"The detector {self.name!r} has no maps that it could learn to agree on; train it "
            "without consistency."
        )

    def trunk(self) -> nn.Module | None:
        """The module of the network in use whose output holds the backbone's last features, a
        Tensor N×C×h×w or one per level; None where there is no such part."""
        return None

    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The names of the parts of `module` that see a picture first, stage by stage from the
        input: what may keep its weights while the rest learns."""
        return ()

    # What all share

    @property
    def backend(self) -> str:
        """What runs the dense network: "torch", or a name of BACKENDS."""
        return "torch" if self.engine is None else self.engine.name

    def run_by(self, engine: Engine | None) -> Self:
        """Has the dense network run by an engine on the processor, or by torch (None)."""
        self.engine = engine
        return self

    def dense_outputs(
        self, frames: Frames, size: WorkingSize, *, flip: bool = False
    ) -> Sequence[Tensor]:
        """What `network` gives for native frames or their mirror images, by the backend."""
        if self.engine is None:
            return self.torch_outputs(frames, size, flip=flip)
        state = (*self.weights_version(), torch.get_num_threads())
        pictures = working_batch(frames, size, flip=flip)
        outputs, features = self.engine.run(
            pictures, self.network, self.multiple, self.precision, state
        )
        if features and self._take is not None:
            self._take(last_features(dict(enumerate(features))))
        return outputs

    @contextlib.contextmanager
    def tapped(self, take: Callable[[Tensor], None]) -> Iterator[None]:
        """While it is open, every `infer` hands the backbone's last features to `take`: N×C×h×w
        of the padded working size, on the detector's device, without gradients; with `flip`
        those of the mirror images come second. Nothing comes where there is no `trunk`. Where
        several are open, each `take` gets them."""
        before = self._take

        def every(features: Tensor) -> None:
            take(features)
            if before is not None:
                before(features)

        self._take = every
        try:
            with tapping(self.trunk() if self.engine is None else None, take):
                yield
        finally:
            self._take = before

    def __repr__(self) -> str:
        height = (
            "native size"
            if self.working_height is None
            else f"working height {self.working_height}"
        )
        return (
            f"<Detector {self.name!r}: {self.architecture} of {', '.join(self.classes)}, "
            f"{height}, {self.precision} on {self.device}>"
        )

    def begin_training(self, settings: object) -> None:
        """Adds to the network what a loss needs beside it; `settings`: what LossSettings.of
        takes. Raises InputError where the detector has no such loss."""
        box_loss = LossSettings.of(settings).box_loss
        if box_loss != "own" and not self.regresses_boxes:
            raise InputError(
                f"The detector {self.name} has boxes of fixed sizes, so that no loss of boxes "
                f"teaches it anything; leave out --box-loss {box_loss}, or choose a detector "
                "that regresses boxes."
            )
        if box_loss == "huale":
            raise InputError(
                f"HUALE's loss is made for Faster R-CNN, and this detector is of the kind "
                f"{self.architecture}; choose --box-loss eiou, or a Faster R-CNN."
            )

    def end_training(self) -> None:  # noqa: B027 (a hook: most members add nothing)
        """Takes away again what `begin_training` added."""

    @contextlib.contextmanager
    def learning(self, settings: object, emphasis: Emphasis | None = None) -> Iterator[None]:
        """While it is open, the network has what the loss of such settings needs."""
        self.begin_training(settings)
        self.emphasis = emphasis
        try:
            yield
        finally:
            self.end_training()
            self.emphasis = None

    def weights(self) -> dict[str, Tensor]:
        """The tensors of the network that a checkpoint keeps, by name."""
        return {
            name: value
            for name, value in self.module.state_dict().items()
            if not name.startswith(self.training_only)
        }

    def training_mode(self) -> None:
        """Puts `module` in training mode, batch normalisation as `frozen_batch_norm` says, and
        without the parts that are `kept`."""
        self.module.train()
        for name in self.kept:
            self.module.get_submodule(name).eval()
        if self.frozen_batch_norm:
            for part in self.module.modules():
                if isinstance(part, nn.modules.batchnorm._BatchNorm):
                    part.eval()

    @contextlib.contextmanager
    def unmoved_statistics(self) -> Iterator[None]:
        """While it is open, batch normalisation goes by the statistics that there are, and a
        pass in training mode does not move them."""
        before, self.frozen_batch_norm = self.frozen_batch_norm, True
        try:
            yield
        finally:
            self.frozen_batch_norm = before

    def geometry(self, height: int, width: int) -> WorkingSize:
        """The working size of native height×width frames."""
        return working_size(height, width, self.working_height, self.multiple)

    @property
    def plain(self) -> Detector:
        """The detector itself, where this one only says how it is run."""
        return self

    def seen_at_once(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) of what the network sees at once of native height×width frames."""
        return self.geometry(height, width).padded

    def maps(self, frames: Frames) -> Tensor:
        """All probability maps of frames, at once.

        Args:
            frames: uint8 N×H×W×3 (RGB), of one size.

        Returns:
            float32 N×K×h×w in [0, 1] at working size.
        """
        return self.infer(frames).maps.stack()

    def predict(
        self, frames: Frames, threshold: float = 0.05, flip: bool = False
    ) -> list[Prediction]:
        """The boxes that the detector finds.

        Args:
            frames: uint8 N×H×W×3 (RGB), of one size.
            threshold: least score of a box, [0, 1].
            flip: each frame and its mirror image, probabilities averaged.

        Returns:
            A Prediction per frame, native pixels, best first.
        """
        predictions = self.infer(frames, flip=flip, boxes=True, threshold=threshold).predictions
        assert predictions is not None
        return list(predictions)

    def to(
        self, device: torch.device | str | None = None, precision: Precision | None = None
    ) -> Self:
        """Moves the detector.

        Args:
            device: where it runs from now on; None: where it is.
            precision: "float32", "bfloat16" or "float16"; None: as it is.

        Returns:
            The detector itself.

        Raises:
            ValueError: there is no such precision.
        """
        if device is not None:
            self.device = torch.device(device)
            self.module.to(self.device)
        if precision is not None:
            if precision not in PRECISIONS:
                raise ValueError(f"no precision {precision!r}")
            self.precision = precision
        self.forget()
        return self

    def file_content(self) -> bytes | None:
        """The file that a detector is, where it is one of a kind of its own (ONNX)."""
        return None

    def forget(self) -> None:  # noqa: B027 (a hook: most members keep nothing)
        """Drops whatever is kept between batches besides the weights."""

    def release(self) -> None:
        """Gives the device's memory back; the next use takes it again."""
        if self.engine is not None:
            self.engine.release()
        self.forget()
        self.module.to("cpu")
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        elif self.device.type == "mps":
            torch.mps.empty_cache()

    def weights_version(self) -> tuple[int, int]:
        """Changes whenever a weight is changed in place or replaced."""
        tensors = [*self.module.parameters(), *self.module.buffers()]
        return hash(tuple(map(id, tensors))), sum(t._version for t in tensors)

    def identity(self) -> str:
        """sha256 over architecture, classes, settings and weights, as hex: the same for the
        same numbers wherever they lie. Device and precision do not enter."""
        version = self.weights_version()
        if self._identity is None or self._identity[0] != version:
            self._identity = (version, self._digest())
        return self._identity[1]

    def _digest(self) -> str:
        about = {
            "architecture": self.architecture,
            "classes": self.classes,
            "settings": self.settings,
        }
        digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
        for key, value in sorted(self.weights().items()):
            array = value.detach().cpu().contiguous()
            digest.update(f"{key} {array.dtype} {tuple(array.shape)}\n".encode())
            digest.update(array.reshape(-1).view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()


class DetectorFactory(Protocol):
    """What DETECTORS holds: builds a detector with random weights. Raises InputError for
    settings that make no sense; settings left out take their defaults."""

    def __call__(
        self,
        classes: Sequence[str] = ("pedestrian",),
        settings: Mapping[str, Any] | None = None,
    ) -> Detector: ...


def check_frames(frames: Frames) -> None:
    """Raises ValueError unless uint8 N×H×W×3 with N ≥ 1."""
    if not isinstance(frames, np.ndarray):
        raise ValueError(
            f"frames must be an array uint8 N×H×W×3, not a {type(frames).__name__}; give "
            "np.stack of the pictures, or a slice of a video, as in video[0:8]"
        )
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not len(frames):
        raise ValueError(
            f"frames must be uint8 N×H×W×3, not {frames.dtype} {frames.shape}; give one "
            "picture as picture[None], or a slice of a video, as in video[0:8]"
        )
