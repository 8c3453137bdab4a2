"""Looking at footage: the playhead, frames, heat maps, boxes, thumbnails."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from framesift.labels import FrameKey
from framesift_app.session.core import SessionCore

if TYPE_CHECKING:
    from framesift.video import Frame

KEPT = 6
LEAST_SCORE = 0.05


class Looking(SessionCore):
    """The playhead, and requests for pictures; answers come as signals."""

    def _reset(self) -> None:
        super()._reset()
        self._shown: OrderedDict[FrameKey, Frame] = OrderedDict()

    def go_to(self, drive: str, frame: int) -> None:
        """Moves the playhead, kept inside the drive."""
        found = self.drive(drive)
        if found is None:
            return
        frame = max(0, min(frame, len(found) - 1))
        if self.playhead == (drive, frame):
            return
        self.playhead = (drive, frame)
        self.current_key = found.key_of(frame)
        self.playheadChanged.emit()

    def go_to_key(self, key: FrameKey) -> None:
        """Moves the playhead to a frame by its key."""
        place = self.place_of(key)
        if place is not None:
            self.go_to(*place)

    def step(self, n: int) -> None:
        """Moves the playhead by `n` frames."""
        if self.playhead is not None:
            drive, frame = self.playhead
            self.go_to(drive, frame + n)

    def request_frame(self, drive: str, frame: int) -> None:
        """Asks for a decoded frame: frameReady(drive, frame, uint8 H×W×3). The newest request
        wins."""
        key = self.key_at(drive, frame)
        if key is None or self.folder is None:
            return
        if key in self._shown:
            self._shown.move_to_end(key)
            self.frameReady.emit(drive, frame, self._shown[key].image)
            return

        def done(found: Frame) -> None:
            self._shown[key] = found
            while len(self._shown) > KEPT:
                self._shown.popitem(last=False)
            self.frameReady.emit(drive, frame, found.image)

        self._frames.show(self.folder, key, self._while_open(done), self._while_open(self.fail))

    def request_thumbnail(self, key: FrameKey) -> None:
        """Asks for a small picture: thumbnailReady(key, uint8 h×192×3)."""
        if self.folder is not None and self.place_of(key) is not None:
            self._small.thumbnail(
                self.folder,
                key,
                self._while_open(lambda image: self.thumbnailReady.emit(key, image)),
                self._while_open(self.fail),
            )

    def request_heat(self, key: FrameKey, category: str = "") -> None:
        """Asks for the pixel scores of a frame: heatReady(key, float32 H×W, native size);
        `category`: of one class alone."""
        if self.folder is not None and self.detector_source:
            self._inference.heat(
                self.folder,
                key,
                self.detector_source,
                self.score_options,
                self._while_open(lambda heat: self.heatReady.emit(key, heat)),
                self._while_open(self.fail),
                category=category,
            )

    def request_boxes(self, key: FrameKey) -> None:
        """Asks for the detector's boxes: boxesReady(key, Prediction), native pixels."""
        if self.folder is None or not self.detector_source:
            return

        def done(found: Any) -> None:
            self.boxesReady.emit(key, found[0])
            self._keep_boxes(key, found)

        self._inference.boxes(
            self.folder,
            key,
            self.detector_source,
            LEAST_SCORE,
            self._while_open(done),
            self._while_open(self.fail),
        )

    def request_maxima(self, key: FrameKey) -> None:
        """Asks for the region maxima that made a frame's score: maximaReady(key, ((x, y,
        value), …)), native pixels."""

        def of(project: Any) -> Any:
            best = project.series.best(self._wanted()).get(key.video)
            return (
                ()
                if best is None
                else project.series.maxima(best, [key.frame]).get(key.frame, ())
            )

        if self.folder is not None:
            self._ask(of, lambda maxima: self.maximaReady.emit(key, maxima))

    # Given by the parts that stand on this one

    detector_source = ""
    score_options: dict[str, Any]

    def _wanted(self) -> dict[str, Any]:
        raise NotImplementedError

    def _keep_boxes(self, key: FrameKey, found: Any) -> None:
        raise NotImplementedError
