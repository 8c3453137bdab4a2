"""A project's frame embeddings: pooled features until the basis is fitted, then 128 bytes each.

They lie with the other descriptors, under names that say which detector's they are; the basis
is a file of the project.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.files import make_folder, write_bytes
from framesift.project.database import Database
from framesift.project.descriptors import DescriptorStore
from framesift.scores.embedding import (
    EMBEDDING,
    FEATURES,
    FIT_ON,
    OBJECT_EMBEDDING,
    Basis,
    embedding_key,
)

FOLDER = "embeddings"


def stored_name(recipe: Mapping[str, Any], descriptor: str = EMBEDDING) -> str:
    """What such a descriptor of scores with a recipe is called in the database."""
    return f"{descriptor}@{embedding_key(recipe)}"


class Embeddings:
    """The embeddings that one detector makes of a project's frames."""

    def __init__(self, database: Database, folder: Path, recipe: Mapping[str, Any]) -> None:
        """`recipe`: of the scores that are made with them."""
        self._store, self._database = DescriptorStore(database), database
        key = embedding_key(recipe)
        self.name, self._waiting = f"{EMBEDDING}@{key}", f"{FEATURES}@{key}"
        self._objects = f"{OBJECT_EMBEDDING}@{key}"
        self._path = folder / FOLDER / f"{key}.npz"
        self._basis = self._read()

    def _read(self) -> Basis | None:
        try:
            return Basis.from_bytes(self._path.read_bytes())
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            # Without it features are collected anew, and another one is fitted.
            return None

    def rows(self, descriptors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.uint8]]:
        """What is stored of a frame: its features as an embedding, or as they are while there
        is no basis."""
        kept = {
            self._objects if name == OBJECT_EMBEDDING else name: row
            for name, row in descriptors.items()
            if name != FEATURES
        }
        if FEATURES in descriptors:
            row = np.asarray(descriptors[FEATURES], np.float16)
            if self._basis is None:
                kept[self._waiting] = row.view(np.uint8)
            else:
                kept[self.name] = self._basis.reduced(row[None])[0].view(np.uint8)
        return kept

    def settle(self, videos: Mapping[str, int], *, done: bool) -> None:
        """Fits the basis where FIT_ON frames wait for it, or with `done` whatever is there, and
        makes embeddings of what waits. `videos`: frames by id of all videos."""
        if self._basis is not None:
            return
        waiting = {
            video: (np.flatnonzero(self._store.present(video, self._waiting, frames)), frames)
            for video, frames in videos.items()
        }
        count = sum(len(numbers) for numbers, _ in waiting.values())
        if count < FIT_ON and not (done and count > 1):
            return
        features = {
            video: rows[numbers].view(np.float16)
            for video, (numbers, frames) in waiting.items()
            if (rows := self._store.rows(video, self._waiting, frames)) is not None
        }
        basis = Basis.fitted(np.concatenate(list(features.values()))[:FIT_ON])
        write_bytes(make_folder(self._path.parent) / self._path.name, basis.to_bytes())
        with self._database.writing():
            for video, of_video in features.items():
                made = basis.reduced(of_video).view(np.uint8)
                numbers = waiting[video][0].tolist()
                self._store.write(
                    video,
                    {n: {self.name: row} for n, row in zip(numbers, made, strict=True)},
                )
                self._store.remove(video, self._waiting)
        self._basis = basis
