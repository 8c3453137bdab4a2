"""The label check: what the detector doubts of the labels, and what somebody decides on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift.labels import FrameKey, FrameLabels
from framesift_app import settings
from framesift_app.session.detector import Detector
from framesift_app.session.jobs import Jobs
from framesift_app.session.labels import Labels
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.workers.inference import Inference

if TYPE_CHECKING:
    from framesift.evaluation.check_settings import Part as Checkable
    from framesift.loop import Checked, Doubt


class Checking(Part):
    """`checked`: the latest check, None before one. A doubt is open while the labels are as
    they were checked; undo opens it again."""

    changed = Signal()

    def __init__(
        self,
        labels: Labels,
        detector: Detector,
        jobs: Jobs,
        inference: Inference,
        messages: Messages,
    ) -> None:
        super().__init__()
        self._labels, self._detector, self._jobs = labels, detector, jobs
        self._inference, self._messages = inference, messages
        labels.changed.connect(self._forget)

    def _clear(self) -> None:
        self.checked: Checked | None = None
        self._open: tuple[Doubt, ...] | None = None

    def announce(self) -> None:
        self.changed.emit()

    def start(self, part: Checkable = "all") -> None:
        """Has the detector look at the labelled frames, in the background."""
        project, source = self._project, self._detector.source
        if project is None or self._jobs.active("check") is not None:
            return

        def make() -> Iterator[Any]:
            from framesift.loop import check_labels

            with project.borrowed() as borrowed:
                detector = self._inference.exact_detector(source, settings.device())
                yield from check_labels(borrowed, detector, part=part)

        self._jobs.start(
            "check",
            self.tr("Checking the labels"),
            make,
            self._inference,
            project=project,
            on_end=self._over,
        )

    def _over(self, result: Any) -> None:
        from framesift.loop import Checked

        if not isinstance(result, Checked):
            return
        self.checked = result
        self._forget()
        words = self.tr("{0} labels of {1} frames are checked; {2} doubts.")
        self._messages.tell(words.format(result.labels, result.frames, len(result.doubts)))

    @property
    def open(self) -> tuple[Doubt, ...]:
        """What nobody has decided on yet, the most doubtful first."""
        if self._open is None:
            self._open = self._still_open()
        return self._open

    def _still_open(self) -> tuple[Doubt, ...]:
        if self.checked is None:
            return ()
        from framesift.loop.checking import is_open

        doubts = self.checked.doubts
        return tuple(d for d in doubts if is_open(self._labels.of(d.key), d))

    def _forget(self, _: FrameKey | None = None) -> None:
        if self.checked is not None:
            self._open = None
            self.changed.emit()

    # Deciding

    def keep(self, doubt: Doubt) -> None:
        """The labels are right: the label is upheld, or the detector's box denied."""
        from framesift.loop.checking import kept

        self._decide(doubt, kept, self.tr("{0} kept"))

    def mend(self, doubt: Doubt) -> None:
        """The detector is right: its box becomes the label."""
        from framesift.loop.checking import mended

        self._decide(doubt, mended, self.tr("{0} mended"))

    def delete(self, doubt: Doubt) -> None:
        """There is no such object: the doubted label goes."""
        number = doubt.label
        if number is not None:
            words = self.tr("{0} deleted")
            self._decide(doubt, lambda labels, _: labels.without_boxes(number), words)

    def _decide(
        self,
        doubt: Doubt,
        decided: Callable[[FrameLabels, Doubt], FrameLabels],
        words: str,
    ) -> None:
        labels = decided(self._labels.of(doubt.key), doubt)
        text = words.format(doubt.disagreement.box.category)
        self._labels.change(doubt.key, labels, text, "check")
