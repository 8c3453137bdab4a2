"""The selection: the rules, the smoothed series they rank, and the picks they give."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project import Project, SelectionInputs
from framesift.project.strategy import usual_strategy_of
from framesift.scores.strategies import strategy_of_signal
from framesift.selection import Choice, Pool, Rules, smoothed
from framesift.selection import Selection as Chosen
from framesift.selection.choosing import fitted
from framesift.selection.rules import fitting_length
from framesift.video import parse_distance
from framesift_app.session.chooser import SMOOTHING, Chooser, Request
from framesift_app.session.cycles import Cycles
from framesift_app.session.footage import Footage
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.session.pool import PoolMaker
from framesift_app.session.scores import STORED_SCORE, Scores
from framesift_app.session.taker import Taker

STORED_RULES = "app.rules"
STORED_CHOOSING = "app.choosing"
OWN_DISTANCES = "own_distances"
"""Beside the stored rules: whether somebody chose Δt1 or Δt2."""


class Selection(Part):
    """`offered`: what the next cycle would take; `choosing`: whether that is shown, or again
    what the latest cycle took. By drive, `smoothed` is what is ranked, and `earlier` the same
    of the detector before."""

    changed = Signal()

    def __init__(
        self,
        footage: Footage,
        scores: Scores,
        cycles: Cycles,
        chooser: Chooser,
        messages: Messages,
        labelled: Callable[[Iterable[FrameKey]], bool],
    ) -> None:
        """`labelled`: whether something is said of each of some frames."""
        super().__init__()
        self._footage, self._scores, self._cycles = footage, scores, cycles
        self._chooser, self._messages, self._labelled = chooser, messages, labelled
        self._pools = PoolMaker(footage, scores, cycles)

    def _clear(self) -> None:
        self.rules = fitted(Pool(()), Rules())
        self._ready: Pool | None = None
        self.smoothed: dict[str, NDArray[np.float64]] = {}
        self.earlier: dict[str, NDArray[np.float64]] = {}
        self.offered: Chosen | None = None
        self.choosing = True
        self._own_distances = False
        self._declined: frozenset[FrameKey] = frozenset()
        self._replayed: tuple[int, Chosen] | None = None
        self._asked = self._applied = 0
        self._opening = object()

    def read(self, project: Project) -> Any:
        get = project.settings.get
        usual = usual_strategy_of(project)
        return get(STORED_RULES), get(STORED_SCORE), get(STORED_CHOOSING), usual

    def opened(self, project: OpenProject, stored: Any) -> None:
        super().opened(project, stored)
        rules, score, choosing, usual = stored
        self.rules = replace(self.rules, strategy=usual)
        with contextlib.suppress(InputError, TypeError, ValueError):
            kept: Mapping[str, Any] = rules or {}
            self.rules = Rules.from_settings({"strategy": usual, **kept})
            self._own_distances = (
                self.rules.delta1 is not None and kept.get(OWN_DISTANCES, True) is not False
            )
        # Projects of earlier versions: the score, not the strategy, said how to rank.
        if isinstance(score, Mapping) and "method" in score:
            with contextlib.suppress(InputError):
                strategy = strategy_of_signal(str(score["method"]).replace("-", "_"))
                self.rules = replace(self.rules, strategy=strategy)
        self.fit()
        cycle = self._cycles.latest
        done = cycle is None or (
            cycle.detector_out is not None
            and self._labelled(pick.key for pick in cycle.to_label)
        )
        self.choosing = done or choosing is True

    def announce(self) -> None:
        self.changed.emit()
        self._load_earlier()

    # Rules

    def fit(self) -> None:
        """Distances that fit footage and budget, until somebody chooses others."""
        if not self._own_distances:
            delta1, delta2 = fitting_length(
                self._pools.seconds, self.rules.budget, self._cycles.picked
            )
            self.rules = replace(self.rules, delta1=delta1, delta2=delta2)

    def set_rules(self, **changes: Any) -> None:
        """Changes rules (fields of Rules; distances also as text or frames) and selects
        again. A value that makes no sense is told and changes nothing."""
        try:
            for name in ("delta1", "delta2"):
                if isinstance(changes.get(name), int | str):
                    changes[name] = parse_distance(str(changes[name]))
            rules = replace(self.rules, **changes)
        except InputError as error:
            self._messages.fail(error)
            return
        if rules == self.rules:
            return
        ranked = self._ranked_by
        others, self.rules = rules.strategy != self.rules.strategy, rules
        if self._ranked_by != ranked:
            # What another signal said is on another scale.
            self.earlier = {}
            self._load_earlier()
        if distances := changes.keys() & {"delta1", "delta2"}:
            self._own_distances = any(changes[name] is not None for name in distances)
        self.fit()
        self._set_choosing(True)
        if self._project is not None:
            stored = {**self.rules.settings(), OWN_DISTANCES: self._own_distances}
            self._project.ask(lambda project: project.settings.set(STORED_RULES, stored))
        if others:
            self._scores.load()
        if not others or not self._scores.loading:
            self._select(smooth=bool(SMOOTHING & changes.keys()))

    # What is shown

    @property
    def current(self) -> Chosen | None:
        """The selection that explains what is shown: the offered one, or the latest cycle's."""
        if self.choosing or self._replayed is None:
            return self.offered
        return self._replayed[1]

    def choose_next(self, choosing: bool = True) -> None:
        """Shows what the next cycle would take (or again what the latest one took)."""
        if self.choosing != choosing:
            self._set_choosing(choosing)
            self._select(smooth=False)

    def _set_choosing(self, choosing: bool) -> None:
        """What was on offer is offered again when the project is opened anew."""
        if self.choosing != choosing and self._project is not None:
            self._project.ask(lambda project: project.settings.set(STORED_CHOOSING, choosing))
        self.choosing = choosing

    def explain(self) -> None:
        """Makes the latest cycle's selection again, for the reasons in it."""
        cycle, known = self._cycles.latest, self._replayed
        if cycle is None or self._project is None:
            self._replayed = None
            return
        number = cycle.number
        if known is not None and known[0] == number:
            return
        self._replayed = None

        def done(chosen: Chosen) -> None:
            self._replayed = number, chosen
            self.changed.emit()

        def again(project: Project) -> Chosen:
            # The loop imports every format: it would keep the window from coming up.
            from framesift.loop.replaying import replay

            return replay(project, number).choice.selection

        # What can no longer be made again is simply not explained.
        self._project.ask(again, done, lambda _: None)

    @property
    def _ranked_by(self) -> tuple[str, ...]:
        """The signal that the strategy ranks by; nothing where it reads none."""
        return self._scores.strategy.signals[:1]

    def keep_earlier(self) -> None:
        """Keeps the series of now as those to hold another detector's against."""
        # Without scores, what is ranked is zero all along.
        self.earlier = dict(self.smoothed) if self._ranked_by else {}

    def _load_earlier(self) -> None:
        """Reads the scores that the latest cycle of another detector was selected from."""
        before, project, rules = self._cycles.earlier_detector, self._project, self.rules
        ranked = self._ranked_by
        recipes = {name: {"detector": before} for name in ranked}
        if not before or not recipes or project is None or not self._footage.drives:
            return

        def curves(inputs: SelectionInputs) -> dict[str, NDArray[np.float64]]:
            # By the signal alone: a curve needs nothing else that the strategy reads.
            pool = inputs.pool()
            return {
                drive.key: drive.smoothed[signal]
                for signal in recipes
                for drive in smoothed(pool, replace(rules, strategy=signal))
            }

        def done(inputs: SelectionInputs) -> None:
            self._chooser.run(lambda: curves(inputs), project.while_open(shown))

        def shown(curves: dict[str, NDArray[np.float64]]) -> None:
            if self._ranked_by != ranked:
                return
            self.earlier = curves
            for key in curves:
                self._scores.changed.emit(key)
            self.changed.emit()

        project.ask(lambda stored: stored.ledger.inputs(recipes, descriptors=()), done)

    # Selecting

    @property
    def settled(self) -> bool:
        """Whether it is that of the scores and rules of now."""
        return not self._scores.loading and self._applied == self._asked

    def decline(self, key: FrameKey) -> None:
        """Offers another frame in place of one."""
        self._declined = self._declined | {key}
        self._select(smooth=False)

    def scores_loaded(self) -> None:
        """Selects from other scores."""
        self._select(smooth=True)

    def scores_grown(self) -> None:
        """Selects from more scores, and lets nobody wait for it."""
        self._select(smooth=True, later=True)

    def _select(self, *, smooth: bool, later: bool = False) -> None:
        self._asked += 1
        # Answers of before the last closing are not heard.
        asked, opening = self._asked, self._opening
        if smooth:
            # Who asks before the answer must not go on with what it makes old.
            self._ready = None

        def done(choice: Choice | None) -> None:
            if opening is self._opening and asked >= self._applied:
                self._applied = asked
                self._ready = None if choice is None else choice.pool
                self.smoothed = {} if choice is None else dict(choice.smoothed)
                self.offered = None if choice is None else choice.selection
                self.changed.emit()

        def failed(error: BaseException) -> None:
            if opening is self._opening and asked >= self._applied:
                # What was smoothed before may be of another strategy.
                self.offered, self._ready, self._applied = None, None, asked
                self._messages.fail(error)
                self.changed.emit()

        request = Request(self._pools.pool(self._declined), self.rules, self._ready)
        self._chooser.choose(request, done, failed, later=later)

    # Taking

    @property
    def taker(self) -> Taker:
        """What takes in a project by the rules of now."""
        return Taker(self.rules, self._declined, self._scores)

    def show_taken(self) -> None:
        """Shows what the latest cycle took, and forgets what was declined before."""
        self._set_choosing(False)
        self._declined = frozenset()
