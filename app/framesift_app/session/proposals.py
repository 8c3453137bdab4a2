"""The proposals: boxes of the detector that a person accepts or rejects."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Signal

from framesift.boxes import Box, iou
from framesift.labels import UNSEEN, FrameKey, FrameLabels, Proposal, undecided
from framesift_app.session.journal import Journal
from framesift_app.session.labels import Labels
from framesift_app.session.part import OpenProject, Part

if TYPE_CHECKING:
    from framesift.project import Project

FROM_SCORE = 0.3
"""Boxes of at least this score are proposed, until somebody chooses another threshold."""
KEPT_FROM = 0.05
MOST = 50
STORED_LEAST = "app.proposals_from"
COVERED = 0.5
"""A proposal that overlaps a label this much (IoU) is that label's, and is not offered."""


class Proposals(Part):
    """What is proposed for each frame; read when somebody asks for it."""

    changed = Signal(object)
    """The proposals of a frame: its key."""

    def __init__(
        self, labels: Labels, journal: Journal, predict: Callable[[FrameKey], None]
    ) -> None:
        """`predict`: has the detector look at a frame; its boxes come to `keep`."""
        super().__init__()
        self._labels, self._journal, self._predict = labels, journal, predict

    def _clear(self) -> None:
        self.least = FROM_SCORE
        self._known: dict[FrameKey, tuple[Proposal, ...]] = {}
        self._predicted: set[FrameKey] = set()

    def read(self, project: Project) -> Any:
        return project.settings.get(STORED_LEAST)

    def opened(self, project: OpenProject, stored: Any) -> None:
        super().opened(project, stored)
        if isinstance(stored, float) and 0 <= stored <= 1:
            self.least = stored

    def of(self, key: FrameKey) -> tuple[Proposal, ...]:
        """The open proposals for a frame from `least` on, the surest first, without those that
        a label covers; they may come later (`changed`)."""
        if key not in self._known:
            self.fetch(key)
        labels = self._labels.of(key)
        return tuple(
            proposal
            for proposal in undecided(labels, self._known.get(key, ()))
            if proposal.score >= self.least and not covered(proposal.box, labels)
        )

    def set_least(self, score: float) -> None:
        """Offers proposals from another score on; kept by the project."""
        self.least = score
        if self._project is not None:
            self._project.ask(lambda project: project.settings.set(STORED_LEAST, score))
        for key in self._known:
            self.changed.emit(key)

    def fetch(self, key: FrameKey) -> None:
        """Reads what the project holds for a frame."""
        self._known[key] = ()
        if self._project is not None:
            self._project.ask(
                lambda project: project.proposals.of(key),
                lambda stored: self._put(key, stored),
            )

    def _put(self, key: FrameKey, stored: tuple[Proposal, ...]) -> None:
        before, self._known[key] = self._known.get(key), stored
        if before != stored:
            self.changed.emit(key)

    # From the detector

    def prepare(self, key: FrameKey) -> None:
        """Has the detector look at a frame that nobody has labelled, once."""
        if key not in self._predicted and self._labels.of(key) == UNSEEN:
            self._predict(key)

    def forget_predicted(self) -> None:
        """Another detector looks at all frames anew."""
        self._predicted = set()

    def keep(self, key: FrameKey, predicted: Any) -> None:
        """The detector's boxes of a frame nobody has labelled become its proposals.
        `predicted`: (Prediction, its classes, the detector's identity)."""
        prediction, classes, identity = predicted
        if key in self._predicted or self._labels.of(key) != UNSEEN or self._project is None:
            return
        self._predicted.add(key)
        boxes = proposed(prediction, classes, self._labels.classes)

        def put(project: Project) -> tuple[Proposal, ...]:
            project.proposals.put(identity, {key: boxes})
            return project.proposals.of(key)

        self._project.ask(put, lambda stored: self._put(key, stored))

    # Deciding; the answer changes the labels, the open proposals follow from them

    def accept(self, key: FrameKey, ids: Collection[int] | None = None) -> None:
        """Makes open proposals (None: all) labels."""
        chosen = self._chosen(key, ids)
        if chosen:
            self._journal.write(lambda project: project.proposals.accept(key, chosen), [key])

    def reject(self, key: FrameKey, ids: Collection[int] | None = None) -> None:
        """Declines open proposals (None: all)."""
        chosen = self._chosen(key, ids)
        if chosen:
            self._journal.write(lambda project: project.proposals.reject(key, chosen), [key])

    def verify(self, key: FrameKey, ids: Collection[int], yes: bool) -> None:
        """Answers whether open proposals are right: yes makes them labels, no is learnt from,
        too."""
        chosen = self._chosen(key, ids)
        if chosen:
            self._journal.write(
                lambda project: project.proposals.verify(key, yes, chosen), [key]
            )

    def _chosen(self, key: FrameKey, ids: Collection[int] | None) -> list[int]:
        return [p.id for p in self.of(key) if ids is None or p.id in ids]


def covered(box: Box, labels: FrameLabels) -> bool:
    """Whether one of a frame's labels overlaps a box so much that it is that label's."""
    if not labels.boxes:
        return False
    edges = np.array([[b.x1, b.y1, b.x2, b.y2] for b in (box, *labels.boxes)])
    return bool(iou(edges[:1], edges[1:]).max() >= COVERED)


def proposed(
    prediction: Any, classes: tuple[str, ...], labelled: tuple[str, ...]
) -> list[tuple[Box, float]]:
    """The boxes of a prediction worth proposing, with their scores: sure enough, and of
    classes that are labelled."""
    boxes = []
    for edges, score, which in zip(
        prediction.boxes, prediction.scores, prediction.categories, strict=True
    ):
        category = classes[int(which)]
        if score >= KEPT_FROM and category in labelled:
            x1, y1, x2, y2 = (float(edge) for edge in edges)
            boxes.append((Box(x1, y1, x2, y2, category=category), float(score)))
    return boxes[:MOST]
