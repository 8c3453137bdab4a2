"""Embeddings of frames whose features come in units, in whatever order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from framesift.scores.embedding import FIT_ON

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.project.embeddings import Embeddings


class UnitEmbeddings:
    """Fits the basis on the same frames as one process does: the first ones of all, whichever
    came first."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._embeddings: Embeddings | None = None
        self._leading: dict[str, int] = {}

    def expect(self, key: str, frames: int, recipe: Mapping[str, Any]) -> None:
        """A unit of so many frames, scored with a recipe; in the order of the frames."""
        if self._embeddings is None:
            self._embeddings = self._project.embeddings(recipe)
        if sum(self._leading.values()) < FIT_ON:
            self._leading[key] = frames

    def rows(self, descriptors: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """What is stored of a frame."""
        return descriptors if self._embeddings is None else self._embeddings.rows(descriptors)

    def landed(self, key: str) -> None:
        """A unit's frames are stored."""
        if self._leading.pop(key, 0) and not self._leading:
            self._settle(done=False)

    def end(self) -> None:
        """No unit is left."""
        self._settle(done=True)

    def _settle(self, *, done: bool) -> None:
        if self._embeddings is not None:
            pool = self._project.videos.all("pool")
            self._embeddings.settle({video.id: len(video) for video in pool}, done=done)
