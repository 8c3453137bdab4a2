"""Pictures to look at: frames, thumbnails, heat maps, the detector's boxes, region maxima."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift.labels import FrameKey
from framesift_app.session.detector import Detector
from framesift_app.session.footage import Footage
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.workers.frame_loader import FrameLoader
from framesift_app.workers.inference import Inference

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.video import Frame

KEPT = 6
"""Decoded frames that are kept."""
LEAST_SCORE = 0.05


class Pictures(Part):
    """Takes requests; answers come as signals, and a newer request may replace an older one."""

    frameReady = Signal(str, int, object)  # noqa: N815 (Qt's way of naming)
    previewReady = Signal(str, int, object, object)  # noqa: N815
    """(drive, frame, key of the picture, uint8 H×W×3): a picture from a little before a frame
    that was asked for and is still being decoded."""
    heatReady = Signal(object, object)  # noqa: N815
    boxesReady = Signal(object, object)  # noqa: N815
    predicted = Signal(object, object)
    """(key, (Prediction, its classes, the detector's identity)), after boxesReady."""
    thumbnailReady = Signal(object, object)  # noqa: N815
    hoverReady = Signal(object, object)  # noqa: N815
    maximaReady = Signal(object, object)  # noqa: N815

    def __init__(
        self,
        footage: Footage,
        detector: Detector,
        frames: FrameLoader,
        thumbnails: FrameLoader,
        inference: Inference,
        messages: Messages,
        score_options: Callable[[], dict[str, Any]],
        recipes: Callable[[], dict[str, dict[str, Any]]],
    ) -> None:
        super().__init__()
        self._footage, self._detector, self._messages = footage, detector, messages
        self._frames, self._thumbnails, self._inference = frames, thumbnails, inference
        self._score_options, self._recipes = score_options, recipes

    def _clear(self) -> None:
        self._shown: OrderedDict[FrameKey, Frame] = OrderedDict()

    def shown(self, key: FrameKey) -> Frame | None:
        """A frame that was asked for lately, as it was decoded."""
        return self._shown.get(key)

    def request_frame(self, drive: str, frame: int) -> None:
        """Asks for a decoded frame: frameReady(drive, frame, uint8 H×W×3). The newest request
        wins."""
        key = self._footage.key_at(drive, frame)
        if key is None or self._project is None:
            return
        if key in self._shown:
            self._messages.mend("frame")
            self._shown.move_to_end(key)
            self.frameReady.emit(drive, frame, self._shown[key].image)
            return

        def done(decoded: Frame) -> None:
            self._messages.mend("frame")
            self._shown[key] = decoded
            while len(self._shown) > KEPT:
                self._shown.popitem(last=False)
            self.frameReady.emit(drive, frame, decoded.image)

        def early(decoded: Frame) -> None:
            before = FrameKey(key.video, decoded.number)
            self.previewReady.emit(drive, frame, before, decoded.image)

        self._frames.show(
            self._project.folder,
            key,
            self._project.while_open(done),
            self._failing(key, self._messages.failing("frame")),
            self._project.while_open(early),
        )

    def _failing(
        self, key: FrameKey, tell: Callable[[BaseException], None]
    ) -> Callable[[BaseException], None]:
        """Tells why there is nothing to look at; not where the video has left the project since
        that was asked for."""
        opened = self._project
        assert opened is not None

        def is_there(project: Project) -> bool:
            return any(video.id == key.video for video in project.videos.all())

        def failed(error: BaseException) -> None:
            opened.ask(is_there, lambda there: tell(error) if there else None)

        return opened.while_open(failed)

    def request_hover(self, key: FrameKey) -> None:
        """Asks for a small picture of the frame under the pointer: hoverReady(key, uint8
        h×192×3). The newest request wins."""
        if self._project is not None:
            self._thumbnails.thumbnail(
                self._project.folder,
                key,
                self._project.while_open(lambda image: self.hoverReady.emit(key, image)),
                lambda _: None,
                instead="hover",
            )

    def request_thumbnail(self, key: FrameKey) -> None:
        """Asks for a small picture: thumbnailReady(key, uint8 h×192×3)."""
        if self._project is not None and self._footage.place_of(key) is not None:
            self._thumbnails.thumbnail(
                self._project.folder,
                key,
                self._project.while_open(lambda image: self.thumbnailReady.emit(key, image)),
                self._failing(key, self._messages.failing("frame")),
            )

    def request_heat(self, key: FrameKey, category: str = "") -> None:
        """Asks for the pixel scores of a frame: heatReady(key, float32 H×W, native size);
        `category`: of one class alone."""
        if self._project is not None and self._detector.source:
            self._inference.heat(
                self._project.folder,
                key,
                self._detector.source,
                self._score_options(),
                self._project.while_open(lambda heat: self.heatReady.emit(key, heat)),
                self._failing(key, self._messages.fail),
                category=category,
            )

    def request_boxes(self, key: FrameKey) -> None:
        """Asks for the detector's boxes: boxesReady(key, Prediction), native pixels."""
        if self._project is None or not self._detector.source:
            return

        def done(predicted: Any) -> None:
            self.boxesReady.emit(key, predicted[0])
            self.predicted.emit(key, predicted)

        self._inference.boxes(
            self._project.folder,
            key,
            self._detector.source,
            LEAST_SCORE,
            self._project.while_open(done),
            self._failing(key, self._messages.fail),
        )

    def request_maxima(self, key: FrameKey) -> None:
        """Asks for the region maxima that made a frame's score: maximaReady(key, ((x, y,
        value), …)), native pixels."""
        recipes = self._recipes()

        def of(project: Project) -> Any:
            for signal, recipe in recipes.items():
                best = project.series.best(recipe, signal=signal).get(key.video)
                if best is not None:
                    return project.series.maxima(best, [key.frame]).get(key.frame, ())
            return ()

        if self._project is not None:
            self._project.ask(of, lambda maxima: self.maximaReady.emit(key, maxima))
