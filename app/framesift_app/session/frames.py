"""The frames: every frame that anything was ever said of, wherever it came from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from PySide6.QtCore import Signal

from framesift.labels import FrameKey, FrameLabels
from framesift.selection.pick import chosen_by
from framesift_app.session.cycles import Cycles
from framesift_app.session.footage import Footage
from framesift_app.session.journal import Journal
from framesift_app.session.labels import Labels
from framesift_app.session.messages import Messages
from framesift_app.session.part import OpenProject, Part
from framesift_app.session.views import PickState, PickView
from framesift_app.workers.threads import Worker

if TYPE_CHECKING:
    from framesift.loop import Likeness
    from framesift.project import Project

Kind = Literal[
    "all",
    "todo",
    "started",
    "labelled",
    "nothing",
    "skipped",
    "weak",
    "derived",
    "imported",
    "measuring",
    "alike",
    "chosen",
]
ALIKE = 40
"""How many frames are found that look alike."""
Order = Literal["rank", "time", "score", "boxes"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which frames to list, in what order. None, or "" for a name: whichever."""

    kind: Kind = "all"
    cycle: int | None = None
    drive: str = ""
    category: str = ""
    order: Order = "time"


class Frames(Part):
    """`all`: the picks of every cycle, the frames to measure by, and those with labels.
    `alike`: what was found to look like a frame, the most alike first; `chosen`: what somebody
    took out of all frames, in the map of them."""

    changed = Signal()
    alikeFound = Signal()  # noqa: N815 (Qt's way of naming)
    """`alike` is another."""
    chosenFound = Signal()  # noqa: N815 (Qt's way of naming)
    """`chosen` is another."""

    def __init__(
        self,
        footage: Footage,
        cycles: Cycles,
        labels: Labels,
        journal: Journal,
        score: Callable[[str, int], float | None],
        files: Worker,
        messages: Messages,
    ) -> None:
        """`score`: of a drive's frame; None where it has none."""
        super().__init__()
        self._footage, self._cycles, self._labels = footage, cycles, labels
        self._journal, self._score = journal, score
        self._files, self._messages = files, messages
        for signal in (footage.changed, cycles.changed, labels.stateChanged):
            signal.connect(self._forget)
        labels.changed.connect(self._forget)
        journal.changed.connect(self._read_imported)

    def _clear(self) -> None:
        self._imported: frozenset[FrameKey] = frozenset()
        self._known: tuple[PickView, ...] | None = None
        self.alike: Likeness | None = None
        self.chosen: tuple[FrameKey, ...] = ()

    def read(self, project: Project) -> frozenset[FrameKey]:
        return project.journal.changed_by("import", FrameKey)

    def opened(self, project: OpenProject, stored: frozenset[FrameKey]) -> None:
        super().opened(project, stored)
        self._imported = stored

    def announce(self) -> None:
        self.changed.emit()

    def _read_imported(self) -> None:
        if self._project is not None:
            self._project.ask(self.read, self._take_imported)

    def _take_imported(self, imported: frozenset[FrameKey]) -> None:
        if imported != self._imported:
            self._imported = imported
            self._forget()

    def _forget(self, _: object = None) -> None:
        self._known = None
        self.changed.emit()

    @property
    def all(self) -> tuple[PickView, ...]:
        """Every frame, in the order of drives and time."""
        if self._known is None:
            self._known = self._views()
        return self._known

    def _views(self) -> tuple[PickView, ...]:
        picks = {p.key: (p, c.number) for c in self._cycles.all for p in c.to_label}
        measuring = frozenset(self._footage.sampled)
        labelled = self._labels.all()
        whole = {clip.id for drive in self._footage.evaluation for clip in drive.clips}
        views = []
        for key in {*picks, *measuring, *labelled}:
            place = self._footage.place_of(key)
            if place is None:
                continue
            pick, cycle = picks.get(key, (None, None))
            labels = labelled.get(key, FrameLabels())
            views.append(
                PickView(
                    key,
                    *place,
                    pick.rank if pick is not None else None,
                    self._score(*place) if pick is None else pick.score,
                    self._labels.pick_state(key),
                    cycle if pick is not None else 0,
                    boxes=len(labels.boxes),
                    imported=key in self._imported,
                    measuring=key in measuring or key.video in whole,
                    picked=pick is not None,
                    by="" if pick is None else chosen_by(pick.reason),
                )
            )
        drives = (*self._footage.drives, *self._footage.evaluation)
        rows = {drive.key: row for row, drive in enumerate(drives)}
        return tuple(sorted(views, key=lambda v: (rows[v.drive], v.drive_frame)))

    def listed(self, chosen: Filter) -> tuple[PickView, ...]:
        """The frames that a filter lets through, in its order."""
        if chosen.kind == "alike":
            return self._listed_alike()
        if chosen.kind == "chosen":
            return self._listed_chosen()
        views = [view for view in self.all if self._fits(view, chosen)]
        if chosen.order != "time":
            views.sort(key=lambda view: _place(view, chosen.order))
        return tuple(views)

    def find_alike(self, key: FrameKey) -> None:
        """Looks for the frames of the pool that look most like one, by what the project knows
        of them: the detector's features where all scored frames have them, else thumbnails."""
        project = self._project
        if project is None:
            return
        folder = project.folder

        def look() -> Likeness:
            from framesift.loop import similar_frames
            from framesift.project import Project

            with Project.open(folder, readonly=True) as reader:
                return similar_frames(reader, key, count=ALIKE)

        self._files.submit(
            look,
            project.while_open(self._take_alike),
            project.while_open(self._messages.failing("alike")),
            key="alike",
        )

    def _take_alike(self, alike: Likeness) -> None:
        self._messages.mend("alike")
        self.alike = alike
        self.alikeFound.emit()
        self.changed.emit()

    def _listed_alike(self) -> tuple[PickView, ...]:
        """What looks alike, by likeness: its place among them and how alike it is."""
        alike = () if self.alike is None else self.alike.frames
        views = self._views_of([similar.key for similar in alike])
        return tuple(
            replace(views[similar.key], rank=rank, score=similar.likeness)
            for rank, similar in enumerate(alike, 1)
            if similar.key in views
        )

    def choose(self, keys: Sequence[FrameKey]) -> None:
        """Takes these frames out of all, to be listed."""
        self.chosen = tuple(keys)
        self.chosenFound.emit()
        self.changed.emit()

    def _listed_chosen(self) -> tuple[PickView, ...]:
        """What was taken out of all frames, in the order of drives and time."""
        return tuple(self._views_of(self.chosen).values())

    def _views_of(self, keys: Iterable[FrameKey]) -> dict[FrameKey, PickView]:
        """Any frames of the footage as the list shows them, in the order given."""
        known = {view.key: view for view in self.all}
        views = {}
        for key in keys:
            place = self._footage.place_of(key)
            if place is not None:
                state, score = self._labels.pick_state(key), self._score(*place)
                fresh = PickView(key, *place, None, score, state, 0, picked=False)
                views[key] = known.get(key, fresh)
        return views

    def _fits(self, view: PickView, chosen: Filter) -> bool:
        derived = bool(self._labels.of(view.key).derived)
        if chosen.kind == "derived" and not derived:
            return False
        # What the program carried there gives nobody anything to do.
        if chosen.kind == "todo" and derived and not (view.picked or view.measuring):
            return False
        if chosen.kind == "imported" and not view.imported:
            return False
        if chosen.kind == "measuring" and not view.measuring:
            return False
        if chosen.kind in get_args(PickState) and view.state != chosen.kind:
            return False
        if chosen.cycle is not None and (view.cycle or 0) != chosen.cycle:
            return False
        if chosen.drive and view.drive != chosen.drive:
            return False
        return not chosen.category or any(
            box.category == chosen.category for box in self._labels.of(view.key).boxes
        )


def _place(view: PickView, order: Order) -> tuple[float, ...]:
    if order == "boxes":
        return (-view.boxes,)
    if order == "score":
        return (math.inf if view.score is None else -view.score,)
    return (
        float(view.cycle or math.inf),
        math.inf if view.rank is None else float(view.rank),
    )
