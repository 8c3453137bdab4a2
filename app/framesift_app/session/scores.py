"""The scores: what of the footage is scored and how, and scoring the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal

from framesift.records.settings import current
from framesift_app import settings
from framesift_app.session.detector import Detector
from framesift_app.session.footage import Footage
from framesift_app.session.fresh import LIVE_S, FreshScores, Values
from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.workers.inference import Inference
from framesift_app.workers.relay import Relay

if TYPE_CHECKING:
    from framesift.project import Project, SelectionInputs

STORED_SCORE = "app.score"
STORED_PLAIN = "app.plain_score"
STORED_EVERY = "app.every"


@dataclass(frozen=True, slots=True)
class StoredScoring:
    """How the project was scored last; None where it never was."""

    options: Any
    plain: Any
    every: Any


class Scores(Part):
    """By drive: `raw` float32 (NaN = not scored) and `thumbnails`, `taken` and `excluded`
    frames. `options` go to FrameScorer; every `every`-th frame is scored."""

    changed = Signal(str)
    """The scores of a drive are others."""
    loaded = Signal()
    """They were read anew; before `changed`."""
    grown = Signal()
    """Some were added while scoring; before `changed`."""

    def __init__(
        self,
        footage: Footage,
        detector: Detector,
        jobs: Jobs,
        inference: Inference,
        relay: Relay,
        messages: Messages,
        pause: Callable[[], float],
    ) -> None:
        """`pause`: how many seconds it is worth to wait between two additions."""
        super().__init__()
        self._footage, self._detector, self._jobs = footage, detector, jobs
        self._inference, self._relay, self._messages = inference, relay, messages
        self._pause = pause

    def _clear(self) -> None:
        self.raw: dict[str, NDArray[np.float32]] = {}
        self.thumbnails: dict[str, NDArray[np.uint8]] = {}
        self.taken: dict[str, tuple[int, ...]] = {}
        self.excluded: dict[str, tuple[int, ...]] = {}
        self.every = 1
        self.options: dict[str, Any] = {"method": "divergence"}
        self._plain: dict[str, Any] | None = None
        self._loading = 0
        self._fresh = FreshScores()

    def read(self, project: Project) -> StoredScoring:
        get = project.settings.get
        return StoredScoring(get(STORED_SCORE), get(STORED_PLAIN), get(STORED_EVERY))

    def opened(self, project: OpenProject, stored: StoredScoring) -> None:
        super().opened(project, stored)
        if isinstance(stored.options, Mapping):
            self.options = {**self.options, **options_now(stored.options)}
        if isinstance(stored.plain, Mapping):
            self._plain = dict(stored.plain)
        if isinstance(stored.every, int):
            self.every = stored.every

    def announce(self) -> None:
        self.load()

    def recipe(self) -> dict[str, Any]:
        """What a series' recipe must say, so that it counts: the detector of now, the score
        that was chosen last."""
        recipe: dict[str, Any] = {}
        if self._detector.identity:
            recipe["detector"] = self._detector.identity
        if self._plain is not None:
            recipe["score"] = self._plain
        return recipe

    def load(self) -> None:
        """Reads the scores of the current detector, and what is taken."""
        if self._project is None or not self._footage.drives:
            return
        recipe = self.recipe()
        self._loading += 1

        def done(inputs: SelectionInputs) -> None:
            self._loading -= 1
            self.take(inputs)

        def failed(error: BaseException) -> None:
            self._loading -= 1
            self._messages.fail(error)

        self._project.ask(lambda project: project.ledger.inputs(recipe), done, failed)

    @property
    def loading(self) -> bool:
        """Whether they are being read."""
        return self._loading > 0

    def take(self, inputs: SelectionInputs) -> None:
        """Shows what was read of the project."""
        self.taken, self.excluded = dict(inputs.taken), dict(inputs.excluded)
        self.raw, self.thumbnails = dict(inputs.values), dict(inputs.thumbnails or {})
        self.loaded.emit()
        for drive in inputs.drives:
            self.changed.emit(drive.key)

    def fit_radius(self) -> None:
        """One radius for all levels, where the detector has no box for each."""
        view = self._detector.view
        if view is not None and view.radii is None:
            self.options = {k: v for k, v in self.options.items() if k != "radius_by_box"}

    # Scoring

    def start(self, every: int | None = None, **options: Any) -> None:
        """Scores what is unscored, coarse to fine, in the background; `options` go to
        FrameScorer and are remembered."""
        project = self._project
        if project is None or self._jobs.active("score") is not None:
            return
        self.every = every or self.every
        self.options = {**self.options, **options}
        stride, chosen, source = self.every, dict(self.options), self._detector.source
        fresh, plainly = self._fresh, project.while_open(self._scored_by)

        def make() -> Iterator[Any]:
            from framesift.loop import score_project, scored_classes
            from framesift.scores import FrameScorer

            with project.borrowed(fresh.add) as borrowed:
                detector = self._inference.detector(source, settings.device())
                classes = scored_classes(borrowed, detector.classes, chosen)
                plain = FrameScorer(**{**chosen, **classes}).settings(detector)
                borrowed.settings.set(STORED_SCORE, chosen)
                borrowed.settings.set(STORED_PLAIN, plain)
                borrowed.settings.set(STORED_EVERY, stride)
                self._relay.post(lambda: plainly(plain))
                yield from score_project(
                    borrowed, detector, options=chosen, every=stride, progressive=True
                )

        self._jobs.start(
            "score",
            self.tr("Scoring"),
            make,
            self._inference,
            project=project,
            on_records=lambda _: self._take_fresh(max(LIVE_S, self._pause())),
            on_end=self._over,
        )

    def _scored_by(self, plain: dict[str, Any]) -> None:
        if self._plain != plain:
            self._plain = plain
            self.load()

    def _over(self, _: Any) -> None:
        self._take_fresh(0.0)
        self.load()

    def _take_fresh(self, every_s: float) -> None:
        fresh = self._fresh.take(every_s)
        if not fresh:
            return
        values, changed = Values(self.raw, self.thumbnails).with_fresh(
            fresh, self._footage.drives
        )
        self.raw, self.thumbnails = values.raw, values.thumbnails
        self.grown.emit()
        for key in changed:
            self.changed.emit(key)


def options_now(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Score options of a project, as this version has them: earlier ones kept the radius of
    each level where it went by the boxes."""
    options = current(stored, "score")
    if isinstance(options.get("radius"), list):
        del options["radius"]
        options["radius_by_box"] = True
    return options
