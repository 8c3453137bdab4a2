"""The one thread that owns the model.

Scoring and measuring run here as jobs; a heat map or the boxes of the frame that is looked at
come in between two of their batches.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.labels import FrameKey
from framesift_app.workers.frame_loader import FrameReader
from framesift_app.workers.priority import LONG
from framesift_app.workers.relay import Relay
from framesift_app.workers.threads import Done, Failed, Worker

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


HAND_OVER_S = 0.001
"""How long a thread that computes in Python keeps the interpreter while another asks for it.
The window's thread asks at each call from Qt, and Python's own 5 ms each time add up."""


@dataclass(frozen=True, slots=True)
class DetectorView:
    """What the window knows of the detector. `source` is what it was loaded from, `radii` the
    divergence's radius by each level's box (None for detectors without one box per level),
    `has_features` whether it hands out the backbone's last ones, `heads` what heads predict."""

    source: str
    identity: str
    classes: tuple[str, ...]
    trainable: bool
    device: str
    has_maps: bool = True
    proposes: bool = False
    radii: tuple[int, ...] | None = None
    has_features: bool = False
    heads: tuple[str, ...] = ()


def import_torch() -> None:
    """What a module makes at its import stays. Going through all of torch for garbage, while
    it is imported and at each full collection afterwards, would hold the window for 0.1 s."""
    if "torch" in sys.modules:
        return
    gc.disable()
    try:
        importlib.import_module("torch")
    finally:
        gc.enable()
    gc.freeze()


class Inference(Worker):
    """Loads the detector, keeps it, and runs it."""

    def __init__(self, relay: Relay) -> None:
        self._reader = FrameReader()
        self._detector: Detector | None = None
        self._source: tuple[object, ...] | None = None
        self.tiles = "1x1"
        """That a frame is seen in, as the project keeps them."""
        self.backend = ("auto", "auto")
        """What runs the network, and in which precision, likewise."""
        self.eight_bits: dict[str, Any] | None = None
        """Which detector scores in 8 bits, and by which ranges, likewise."""
        super().__init__("inference", relay, LONG)

    def warm_up(self, done: Done | None = None, failed: Failed | None = None) -> None:
        """Imports torch, so that nothing waits for it later. From then on threads take turns
        more often, and not while modules that define Qt's classes are imported before."""

        def run() -> None:
            sys.setswitchinterval(HAND_OVER_S)
            import_torch()
            import torch

            # The window's thread keeps a core of its own.
            torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))

        self.submit(run, done, failed)

    def load(self, source: str, device: str, done: Done, failed: Failed) -> None:
        """Loads a detector by name or path; done(DetectorView)."""

        def run() -> DetectorView:
            from framesift.scores import radii_by_box
            from framesift.scores.pixel_divergence import DivergenceParams

            detector = self._load(source, device)
            radius = DivergenceParams().radius
            radii = (
                tuple(radii_by_box(radius, detector.settings))
                if isinstance(radius, int) and detector.settings.get("box_sizes")
                else None
            )
            return DetectorView(
                source,
                detector.identity(),
                detector.classes,
                detector.trainable,
                detector.device.type,
                detector.has_maps,
                detector.proposes,
                radii,
                detector.trunk() is not None,
                tuple(detector.heads),
            )

        self.submit(run, done, failed, key="load")

    def _load(self, source: str, device: str) -> Detector:
        asked = source, self.tiles, self.backend, self.eight_bits
        if self._detector is None or asked != self._source:
            from framesift.detectors.files.checkpoint import load_detector
            from framesift.detectors.tiled import tiled
            from framesift.loop.eight_bits import in_eight_bits

            self._detector = None
            runs, form = ("auto", "auto") if source.endswith(".onnx") else asked[2]
            loaded = load_detector(source, device, precision=form, backend=runs)
            self._detector = in_eight_bits(tiled(loaded, asked[1]), self.eight_bits)
            self._source = asked
        return self._detector

    def detector(self, source: str, device: str = "auto") -> Detector:
        """The detector, for jobs on this thread."""
        return self._load(source, device)

    def exact_detector(self, source: str, device: str = "auto") -> Detector:
        """The same without 8 bits, for jobs that measure."""
        from framesift.loop.eight_bits import exactly

        return exactly(self._load(source, device))

    def heat(
        self,
        folder: Path,
        key: FrameKey,
        source: str,
        options: dict[str, Any],
        done: Done,
        failed: Failed,
        *,
        category: str = "",
    ) -> None:
        """Pixel scores of a frame: float32 H×W at native size. `category`: of that class
        alone; "": as the frame is scored. A detector without maps shows its unsure boxes."""

        def run() -> Any:
            import cv2

            from framesift.loop.scoring import heat_options
            from framesift.loop.scoring_run import masked

            project = self._reader.project(folder)
            image = self._reader.frame(folder, key).image
            detector = self._load(source, "auto")
            scorer = masked(
                project,
                project.videos.get(key.video),
                heat_options(project, detector, options, category),
            )
            pixels, _ = scorer.pixel_scores(detector, image[None])
            height, width = image.shape[:2]
            native = cv2.resize(
                pixels[0].float().cpu().numpy(), (width, height), interpolation=cv2.INTER_LINEAR
            )
            return np.ascontiguousarray(native, np.float32)

        self.submit(run, done, failed, key="heat")

    def boxes(
        self,
        folder: Path,
        key: FrameKey,
        source: str,
        threshold: float,
        done: Done,
        failed: Failed,
    ) -> None:
        """The detector's boxes of a frame: done((Prediction, classes, identity))."""

        def run() -> Any:
            detector = self._load(source, "auto")
            image = self._reader.frame(folder, key).image
            (prediction,) = detector.predict(image[None], threshold)
            return prediction, detector.classes, detector.identity()

        self.submit(run, done, failed, key="boxes")

    def free(self) -> None:
        """Gives the device's memory back; the next use takes it again."""

        def run() -> None:
            if self._detector is not None:
                from framesift.scores.other_detectors import forget_others

                self._detector.release()
                forget_others()

        self.submit(run)

    def rest(self) -> None:
        """Closes what is open of the project."""
        self.forget()
        self.submit(self._reader.close)

    def end(self) -> None:
        self._reader.close()
        self._detector = None
