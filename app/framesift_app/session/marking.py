"""Labels: changes that are on the disk at once, undo and redo, proposals, the next pick."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal

from framesift.boxes import Box
from framesift.labels import (
    UNSEEN,
    FrameKey,
    FrameLabels,
    Proposal,
    undecided,
)
from framesift.labels.edits import EditGroup
from framesift.project import Project, StoredDrive
from framesift_app.session.picking import Picking
from framesift_app.session.views import PickView
from framesift_app.workers.frame_loader import picture_of

PROPOSE_FROM = 0.3
"""Boxes of at least this score are proposed."""
MOST = 50


class Marking(Picking):
    """What a person says about frames."""

    def _reset(self) -> None:
        super()._reset()
        self._labels: dict[FrameKey, FrameLabels] = {}
        self._proposals: dict[FrameKey, tuple[Proposal, ...]] = {}
        self._proposed: set[FrameKey] = set()
        self._unsaved = 0
        self._versions: dict[FrameKey, int] = {}
        self._last_pick: PickView | None = None

    def labels(self, key: FrameKey) -> FrameLabels:
        """The labels of a frame, those that are being saved included."""
        return self._labels.get(key, UNSEEN)

    def change_labels(
        self, key: FrameKey, labels: FrameLabels, text: str = "", kind: str = "edit"
    ) -> None:
        """Gives a frame other labels: seen at once, undoable, on the disk when saving(False)
        comes. What cannot be stored is told and taken back."""
        if labels == self.labels(key):
            return
        frame = self._shown.get(key)

        def change(project: Project) -> Any:
            pictures = {key: picture_of(frame)} if frame is not None else None
            return project.labels.change({key: labels}, kind=kind, text=text, pictures=pictures)

        self._put(key, labels)
        self._save(change, [key])

    def _put(self, key: FrameKey, labels: FrameLabels) -> None:
        before = self._labels.get(key, UNSEEN)
        if labels == UNSEEN:
            self._labels.pop(key, None)
        else:
            self._labels[key] = labels
        self._versions[key] = self._versions.get(key, 0) + 1
        if before.state != labels.state:
            self._show_picks()
        self.labelsChanged.emit(key)

    def _save(self, change: Callable[[Project], Any], keys: Collection[FrameKey]) -> None:
        self._unsaved += 1
        self.saving.emit(True)
        versions = {key: self._versions.get(key, 0) for key in keys}

        def run(project: Project) -> Any:
            try:
                group, error = change(project), None
            except Exception as caught:
                group, error = None, caught
            touched = {*keys, *(group.after() if group is not None else ())}
            return (
                group,
                {key: project.labels.get(key) for key in touched},
                project.labels.undo_text,
                project.labels.redo_text,
                error,
            )

        def done(result: Any) -> None:
            group, stored, self.undo_text, self.redo_text, error = result
            for key, labels in stored.items():
                # A newer edit of the frame is still on its way to the disk.
                newest = self._versions.get(key, 0) == versions.get(
                    key, self._versions.get(key, 0)
                )
                if newest and labels != self.labels(key):
                    self._put(key, labels)
            self._saved()
            if error is not None:
                self.fail(error)
            elif isinstance(group, EditGroup) and not keys:
                self.go_to_key(group.edits[0].key)
            self.historyChanged.emit()

        def lost(error: BaseException) -> None:
            self._saved()
            self.fail(error)

        self._ask(run, done, lost)

    def _saved(self) -> None:
        self._unsaved -= 1
        self.saving.emit(self._unsaved > 0)

    def undo(self) -> None:
        """Takes the latest gesture back, and goes to its frame."""
        if self.folder is not None:
            self._save(lambda project: project.labels.undo(), ())

    def redo(self) -> None:
        """Does the gesture again that was undone last, and goes to its frame."""
        if self.folder is not None:
            self._save(lambda project: project.labels.redo(), ())

    def mark(self, key: FrameKey, state: Literal["unseen", "nothing", "skipped"]) -> None:
        """Says of a frame that there is nothing, or that one will not say."""
        words = {
            "nothing": self.tr("nothing there"),
            "skipped": self.tr("skipped"),
            "unseen": self.tr("labels cleared"),
        }
        self.change_labels(key, self.labels(key).marked(state), words[state], "mark")

    def copy_from_last(self, key: FrameKey) -> None:
        """Copies the boxes of the frame that was labelled last before this one in its drive,
        or else of the previous labelled pick."""
        source = self._last_labelled(key)
        if source is None:
            self.told.emit(self.tr("No labelled frame to copy from yet."))
            return
        boxes: tuple[Box, ...] = self.labels(source).boxes
        self.change_labels(
            key,
            self.labels(key).with_boxes(*boxes),
            self.tr("{0} boxes copied").format(len(boxes)),
            "copy",
        )

    def _last_labelled(self, key: FrameKey) -> FrameKey | None:
        before = [
            other
            for other, labels in self._labels.items()
            if labels.boxes and other.video == key.video and other != key
        ]
        if before:
            return min(before, key=lambda other: abs(other.frame - key.frame))
        order = [
            pick.key for pick in self.picks if pick.state == "labelled" and pick.key != key
        ]
        return order[-1] if order else None

    def marked(self, drive: StoredDrive) -> dict[int, str]:
        """The frames of a drive of which something is said, with their state."""
        offsets = {
            clip.id: offset for clip, offset in zip(drive.clips, drive.offsets, strict=True)
        }
        return {
            offsets[key.video] + key.frame: labels.state
            for key, labels in self._labels.items()
            if key.video in offsets and labels.state != "unseen"
        }

    def trainable_frames(self) -> int:
        """How many frames may be learnt from: labelled, of the pool, not set apart."""
        pool = {clip.id for drive in self.drives for clip in drive.clips}
        apart = set(self.sampled)
        return sum(
            labels.trains and key.video in pool and key not in apart
            for key, labels in self._labels.items()
        )

    # Proposals

    def proposals(self, key: FrameKey) -> tuple[Proposal, ...]:
        """The detector's open proposals for a frame, the surest first; they may come later
        (proposalsChanged)."""
        if key not in self._proposals:
            self._fetch_proposals(key)
        return undecided(self.labels(key), self._proposals.get(key, ()))

    def _fetch_proposals(self, key: FrameKey) -> None:
        self._proposals[key] = ()

        def done(found: tuple[Proposal, ...]) -> None:
            self._proposals[key] = found
            self.proposalsChanged.emit(key)

        self._ask(lambda project: project.proposals.of(key), done)

    def _keep_boxes(self, key: FrameKey, found: Any) -> None:
        """The detector's boxes of a frame nobody has labelled become its proposals."""
        prediction, classes, identity = found
        if key in self._proposed or self.labels(key) != UNSEEN:
            return
        self._proposed.add(key)
        boxes = [
            (
                Box(
                    float(box[0]),
                    float(box[1]),
                    float(box[2]),
                    float(box[3]),
                    category=classes[int(which)],
                ),
                float(score),
            )
            for box, score, which in zip(
                prediction.boxes, prediction.scores, prediction.categories, strict=True
            )
            if score >= PROPOSE_FROM and classes[int(which)] in self.classes
        ][:MOST]

        def put(project: Project) -> tuple[Proposal, ...]:
            project.proposals.put(identity, {key: boxes})
            return project.proposals.of(key)

        def done(stored: tuple[Proposal, ...]) -> None:
            self._proposals[key] = stored
            self.proposalsChanged.emit(key)

        self._ask(put, done)

    def accept(self, key: FrameKey, ids: Collection[int] | None = None) -> None:
        """Makes open proposals (None: all) labels."""
        self._decide(key, ids, lambda project, chosen: project.proposals.accept(key, chosen))

    def reject(self, key: FrameKey, ids: Collection[int] | None = None) -> None:
        """Declines open proposals (None: all)."""
        self._decide(key, ids, lambda project, chosen: project.proposals.reject(key, chosen))

    def _decide(
        self,
        key: FrameKey,
        ids: Collection[int] | None,
        decide: Callable[[Project, Collection[int]], Any],
    ) -> None:
        chosen = [p.id for p in self.proposals(key) if ids is None or p.id in ids]
        if chosen:
            self._save(lambda project: decide(project, chosen), [key])
            # The answer changes the labels; the open proposals follow from them.

    # Picks

    @property
    def current_pick(self) -> PickView | None:
        """The pick that the playhead is on."""
        return next((pick for pick in self.picks if pick.key == self.current_key), None)

    def next_pick(self) -> None:
        """Goes to the next pick that is to be labelled, or else the next one."""
        if not self.picks:
            return
        at = self._place_in_picks()
        order = (*self.picks[at + 1 :], *self.picks[: at + 1])
        self.go_to_key(next((p for p in order if p.state == "todo"), order[0]).key)

    def previous_pick(self) -> None:
        """Goes to the pick before."""
        if self.picks:
            self.go_to_key(self.picks[self._place_in_picks() - 1].key)

    def _place_in_picks(self) -> int:
        keys = [pick.key for pick in self.picks]
        return keys.index(self.current_key) if self.current_key in keys else -1

    def _follow_pick(self) -> None:
        """Tells when another pick is looked at, and asks for its proposals once."""
        pick = self.current_pick
        if pick == self._last_pick:
            return
        moved = (pick and pick.key) != (self._last_pick and self._last_pick.key)
        self._last_pick = pick
        self.currentPickChanged.emit()
        if (
            pick is not None
            and moved
            and pick.key not in self._proposed
            and self.labels(pick.key) == UNSEEN
        ):
            self.request_boxes(pick.key)
