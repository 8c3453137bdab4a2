"""The detector of the project: which one, what else there is, and what it can be asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from framesift.errors import InputError
from framesift_app import settings
from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.strings import percent
from framesift_app.workers.inference import DetectorView, Inference

if TYPE_CHECKING:
    from framesift.detectors.base import Detector as Loaded
    from framesift.loop import DetectorChoice, EightBits, OtherDetector
    from framesift.project import Project

STORED_IDENTITY = "app.identity"
BUSY = ("score", "evaluate", "plan", "train", "eight bits")
"""Jobs that go by the detector."""


@dataclass(frozen=True, slots=True)
class StoredDetector:
    """What a project knows of its detector; `identity` is "" until it was loaded once."""

    source: str
    identity: str
    tiles: str
    backend: tuple[str, str]
    eight_bits: dict[str, Any] | None = None


class Detector(Part):
    """`source`: its name or file; `identity`: of its weights and settings; `view`: what is
    known once it is loaded; `others`: the project's detectors that it can be compared with,
    None until they were listed."""

    changed = Signal()
    identified = Signal()
    """It is another one than its scores were read for."""
    replaced = Signal()
    """The project goes on with another; before `changed`."""
    chosen = Signal()
    """A person replaced it, and the project has stored that."""
    listed = Signal()
    others_listed = Signal()
    """What it can be compared with is known."""
    measured = Signal()

    def __init__(self, inference: Inference, jobs: Jobs, messages: Messages) -> None:
        super().__init__()
        self._inference, self._jobs, self._messages = inference, jobs, messages

    def _clear(self) -> None:
        self.source = self.identity = self.name = ""
        self.view: DetectorView | None = None
        self.choices: tuple[DetectorChoice, ...] = ()
        self.others: tuple[OtherDetector, ...] | None = None

    def read(self, project: Project) -> StoredDetector:
        from framesift.loop import kept_backend
        from framesift.loop.eight_bits import kept_eight_bits

        source, stored = project.detector, project.settings.get(STORED_IDENTITY)
        known = dict([stored] if stored else ())
        known.update((str(held.path), held.identity) for held in project.checkpoints.all())
        return StoredDetector(
            source,
            known.get(source, ""),
            project.settings.tiles,
            kept_backend(project),
            kept_eight_bits(project),
        )

    def opened(self, project: OpenProject, stored: StoredDetector) -> None:
        super().opened(project, stored)
        self.source, self.identity = stored.source, stored.identity
        self.name = Path(stored.source).stem
        self._inference.tiles, self._inference.backend = stored.tiles, stored.backend
        self._inference.eight_bits = stored.eight_bits

    def announce(self) -> None:
        self.changed.emit()
        self.load()

    def load(self) -> None:
        """Loads the current detector, on the inference thread."""
        project, source = self._project, self.source
        if project is None or not source:
            return

        def done(view: DetectorView) -> None:
            if source == self.source:
                self._loaded(view)

        self._inference.load(
            source,
            settings.device(),
            project.while_open(done),
            project.while_open(self._messages.failing("detector")),
        )

    def _loaded(self, view: DetectorView) -> None:
        self._messages.mend("detector")
        known, self.identity, self.view = self.identity, view.identity, view
        self.changed.emit()
        if known != view.identity:
            self._remember(self.source, view.identity)
            self.identified.emit()

    def _remember(self, source: str, identity: str) -> None:
        if self._project is not None:
            self._project.ask(lambda p: p.settings.set(STORED_IDENTITY, [source, identity]))

    # Choosing another

    def list_choices(self) -> None:
        """Asks for what can be chosen; `listed` comes when it is known."""
        if self._project is None:
            self._list((), lambda answer: answer)
        else:
            project = self._project
            project.ask(
                lambda stored: stored.checkpoints.all(),
                lambda held: self._list(held, project.while_open),
            )

    def _list(self, checkpoints: Any, heard: Callable[[Any], Any]) -> None:
        def run() -> tuple[DetectorChoice, ...]:
            from framesift.loop import detector_choices

            return detector_choices(checkpoints)

        def listed(choices: tuple[DetectorChoice, ...]) -> None:
            self.choices = choices
            self.listed.emit()

        # Architectures come with torch, which this thread imports anyway.
        self._inference.submit(run, heard(listed), heard(self._messages.fail), key="choices")

    def list_others(self) -> None:
        """Asks for what it can be compared with; `others_listed` comes when it is known."""
        project, source, inference = self._project, self.source, self._inference
        if project is None or not source:
            return

        def listed(others: tuple[OtherDetector, ...]) -> None:
            if source == self.source:
                self.others = others
                self.others_listed.emit()

        def look(held: tuple[Any, str]) -> None:
            def run() -> tuple[OtherDetector, ...]:
                from framesift.loop import other_detectors

                return other_detectors(*held, inference.detector(source, settings.device()))

            done, fail = project.while_open(listed), project.while_open(self._messages.fail)
            inference.submit(run, done, fail, key="others")

        project.ask(lambda stored: (stored.checkpoints.all(), stored.settings.detector), look)

    def choose(self, source: str) -> None:
        """Goes on with another detector, once it has been loaded: one that cannot be loaded
        is told and changes nothing."""
        project = self._project
        if project is None or source == self.source:
            return
        if any(self._jobs.active(kind) is not None for kind in BUSY):
            busy = self.tr(
                "The detector is at work; wait for it or end its job, then choose another."
            )
            self._messages.fail(InputError(busy), "choose")
            return

        def loaded(view: DetectorView) -> None:
            project.ask(
                lambda stored: stored.choose_detector(source),
                lambda _: self._chosen(source, view.identity),
            )

        self._inference.load(
            source,
            settings.device(),
            project.while_open(loaded),
            project.while_open(self._messages.failing("choose")),
        )

    def _chosen(self, source: str, identity: str) -> None:
        self._messages.mend("choose")
        self._remember(source, identity)
        self.use(source, identity)
        self.chosen.emit()
        self._messages.tell(
            self.tr("The project goes on with {0}; score the footage with it.").format(
                self.name
            )
        )

    def use(self, source: str, identity: str) -> None:
        """Goes on with a detector that the project has taken already."""
        self.source, self.identity, self.name = source, identity, Path(source).stem
        self.others = None
        self.replaced.emit()
        self.load()
        self.changed.emit()

    # Measuring

    def evaluate(self, class_map: Mapping[str, str] | None = None, **changes: Any) -> None:
        """Measures it on the evaluation set; `class_map`: what the labels call its classes."""

        def work(project: Project, detector: Loaded) -> Iterator[Any]:
            from framesift.loop import evaluate_project

            return evaluate_project(project, detector, changes, class_map=class_map)

        self._start(
            "evaluate",
            self.tr("Measuring"),
            work,
            self._inference.exact_detector,
            on_end=self._measured,
        )

    def _start(
        self,
        kind: str,
        title: str,
        work: Callable[[Project, Loaded], Iterator[Any]],
        load: Callable[[str, str], Loaded],
        *,
        on_end: Callable[[Any], None] | None = None,
    ) -> None:
        """Has the inference thread do a job of this kind with the project and its detector,
        unless one is at work."""
        project, source = self._project, self.source
        if project is None or self._jobs.active(kind) is not None:
            return

        def make() -> Iterator[Any]:
            with project.borrowed() as borrowed:
                yield from work(borrowed, load(source, settings.device()))

        self._jobs.start(kind, title, make, self._inference, project=project, on_end=on_end)

    def _measured(self, result: Any) -> None:
        self.measured.emit()
        with contextlib.suppress(AttributeError):
            rate = result.evaluation.summary().get("miss_rate")
            self._messages.tell(
                self.tr("Miss rate {0} at one false positive per image.").format(percent(rate))
                if rate is not None
                else self.tr(
                    "There is no miss rate yet: none of the labels to measure "
                    "by is high enough "
                    "to count."
                )
            )

    def plan(self, budget: int, epochs: int, every: int) -> None:
        """Measures what a budget will cost: jobs.finished("plan", Plan)."""

        def work(project: Project, detector: Loaded) -> Iterator[Any]:
            from framesift.loop import plan_project

            return plan_project(project, detector, budget=budget, epochs=epochs, every=every)

        self._start("plan", self.tr("Planning"), work, self._inference.detector)

    # Scoring in 8 bits

    @property
    def in_eight_bits(self) -> bool:
        """Whether it scores in 8 bits."""
        kept = self._inference.eight_bits
        return kept is not None and kept["detector"] == self.identity

    def try_eight_bits(self) -> None:
        """Calibrates and compares: jobs.finished("eight bits", EightBits). Keeps nothing."""

        def work(project: Project, detector: Loaded) -> Iterator[Any]:
            from framesift.loop import try_eight_bits

            return try_eight_bits(project, detector)

        self._start(
            "eight bits", self.tr("Trying 8 bits"), work, self._inference.exact_detector
        )

    def use_eight_bits(self, tried: EightBits | None) -> None:
        """Scores so from now on; None: as it is."""
        project = self._project
        if project is None:
            return

        def keep(stored: Project) -> dict[str, Any] | None:
            from framesift.loop import keep_eight_bits

            if tried is None:
                stored.settings.set_eight_bits(None)
            else:
                keep_eight_bits(stored, tried)
            return stored.settings.eight_bits

        def kept(now: dict[str, Any] | None) -> None:
            self._inference.eight_bits = now
            self._messages.tell(
                self.tr("Footage is scored without 8 bits again.")
                if now is None
                else self.tr("Footage is scored in 8 bits from now on; measuring is not.")
            )
            self.load()
            self.changed.emit()

        project.ask(keep, kept)
