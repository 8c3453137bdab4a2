"""Scores, rules and the selection: what is offered, and what cycles have taken."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import FramesiftError, InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.picking import Choice, Rules, choose
from framesift.project import Cycle, PickRecord, Project, SelectionInputs, by_drive
from framesift.video import parse_distance
from framesift_app.session.looking import Looking
from framesift_app.session.selecting import SMOOTHING, Ingredients, selected, smoothed
from framesift_app.session.views import PickState, PickView

DIRECT_S = 0.03
"""A selection that took longer than this is made on its own thread the next time."""
LIVE_S = 0.5
STORED_RULES = "app.rules"


class Choosing(Looking):
    """Which frames are worth labelling."""

    def _reset(self) -> None:
        super()._reset()
        self._inputs: SelectionInputs | None = None
        self._thumbnails: dict[str, NDArray[np.uint8]] = {}
        self._excluded: dict[str, tuple[int, ...]] = {}
        self._declined: frozenset[FrameKey] = frozenset()
        self.choosing = True
        self.measuring = False
        self._asked = self._applied = 0
        self._cost = {True: 0.0, False: 0.0}
        self._fresh: list[tuple[str, int, float, Any]] = []
        self._fresh_lock = threading.Lock()
        self._fresh_told = 0.0
        self._replayed: Any = None
        self.score_options = {"method": "divergence", "reduction": "max-pool-mean",
                              "radius": 9, "region": 30, "mirror": False}
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
        self._ask(lambda project: project.ledger.inputs(wanted), self._scores_loaded)

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
        """Reads the scores that the latest cycle was selected from, where the detector has
        changed since: the curve to hold the new one against."""
        before = self.cycles[-1].detector if self.cycles else ""
        if not before or before == self._identity:
            return
        rules = self.rules

        def done(inputs: SelectionInputs) -> None:
            self._chooser.submit(lambda: smoothed(inputs.drives, inputs.values, rules), shown,
                                 lambda _: None)

        def shown(curves: dict[str, NDArray[np.float64]]) -> None:
            self.earlier = curves
            for key in curves:
                self.scoresChanged.emit(key)
            self.selectionChanged.emit()

        self._ask(lambda project: project.ledger.inputs({"detector": before},
                                                        thumbnails=False), done)

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
        offsets = {clip.id: (drive, offset) for drive in self.drives
                   for clip, offset in zip(drive.clips, drive.offsets, strict=True)}
        changed: set[str] = set()
        raw, small = dict(self.raw), dict(self._thumbnails)
        for video, frame, score, thumbnail in fresh:
            if video not in offsets:
                continue
            drive, offset = offsets[video]
            key = drive.key
            if key not in changed:
                changed.add(key)
                raw[key] = (raw[key].copy() if key in raw
                            else np.full(len(drive), np.nan, np.float32))
                if thumbnail is not None:
                    small[key] = (small[key].copy() if key in small else
                                  np.zeros((len(drive), len(thumbnail)), np.uint8))
            raw[key][offset + frame] = score
            if thumbnail is not None and key in small:
                small[key][offset + frame] = thumbnail
        self.raw, self._thumbnails = raw, small
        self._reselect(smooth=True, later=True)
        for key in changed:
            self.scoresChanged.emit(key)

    # Rules

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
        if not self.choosing:
            self.choosing = True
        if self.folder is not None:
            settings = rules.settings()
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
        return Ingredients(drives, self.raw, small or None, self.taken,
                           {key: sorted(frames) for key, frames in excluded.items()})

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
            self._chooser.submit(run, done, self._not_selected, key="select")
            return
        try:
            result = run()
        except FramesiftError as error:
            self._not_selected(error)
        else:
            done(result)

    def _not_selected(self, error: BaseException) -> None:
        self._offered = None
        self.fail(error)
        self._show_picks()

    _offered: Any = None

    # Picks

    def _show_picks(self) -> None:
        """Puts together what is to be labelled, and which selection the timeline explains."""
        cycle = self.cycles[-1] if self.cycles else None
        picks: list[PickView] = []
        self.selection = self._offered
        if self.measuring:
            picks = [view for key in self.sampled
                     if (view := self._view(key, None, None, 0)) is not None]
        else:
            if cycle is not None and not (self.choosing and self._cycle_done(cycle)):
                picks = [view for pick in cycle.to_label if (
                    view := self._view(pick.key, pick.rank, pick.score, cycle.number))
                    is not None]
            if self.choosing and self._offered is not None:
                known = {drive.key: drive for drive in self.drives}
                for pick in self._offered:
                    key = known[pick.video].key_of(pick.frame)
                    picks.append(PickView(key, pick.video, pick.frame, pick.rank, pick.score,
                                          self._state(key), None))
            elif not self.choosing and self._replayed is not None:
                self.selection = self._replayed
        self.picks = tuple(picks)
        self.selectionChanged.emit()

    def _cycle_done(self, cycle: Cycle) -> bool:
        return all(self._state(pick.key) != "todo" for pick in cycle.to_label)

    def _view(self, key: FrameKey, rank: int | None, score: float | None,
              cycle: int | None) -> PickView | None:
        place = self.place_of(key)
        if place is None:
            return None
        return PickView(key, *place, rank, score, self._state(key), cycle)

    def _state(self, key: FrameKey) -> PickState:
        state = self.labels(key).state
        return "todo" if state == "unseen" else state

    def labels(self, key: FrameKey) -> FrameLabels:
        raise NotImplementedError

    # Taking

    def take_picks(self) -> None:
        """Takes what is offered: a cycle of the ledger."""
        rules, declined, checkpoint = self.rules, self._declined, self.detector_source
        offered = {pick.key for pick in self.picks if pick.cycle is None}
        wanted = self._wanted()
        self._ask(lambda project: taken(project, rules, wanted, declined, offered, checkpoint),
                  self._taken)

    def _taken(self, result: tuple[Cycle, SelectionInputs]) -> None:
        cycle, inputs = result
        self.choosing, self._declined, self.measuring = False, frozenset(), False
        self._cycles_changed((*self.cycles, cycle))
        self._scores_loaded(inputs)
        self.told.emit(self.tr("Cycle {0}: {1} frames are taken; Space goes to the next one to "
                               "label.").format(cycle.number, len(cycle.picks)))
        if self.picks:
            self.go_to_key(self.picks[0].key)

    def _cycles_changed(self, cycles: tuple[Cycle, ...]) -> None:
        self.cycles = cycles
        self._replayed = None
        if cycles:
            number = cycles[-1].number

            def done(selection: Any) -> None:
                self._replayed = selection
                self._show_picks()

            # What can no longer be made again is simply not explained.
            self._ask(lambda project: replayed(project, number), done, lambda _: None)
        self.cyclesChanged.emit()

    def drop_pick(self, key: FrameKey) -> None:
        """Declines a pick; the next best takes its place."""
        pick = next((pick for pick in self.picks if pick.key == key), None)
        if pick is None or pick.cycle == 0:
            return
        if pick.cycle is None:
            self._declined = self._declined | {key}
            self._reselect(smooth=False)
            return
        number, rules, wanted = pick.cycle, self.rules, self._wanted()
        self._ask(lambda project: dropped(project, number, key, rules, wanted),
                  self._taken_more)

    def add_pick(self, key: FrameKey) -> None:
        """Adds a frame to the latest cycle by hand."""
        if not self.cycles:
            self.fail(InputError(self.tr(
                "There is no cycle yet; take the picks first, then add frames to them.")))
            return
        number = self.cycles[-1].number

        def add(project: Project) -> Any:
            project.ledger.add_pick(number, PickRecord(key, None, None, None, {}, "hand"))
            return project.ledger.cycle(number), None

        self._ask(add, self._taken_more)

    def _taken_more(self, result: tuple[Cycle, SelectionInputs | None]) -> None:
        cycle, inputs = result
        self.cycles = (*self.cycles[:-1], cycle)
        self.cyclesChanged.emit()
        if inputs is not None:
            self._scores_loaded(inputs)
        else:
            self.load_scores()
        self._show_picks()


def taken(project: Project, rules: Rules, wanted: Mapping[str, Any],
          declined: frozenset[FrameKey], offered: set[FrameKey],
          checkpoint: str) -> tuple[Cycle, SelectionInputs]:
    """Selects once more from what is stored, and takes it. Runs on the project's thread."""
    from pathlib import Path

    from framesift.loop import Offer, take

    inputs = _without(project.ledger.inputs(wanted), declined, offered)
    if rules.needs_scores and not inputs.series:
        raise InputError("Nothing is scored yet; score the footage first.")
    first = next(iter(inputs.series.values()), None)
    recipe: Mapping[str, Any] = first.recipe if first is not None else {}
    offer = Offer(inputs, _choice(inputs, rules), rules, str(recipe.get("detector", "")),
                  recipe.get("score", {}))
    cycle = take(project, offer, checkpoint=Path(checkpoint).name).cycle
    return cycle, project.ledger.inputs(wanted)


def _without(inputs: SelectionInputs, declined: frozenset[FrameKey],
             offered: set[FrameKey]) -> SelectionInputs:
    """Declined frames are excluded; frames labelled while they were offered are not."""
    refused = by_drive(declined, inputs.drives)
    kept = by_drive(offered, inputs.drives)
    excluded = {
        drive.key: tuple(sorted(({*inputs.excluded.get(drive.key, ())}
                                 - {*kept.get(drive.key, ())})
                                | {*refused.get(drive.key, ())})) for drive in inputs.drives}
    return SelectionInputs(inputs.drives, inputs.values, inputs.thumbnails, inputs.taken,
                           excluded, inputs.series)


def _choice(inputs: SelectionInputs, rules: Rules) -> Choice:
    return choose(inputs.drives, inputs.values, rules, taken=inputs.taken,
                  thumbnails=inputs.thumbnails if rules.look_alike != "off" else None,
                  excluded=inputs.excluded)


def replayed(project: Project, number: int) -> Any:
    """The selection of a cycle, made again, for the reasons in it."""
    from framesift.loop import replay

    return replay(project, number).choice.selection


def dropped(project: Project, number: int, key: FrameKey, rules: Rules,
            wanted: Mapping[str, Any]) -> tuple[Cycle, SelectionInputs]:
    """Declines a pick of a cycle and takes the next best frame in its place."""
    project.ledger.drop_pick(number, key)
    inputs = project.ledger.inputs(wanted)
    with contextlib.suppress(InputError):
        best = next(iter(_choice(inputs, replace(rules, budget=1)).selection), None)
        if best is not None:
            record = inputs.pick(best.video, best.frame, rank=best.rank, score=best.score,
                                 raw=best.raw)
            project.ledger.add_pick(number, replace(record, origin="replacement"))
    return project.ledger.cycle(number), project.ledger.inputs(wanted)
