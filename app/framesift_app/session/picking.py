"""Picks: what there is to label, taking it, dropping and adding."""

from __future__ import annotations

from typing import Any

from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Cycle, PickRecord, Project, SelectionInputs
from framesift_app.session.choosing import Choosing
from framesift_app.session.taking import dropped, replayed, taken
from framesift_app.session.views import PickState, PickView


class Picking(Choosing):
    """The picks of the latest cycle, and those that are offered."""

    def _show_picks(self) -> None:
        """Puts together what is to be labelled, and which selection the timeline explains."""
        cycle = self.cycles[-1] if self.cycles else None
        picks: list[PickView] = []
        self.selection = self._offered
        if self.measuring:
            picks = [
                view
                for key in self.sampled
                if (view := self._view(key, None, None, 0)) is not None
            ]
        else:
            if cycle is not None and not (self.choosing and self._cycle_done(cycle)):
                picks = [
                    view
                    for pick in cycle.to_label
                    if (view := self._view(pick.key, pick.rank, pick.score, cycle.number))
                    is not None
                ]
            if self.choosing and self._offered is not None:
                known = {drive.key: drive for drive in self.drives}
                for pick in self._offered:
                    key = known[pick.video].key_of(pick.frame)
                    picks.append(
                        PickView(
                            key,
                            pick.video,
                            pick.frame,
                            pick.rank,
                            pick.score,
                            self._state(key),
                            None,
                        )
                    )
            elif not self.choosing and self._replayed is not None:
                self.selection = self._replayed
        self.picks = tuple(picks)
        self.selectionChanged.emit()

    def _cycle_done(self, cycle: Cycle) -> bool:
        return all(self._state(pick.key) != "todo" for pick in cycle.to_label)

    def _view(
        self, key: FrameKey, rank: int | None, score: float | None, cycle: int | None
    ) -> PickView | None:
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
        self._ask(
            lambda project: taken(project, rules, wanted, declined, offered, checkpoint),
            self._taken,
        )

    def _taken(self, result: tuple[Cycle, SelectionInputs]) -> None:
        cycle, inputs = result
        self.choosing, self._declined, self.measuring = False, frozenset(), False
        self._cycles_changed((*self.cycles, cycle))
        self._scores_loaded(inputs)
        self.told.emit(
            self.tr(
                "Cycle {0}: {1} frames are taken; Space goes to the next one to label."
            ).format(cycle.number, len(cycle.picks))
        )
        if self.picks:
            self.go_to_key(self.picks[0].key)

    def _cycles_changed(self, cycles: tuple[Cycle, ...]) -> None:
        self.cycles = cycles
        self._fit_rules()
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
        self._ask(
            lambda project: dropped(project, number, key, rules, wanted), self._taken_more
        )

    def add_pick(self, key: FrameKey) -> None:
        """Adds a frame to the latest cycle by hand."""
        if not self.cycles:
            self.fail(
                InputError(
                    self.tr(
                        "There is no cycle yet; take the picks first, then add frames to them."
                    )
                )
            )
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
