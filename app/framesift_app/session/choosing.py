"""Scores, rules and the selection: what is offered, and what cycles have taken."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import FramesiftError, InputError
from framesift.labels import FrameKey
from framesift.project import SelectionInputs, by_drive
from framesift.selection.rules import fitting
from framesift.video import parse_distance
from framesift_app.session.looking import Looking
from framesift_app.session.selecting import SMOOTHING, Ingredients, selected, smoothed

DIRECT_S = 0.03
"""A selection that took longer than this is made on its own thread the next time."""
LIVE_S = 0.5
STORED_RULES = "app.rules"
OWN_DISTANCES = "own_distances"
"""Beside the stored rules: whether somebody chose Δt1 or Δt2."""


class Choosing(Looking):
    """Which frames are worth labelling."""

    def _reset(self) -> None:
        super()._reset()
        self._inputs: SelectionInputs | None = None
        self._thumbnails: dict[str, NDArray[np.uint8]] = {}
        self._excluded: dict[str, tuple[int, ...]] = {}
        self._declined: frozenset[FrameKey] = frozenset()
        self.choosing = True
        self.measuring = self._own_distances = False
        self._asked = self._applied = self._loading = 0
        self._cost = {True: 0.0, False: 0.0}
        self._fresh: list[tuple[str, int, float, Any]] = []
        self._fresh_lock = threading.Lock()
        self._fresh_told = 0.0
        self._replayed: Any = None
        self.score_options: dict[str, Any] = {"method": "divergence"}
        self._plain_score: dict[str, Any] | None = None
        self._identity = ""

    # Scores

    def _wanted(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if self._identity:
            wanted["detector"] = self._identity
        if self._plain_score is not None:
            wanted["score"] = self._plain_score
        return wanted

    def load_scores(self) -> None:
        """Reads the scores of the current detector, and what is taken."""
        wanted = self._wanted()
        self._loading += 1

        def done(inputs: SelectionInputs) -> None:
            self._loading -= 1
            self._scores_loaded(inputs)

        def failed(error: BaseException) -> None:
            self._loading -= 1
            self.fail(error)

        self._ask(lambda project: project.ledger.inputs(wanted), done, failed)

    @property
    def settled(self) -> bool:
        """Whether the picks are those of the scores and rules of now."""
        return self._loading == 0 and self._applied == self._asked

    def _scores_loaded(self, inputs: SelectionInputs) -> None:
        self._inputs = inputs
        self.drives = inputs.drives
        self.taken = dict(inputs.taken)
        self._excluded = dict(inputs.excluded)
        self._thumbnails = dict(inputs.thumbnails or {})
        self.raw = dict(inputs.values)
        self._reselect(smooth=True)
        for drive in self.drives:
            self.scoresChanged.emit(drive.key)

    def load_earlier(self) -> None:
        """Reads the scores that the latest cycle of another detector was selected from: the
        curve to hold the new one against."""
        before = next(
            (
                cycle.detector
                for cycle in reversed(self.cycles)
                if cycle.detector != self._identity
            ),
            "",
        )
        if not before:
            return
        rules = self.rules

        def done(inputs: SelectionInputs) -> None:
            self._chooser.submit(
                lambda: smoothed(inputs.drives, inputs.values, rules), self._while_open(shown)
            )

        def shown(curves: dict[str, NDArray[np.float64]]) -> None:
            self.earlier = curves
            for key in curves:
                self.scoresChanged.emit(key)
            self.selectionChanged.emit()

        self._ask(
            lambda project: project.ledger.inputs({"detector": before}, thumbnails=False), done
        )

    def _scored(self, video: str, frame: int, score: float, thumbnail: Any) -> None:
        """Hears of a new score, on the inference thread."""
        with self._fresh_lock:
            self._fresh.append((video, frame, score, thumbnail))

    def _take_in_fresh(self, *, force: bool = False) -> None:
        """Puts the new scores into the curves, a few times a second."""
        now = time.monotonic()
        if not force and now - self._fresh_told < max(LIVE_S, 4 * self._cost[True]):
            return
        self._fresh_told = now
        with self._fresh_lock:
            fresh, self._fresh = self._fresh, []
        if not fresh:
            return
        offsets = {
            clip.id: (drive, offset)
            for drive in self.drives
            for clip, offset in zip(drive.clips, drive.offsets, strict=True)
        }
        changed: set[str] = set()
        raw, small = dict(self.raw), dict(self._thumbnails)
        for video, frame, score, thumbnail in fresh:
            if video not in offsets:
                continue
            drive, offset = offsets[video]
            key = drive.key
            if key not in changed:
                changed.add(key)
                raw[key] = (
                    raw[key].copy() if key in raw else np.full(len(drive), np.nan, np.float32)
                )
                if thumbnail is not None:
                    small[key] = (
                        small[key].copy()
                        if key in small
                        else np.zeros((len(drive), len(thumbnail)), np.uint8)
                    )
            raw[key][offset + frame] = score
            if thumbnail is not None and key in small:
                small[key][offset + frame] = thumbnail
        self.raw, self._thumbnails = raw, small
        self._reselect(smooth=True, later=True)
        for key in changed:
            self.scoresChanged.emit(key)

    # Rules

    def _fit_rules(self) -> None:
        """Distances that fit footage and budget, until somebody chooses others."""
        if not self._own_distances:
            delta1, delta2 = fitting(
                self.drives, self.rules.budget, sum(len(cycle.picks) for cycle in self.cycles)
            )
            self.rules = replace(self.rules, delta1=delta1, delta2=delta2)

    def set_rules(self, **changes: Any) -> None:
        """Changes rules (fields of Rules; distances also as text or frames) and selects
        again. A value that makes no sense is told and changes nothing."""
        for name in ("delta1", "delta2"):
            if isinstance(changes.get(name), int | str):
                changes[name] = parse_distance(str(changes[name]))
        try:
            rules = replace(self.rules, **changes)
        except InputError as error:
            self.fail(error)
            return
        if rules == self.rules:
            return
        self.rules = rules
        if changes.keys() & {"delta1", "delta2"}:
            self._own_distances = True
        self._fit_rules()
        if not self.choosing:
            self.choosing = True
        if self.folder is not None:
            settings = {**self.rules.settings(), OWN_DISTANCES: self._own_distances}
            self._ask(lambda project: project.settings.set(STORED_RULES, settings))
        self._reselect(smooth=bool(SMOOTHING & changes.keys()))

    def choose_next(self, choosing: bool = True) -> None:
        """Shows what the next cycle would take (or again what the latest one took)."""
        if self.choosing != choosing:
            self.choosing = choosing
            self._reselect(smooth=False)

    def measure(self, measuring: bool) -> None:
        """Shows the frames of the evaluation set as what there is to label."""
        if self.measuring != measuring:
            self.measuring = measuring
            self._show_picks()

    def _ingredients(self) -> Ingredients:
        excluded = {key: {*frames} for key, frames in self._excluded.items()}
        for key, frames in by_drive(self._declined, self.drives).items():
            excluded.setdefault(key, set()).update(frames)
        # What is labelled while it is offered stays in the offer until it is taken.
        drives = tuple(d for d in self.drives if d.key in self.raw)
        small = {key: self._thumbnails[key] for key in self.raw if key in self._thumbnails}
        return Ingredients(
            drives,
            self.raw,
            small or None,
            self.taken,
            {key: sorted(frames) for key, frames in excluded.items()},
        )

    def _reselect(self, *, smooth: bool, later: bool = False) -> None:
        self._asked += 1
        asked, rules, made_from = self._asked, self.rules, self._ingredients()
        before = self.smoothed
        smooth = smooth or any(d.key not in before for d in made_from.drives)

        def run() -> Any:
            began = time.perf_counter()
            curves = before
            if smooth:
                curves = smoothed(made_from.drives, made_from.raw or {}, rules)
            found = selected(made_from, curves, rules)
            return curves, found, time.perf_counter() - began

        def done(result: Any) -> None:
            if asked < self._applied:
                return
            self._applied = asked
            self.smoothed, found, self._cost[smooth] = result
            self._offered = found
            self._show_picks()

        if later or self._cost[smooth] > DIRECT_S:
            self._chooser.submit(
                run, self._while_open(done), self._while_open(self._not_selected), key="select"
            )
            return
        try:
            result = run()
        except FramesiftError as error:
            self._not_selected(error)
        else:
            done(result)

    def _not_selected(self, error: BaseException) -> None:
        self._offered, self._applied = None, self._asked
        self.fail(error)
        self._show_picks()

    _offered: Any = None

    def _show_picks(self) -> None:
        raise NotImplementedError
