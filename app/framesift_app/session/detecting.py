"""Which detectors there are, and going on with another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift_app import settings
from framesift_app.session.footage import STORED_IDENTITY, Footage

if TYPE_CHECKING:
    from framesift.loop import DetectorChoice
    from framesift_app.workers.inference import DetectorView

BUSY = ("score", "evaluate", "plan", "train")
"""Jobs that go by the detector."""


class Detecting(Footage):
    """The detector of the project."""

    def list_detectors(self) -> None:
        """Asks for what can be chosen; detectorsListed comes when it is known."""

        def listed(found: tuple[DetectorChoice, ...]) -> None:
            self.choices = found
            self.detectorsListed.emit()

        def held(checkpoints: Any) -> None:
            def run() -> Any:
                from framesift.loop import detector_choices

                return detector_choices(checkpoints)

            # Architectures come with torch, which this thread imports anyway.
            self._inference.submit(
                run, self._while_open(listed), self._while_open(self.fail), key="choices"
            )

        if self.folder is None:
            held(())
        else:
            self._ask(lambda project: project.checkpoints.all(), held)

    def choose_detector(self, source: str) -> None:
        """Goes on with another detector, once it has been loaded: one that cannot be loaded
        is told and changes nothing."""
        if self.folder is None or source == self.detector_source:
            return
        if any(self.job(kind) is not None for kind in BUSY):
            self.fail(
                InputError(
                    self.tr(
                        "The detector is at work; wait for it or end its job, "
                        "then choose another."
                    )
                )
            )
            return

        def loaded(found: DetectorView) -> None:
            self._ask(lambda project: project.choose_detector(source), lambda _: chosen(found))

        def chosen(found: DetectorView) -> None:
            self._ask(lambda p: p.settings.set(STORED_IDENTITY, [source, found.identity]))
            self.earlier = dict(self.smoothed)
            self.use_detector(source, found.identity)
            self.reload_cycles()
            self.told.emit(
                self.tr("The project goes on with {0}; score the footage with it.").format(
                    self.detector_name
                )
            )

        self._inference.load(
            source, settings.device(), self._while_open(loaded), self._while_open(self.fail)
        )

    def use_detector(self, source: str, identity: str) -> None:
        """Goes on with another detector: its scores, its boxes."""
        self.detector_source, self._identity = source, identity
        self.detector_name = Path(source).stem
        self._proposed.clear()
        self.load_detector()
        self.load_scores()
        self.detectorChanged.emit()

    def reload_cycles(self) -> None:
        raise NotImplementedError
