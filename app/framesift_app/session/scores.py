"""The scores: what of the footage is scored and how, and scoring the rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift.records.settings import current
from framesift.scores.strategies import reads, refuse_contradiction, strategy_named
from framesift.selection import Rules, Strategy
from framesift.series import NO_BOXES
from framesift_app import settings
from framesift_app.session.detector import Detector
from framesift_app.session.footage import Footage
from framesift_app.session.fresh import LIVE_S, ByDrive, FreshScores, Values
from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.workers.inference import Inference
from framesift_app.workers.relay import Relay

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.project import Project, SelectionInputs

STORED_SCORE = "app.score"
STORED_PLAIN = "app.plain_score"
STORED_EVERY = "app.every"
STORED_UNCHANGED = "app.unchanged"


@dataclass(frozen=True, slots=True)
class StoredScoring:
    """How the project was scored last; None where it never was."""

    options: Any
    plain: Any
    every: Any
    unchanged: Any


class Scores(Part):
    """By name and drive the `signals` of the strategy (float32, NaN = not scored) and
    `descriptors`; by drive the frames that are `taken`, `labelled` and `excluded`. `options` go
    to FrameScorer; every `every`-th frame is scored, and one that differs from an earlier one
    by no more than `unchanged` grey levels takes over its score."""

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
        rules: Callable[[], Rules],
    ) -> None:
        """`pause`: how many seconds it is worth to wait between two additions. `rules`: those
        whose strategy says what is scored."""
        super().__init__()
        self._footage, self._detector, self._jobs = footage, detector, jobs
        self._inference, self._relay, self._messages = inference, relay, messages
        self._pause, self._rules = pause, rules

    def _clear(self) -> None:
        self.signals: ByDrive = {}
        self.descriptors: ByDrive = {}
        self.labelled: dict[str, tuple[int, ...]] = {}
        self.taken: dict[str, tuple[int, ...]] = {}
        self.excluded: dict[str, tuple[int, ...]] = {}
        self.every, self.unchanged = 1, 0.0
        self.options: dict[str, Any] = {}
        self.plain: dict[str, dict[str, Any]] = {}
        self._loading = 0
        self._fresh = FreshScores()

    def read(self, project: Project) -> StoredScoring:
        get = project.settings.get
        return StoredScoring(
            get(STORED_SCORE), get(STORED_PLAIN), get(STORED_EVERY), get(STORED_UNCHANGED)
        )

    def opened(self, project: OpenProject, stored: StoredScoring) -> None:
        super().opened(project, stored)
        if isinstance(stored.options, Mapping):
            self.options = {**self.options, **options_now(stored.options)}
        if isinstance(stored.plain, Mapping):
            # Earlier versions kept the recipe of the one score.
            plain = dict(stored.plain)
            self.plain = {str(plain["method"]): plain} if "method" in plain else plain
        if isinstance(stored.every, int):
            self.every = stored.every
        if isinstance(stored.unchanged, int | float):
            self.unchanged = float(stored.unchanged)

    def announce(self) -> None:
        self.load()

    @property
    def detector(self) -> str:
        """The identity of the detector whose scores count; "" until it is known."""
        return self._detector.identity

    @property
    def strategy(self) -> Strategy:
        """It says what is scored."""
        return strategy_named(self._rules().strategy)

    @property
    def raw(self) -> dict[str, NDArray[np.float32]]:
        """By drive what the strategy ranks by first; nothing where it looks at no score."""
        return next((self.signals.get(name, {}) for name in self.strategy.signals), {})

    def score_of(self, drive: str, frame: int) -> float | None:
        """The score of a frame by what the strategy ranks by first; None without one, and
        where it has no boxes to be scored by."""
        values = self.raw.get(drive)
        if values is None or not 0 <= frame < len(values):
            return None
        score = float(values[frame])
        return None if math.isnan(score) or score == NO_BOXES else score

    def heat_options(self) -> dict[str, Any]:
        """FrameScorer's, for a heat map: of what the strategy ranks by first, or of the paper's
        score where it looks at none."""
        return {**self.options, "method": next(iter(self.strategy.signals), "divergence")}

    def heat_title(self) -> str:
        """What a heat map shows, in a few words."""
        from framesift.loop.scoring import heat_method
        from framesift.scores.family import score_named

        view = self._detector.view
        method = heat_method(self.heat_options()["method"], view is None or view.has_maps)
        return score_named(method).title

    def recipes(self) -> dict[str, dict[str, Any]]:
        """By signal what a series' recipe must say, so that it counts: the detector of now, and
        the settings that were chosen last."""
        recipe = {"detector": self._detector.identity} if self._detector.identity else {}
        return {
            signal: {**recipe, "score": self.plain[signal]}
            if signal in self.plain
            else dict(recipe)
            for signal in self.strategy.signals
        }

    def load(self) -> None:
        """Reads the scores of the current detector, and what is taken."""
        if self._project is None:
            return
        if not self._footage.drives:
            if self.signals:
                self.signals, self.descriptors = {}, {}
                self.loaded.emit()
            return
        recipes = self.recipes()
        self._loading += 1

        def done(inputs: SelectionInputs) -> None:
            self._loading -= 1
            self.take(inputs)

        def failed(error: BaseException) -> None:
            self._loading -= 1
            self._messages.fail(error)

        self._project.ask(lambda project: project.ledger.inputs(recipes), done, failed)

    @property
    def loading(self) -> bool:
        """Whether they are being read."""
        return self._loading > 0

    def take(self, inputs: SelectionInputs) -> None:
        """Shows what was read of the project."""
        self.taken, self.excluded = dict(inputs.taken), dict(inputs.excluded)
        self.labelled = dict(inputs.labelled)
        self.signals = {name: dict(of) for name, of in inputs.signals.items()}
        self.descriptors = {name: dict(of) for name, of in inputs.descriptors.items()}
        self.loaded.emit()
        for drive in inputs.drives:
            self.changed.emit(drive.key)

    def fit_radius(self) -> None:
        """One radius for all levels, where the detector has no box for each."""
        view = self._detector.view
        if view is not None and view.radii is None:
            self.options = {k: v for k, v in self.options.items() if k != "radius_by_box"}

    # Scoring

    def start(
        self, every: int | None = None, unchanged: float | None = None, **options: Any
    ) -> None:
        """Scores what is unscored of what the strategy ranks by, coarse to fine, in the
        background; `options` go to FrameScorer and are remembered. Raises InputError for an
        option that only other scores have."""
        project = self._project
        if project is None or self._jobs.active("score") is not None:
            return
        refuse_contradiction(
            {name: f"The setting {name}" for name in options}, [self.strategy.name]
        )
        self.every = every or self.every
        self.unchanged = self.unchanged if unchanged is None else unchanged
        self.options = {**self.options, **options}
        stride, chosen, source = self.every, dict(self.options), self._detector.source
        alike = self.unchanged
        rules, signals = self._rules(), self.strategy.signals
        fresh, plainly = self._fresh, project.while_open(self._scored_by)

        def make() -> Iterator[Any]:
            from framesift.loop import project_options, score_strategy
            from framesift.scores import FrameScorer

            with project.borrowed(fresh.add) as borrowed:
                detector = self._inference.detector(source, settings.device())
                options = project_options(borrowed, detector, rules.strategy, chosen)
                plain = {
                    signal: FrameScorer(**{**options, "method": signal}).settings(detector)
                    for signal in signals
                }
                borrowed.settings.set(STORED_SCORE, chosen)
                borrowed.settings.set(STORED_PLAIN, plain)
                borrowed.settings.set(STORED_EVERY, stride)
                borrowed.settings.set(STORED_UNCHANGED, alike)
                self._relay.post(lambda: plainly(plain))
                yield from score_strategy(
                    borrowed,
                    detector,
                    rules.strategy,
                    options=chosen,
                    descriptors=reads(rules),
                    every=stride,
                    progressive=True,
                    unchanged=alike,
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

    def _scored_by(self, plain: dict[str, dict[str, Any]]) -> None:
        if self.plain != plain:
            self.plain = plain
            self.load()

    def _over(self, _: Any) -> None:
        self._take_fresh(0.0)
        self.load()

    def _take_fresh(self, every_s: float) -> None:
        fresh = self._fresh.take(every_s)
        if not fresh:
            return
        values, changed = Values(self.signals, self.descriptors).with_fresh(
            fresh, self._footage.drives
        )
        self.signals, self.descriptors = values.signals, values.descriptors
        self.grown.emit()
        for key in changed:
            self.changed.emit(key)


def options_now(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Score options of a project, as this version has them: earlier ones kept the radius of
    each level where it went by the boxes, and the score that the strategy says now."""
    options = current(stored, "score")
    options.pop("method", None)
    if isinstance(options.get("radius"), list):
        del options["radius"]
        options["radius_by_box"] = True
    return options
