"""The validation split of a project: drawn once per frame, stored, and never redrawn."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project.database import Database
from framesift.project.evaluation import EvaluationSet
from framesift.project.labelling import ProjectLabels
from framesift.project.sentences import damaged
from framesift.project.settings import Settings
from framesift.project.videos import Videos

if TYPE_CHECKING:
    from framesift.training.data import Place, SplitRule
    from framesift.training.data.split import Part

_RULE = "split"


class StoredSplit:
    """Which labelled frames train, which validate, and which are too near to either."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        videos: Videos,
        labels: ProjectLabels,
        evaluation: EvaluationSet,
    ) -> None:
        self._database, self._settings, self._videos = database, settings, videos
        self._labels, self._evaluation = labels, evaluation

    def parts(self) -> dict[FrameKey, Part]:
        """What is stored so far."""
        return {
            FrameKey(video, frame): part
            for video, frame, part in self._database.rows(
                "SELECT video, frame, part FROM split"
            )
        }

    def frames(self) -> tuple[FrameKey, ...]:
        """The labelled frames that may train: of the pool, and not for measuring only."""
        pool = {video.id for video in self._videos.all("pool")}
        measured = set(self._evaluation.sampled())
        return tuple(
            key
            for key, state in self._labels.states().items()
            if state in ("labelled", "nothing") and key.video in pool and key not in measured
        )

    def weakly(self) -> tuple[FrameKey, ...]:
        """Frames with weak labels alone that may train: of the pool, not for measuring, and in
        stretches that train. Nothing is stored for them."""
        pool = {video.id for video in self._videos.all("pool")}
        measured = set(self._evaluation.sampled())
        weak = {
            key
            for key, value in self._labels.all().items()
            if value.trains_weakly and key.video in pool and key not in measured
        }
        stored = self.parts()
        kept = {key: part for key, part in stored.items() if key not in weak}
        from framesift.training.data import split_frames

        parts = split_frames(
            self._places({*self.frames(), *kept, *weak}), self._rule(None), kept
        )
        return tuple(key for key in sorted(weak) if parts[key] == "train")

    def assign(self, rule: SplitRule | None = None) -> dict[FrameKey, Part]:
        """Gives every labelled frame without one its part, and stores it; all parts of the
        frames that may train now.

        The rule of the first call holds for good; InputError for another one later.
        """
        kept = self._rule(rule)
        stored = self.parts()
        parts = self._split(kept, stored)
        with self._database.writing():
            self._settings.set(_RULE, json.loads(json.dumps(asdict(kept))))
            self._database.many(
                "INSERT INTO split VALUES (?, ?, ?)",
                [
                    (key.video, key.frame, part)
                    for key, part in parts.items()
                    if key not in stored
                ],
            )
        return {key: parts[key] for key in self.frames()}

    def planned(self) -> dict[FrameKey, Part]:
        """What `assign` would give all frames that may train now; nothing is stored."""
        parts = self._split(self._rule(None), self.parts())
        return {key: parts[key] for key in self.frames()}

    def _split(self, rule: SplitRule, stored: dict[FrameKey, Part]) -> dict[FrameKey, Part]:
        from framesift.training.data import split_frames

        return split_frames(self._places({*self.frames(), *stored}), rule, stored)

    def _rule(self, rule: SplitRule | None) -> SplitRule:
        from framesift.training.data import SplitRule

        stored = self._settings.get(_RULE)
        if stored is None:
            return rule or SplitRule()
        try:
            kept = SplitRule(**stored)
        except (TypeError, ValueError) as error:
            raise damaged(self._database.path, "the rule of the split is none") from error
        if rule is not None and rule != kept:
            raise InputError(
                "The project's validation split was drawn by another rule "
                f"({kept.fraction:g} by {kept.by}); it is never redrawn."
            )
        return kept

    def _places(self, keys: Iterable[FrameKey]) -> list[Place]:
        from framesift.training.data import Place

        where = {
            clip.id: (drive, at)
            for drive in self._videos.drives("pool", removed=True)
            for at, clip in enumerate(drive.clips)
        }
        return [
            Place(key, drive.key, drive.seconds_of(at, key.frame))
            for key in keys
            for drive, at in [where[key.video]]
        ]
