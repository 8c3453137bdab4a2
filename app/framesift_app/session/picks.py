"""The picks: what there is to label, going from one to the next, taking, dropping, adding."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project import Cycle, PickRecord, Project, SelectionInputs
from framesift.selection.pick import chosen_by
from framesift_app.session.cycles import Cycles
from framesift_app.session.detector import Detector
from framesift_app.session.footage import Footage
from framesift_app.session.labels import Labels
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.session.playhead import Playhead
from framesift_app.session.scores import Scores
from framesift_app.session.selection import Selection
from framesift_app.session.views import PickView

OPEN = ("todo", "started")
"""States of picks that somebody has still to be done with."""


class Picks(Part):
    """`all`: the frames to label, of the latest cycle and those that are offered, or
    (`measuring`) of the evaluation set."""

    changed = Signal()
    currentChanged = Signal()  # noqa: N815 (Qt's way of naming)
    reached = Signal(object)
    """The playhead has come to another pick: its key."""
    edited = Signal()
    """Picks were taken, dropped or added, in the project's journal too."""

    def __init__(
        self,
        footage: Footage,
        detector: Detector,
        scores: Scores,
        selection: Selection,
        cycles: Cycles,
        labels: Labels,
        playhead: Playhead,
        messages: Messages,
    ) -> None:
        super().__init__()
        self._footage, self._detector, self._scores = footage, detector, scores
        self._selection, self._cycles, self._labels = selection, cycles, labels
        self._playhead, self._messages = playhead, messages
        footage.changed.connect(self._show)
        selection.changed.connect(self._show)
        cycles.reloaded.connect(self._show)
        labels.stateChanged.connect(self._show)
        playhead.moved.connect(self._follow)
        self.changed.connect(self._follow)

    def _clear(self) -> None:
        self.all: tuple[PickView, ...] = ()
        self.measuring = False
        self._last: PickView | None = None
        self._taking = False
        self._asked: frozenset[FrameKey] = frozenset()
        self._open = False

    # What there is to label

    def measure(self, measuring: bool) -> None:
        """Shows the frames of the evaluation set as what there is to label."""
        if self.measuring != measuring:
            self.measuring = measuring
            self._show()

    def _show(self) -> None:
        self.all = self._sampled() if self.measuring else (*self._taken(), *self._offered())
        self.changed.emit()
        was, self._open = self._open, any(pick.state in OPEN for pick in self.all)
        if was and not self._open:
            self._tell_what_is_next()

    def _tell_what_is_next(self) -> None:
        """Where all that there was to label is labelled."""
        cycle = self._cycles.latest
        if self._open or not self.all or any(pick.cycle is None for pick in self.all):
            return
        if self.measuring:
            words = self.tr(
                "All {0} frames of the measuring set are labelled: Cycle → Measure says how "
                "many the detector misses."
            ).format(len(self.all))
        elif cycle is None or cycle.detector_out is not None:
            return
        else:
            words = self.tr(
                "All picks of cycle {0} are labelled: Detector → Fine-tune has the detector "
                "learn from them."
            ).format(cycle.number)
        self._messages.tell(words)

    def _sampled(self) -> tuple[PickView, ...]:
        views = (self._view(key, None, None, 0, "") for key in self._footage.sampled)
        return tuple(view for view in views if view is not None)

    def _taken(self) -> tuple[PickView, ...]:
        cycle = self._cycles.latest
        if cycle is None:
            return ()
        frames = cycle.to_label
        if self._selection.choosing and self._labels.cover(pick.key for pick in frames):
            return ()
        views = (
            self._view(p.key, p.rank, p.score, cycle.number, chosen_by(p.reason))
            for p in frames
        )
        return tuple(view for view in views if view is not None)

    def _offered(self) -> tuple[PickView, ...]:
        selection = self._selection
        if not selection.choosing or selection.offered is None:
            return ()
        drives = {drive.key: drive for drive in self._footage.drives}
        views = []
        for pick in selection.offered:
            # A drive that has left is offered until the next selection is made.
            if pick.video not in drives:
                continue
            key = drives[pick.video].key_of(pick.frame)
            state = self._labels.pick_state(key)
            by = chosen_by(pick.reason)
            views.append(
                PickView(key, pick.video, pick.frame, pick.rank, pick.score, state, None, by=by)
            )
        return tuple(views)

    def _view(
        self,
        key: FrameKey,
        rank: int | None,
        score: float | None,
        cycle: int | None,
        by: str,
    ) -> PickView | None:
        place = self._footage.place_of(key)
        if place is None:
            return None
        state = self._labels.pick_state(key)
        return PickView(key, *place, rank, score, state, cycle, measuring=cycle == 0, by=by)

    # From one to the next

    @property
    def current(self) -> PickView | None:
        """The pick that the playhead is on."""
        return next((pick for pick in self.all if pick.key == self._playhead.key), None)

    def next(self) -> None:
        """Goes to the next pick that is to be labelled, or else the next one."""
        if not self.all:
            return
        at = self._place()
        order = (*self.all[at + 1 :], *self.all[: at + 1])
        self._playhead.go_to_key(next((p for p in order if p.state in OPEN), order[0]).key)
        self._tell_what_is_next()

    def previous(self) -> None:
        """Goes to the pick before."""
        if self.all:
            self._playhead.go_to_key(self.all[self._place() - 1].key)

    def _place(self) -> int:
        keys = [pick.key for pick in self.all]
        return keys.index(self._playhead.key) if self._playhead.key in keys else -1

    def _follow(self) -> None:
        pick, last = self.current, self._last
        if pick == last:
            return
        self._last = pick
        self.currentChanged.emit()
        if pick is not None and pick.key != (last and last.key):
            self.reached.emit(pick.key)

    # Taking

    @property
    def left(self) -> int:
        """How many picks of the latest cycle are still to be labelled; 0 once it has trained
        a detector."""
        cycle = self._cycles.latest
        if cycle is None or cycle.detector_out is not None:
            return 0
        return sum(self._labels.pick_state(pick.key) in OPEN for pick in cycle.to_label)

    def take(self) -> None:
        """Takes what is offered: a cycle of the ledger. While picks of the latest one are to
        be labelled it asks: once more takes them."""
        offered = frozenset(pick.key for pick in self.all if pick.cycle is None)
        if self._project is None or self._taking or self._asks(offered):
            return
        self._taking = True
        self._project.ask(
            self._selection.taker.take(set(offered), self._detector.source),
            self._take_in,
            self._not_taken,
        )

    def _asks(self, offered: frozenset[FrameKey]) -> bool:
        """Says that picks are left to label, unless it has been said of this offer."""
        cycle, left = self._cycles.latest, self.left
        if cycle is None or not left or (offered and self._asked == offered):
            return False
        self._asked = offered
        words = self.tr(
            "{0} picks of cycle {1} are still to be labelled; Space goes to the next one. "
        ).format(left, cycle.number)
        way = (
            self.tr("To begin another cycle all the same, take the picks once more.")
            if offered
            else self.tr("Cycle → Choose the next picks shows what another cycle would take.")
        )
        self._messages.tell(words + way)
        return True

    def _not_taken(self, error: BaseException) -> None:
        self._taking = False
        self._messages.fail(error)

    def _take_in(self, result: tuple[Cycle, SelectionInputs]) -> None:
        cycle, inputs = result
        self._taking = False
        self.measuring = False
        self._selection.show_taken()
        self._cycles.put(cycle)
        self.edited.emit()
        self._scores.take(inputs)
        self._messages.tell(
            self.tr(
                "Cycle {0}: {1} frames are taken; Space goes to the next one to label."
            ).format(cycle.number, len(cycle.picks))
        )
        if self.all:
            self._playhead.go_to_key(self.all[0].key)

    def drop(self, key: FrameKey) -> None:
        """Declines a pick; the next best takes its place."""
        pick = next((pick for pick in self.all if pick.key == key), None)
        if pick is None or pick.cycle == 0:
            return
        if pick.cycle is None:
            self._selection.decline(key)
        elif self._project is not None:
            self._project.ask(
                self._selection.taker.replace(pick.cycle, key), self._changed_cycle
            )

    def add(self, key: FrameKey) -> None:
        """Adds a frame to the latest cycle by hand."""
        cycle = self._cycles.latest
        if cycle is None or self._project is None:
            self._messages.fail(
                InputError(
                    self.tr(
                        "There is no cycle yet; take the picks first, then add frames to them."
                    )
                )
            )
            return
        number = cycle.number

        def add(project: Project) -> Any:
            project.ledger.add_pick(number, PickRecord(key, None, None, None, {}, "hand"))
            return project.ledger.cycle(number), None

        self._project.ask(add, self._changed_cycle)

    def _changed_cycle(self, result: tuple[Cycle, SelectionInputs | None]) -> None:
        cycle, inputs = result
        self._cycles.put(cycle)
        self.edited.emit()
        if inputs is not None:
            self._scores.take(inputs)
        else:
            self._scores.load()
        self._show()
