"""Where fetched weights are kept, and taking in a file that was brought by hand."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import platformdirs

from framesift.detectors.weights.catalogue import CATALOGUE, WeightsEntry
from framesift.errors import InputError
from framesift.files import cannot_write, replacing


def folder() -> Path:
    """The cache folder of weights: FRAMESIFT_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get("FRAMESIFT_CACHE_DIR")
    root = Path(named) if named else Path(platformdirs.user_cache_dir("framesift", False))
    return root / "weights"


def stored_path(weights: WeightsEntry) -> Path:
    """Where the whole, checked file of an entry lies once it is here."""
    return folder() / weights.file


def partial_path(weights: WeightsEntry) -> Path:
    """What an interrupted download leaves, to go on from."""
    return folder() / f"{weights.file}.part"


def is_stored(weights: WeightsEntry) -> bool:
    """Whether the file is here; it was checked before it got its name."""
    return stored_path(weights).is_file()


def sha256_of(path: Path) -> str:
    """The sha256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def adopt_file(path: Path | str) -> WeightsEntry:
    """Takes a file that was fetched by other means into the cache folder; which entry it is
    follows from its hash, whatever its name.

    Raises InputError for a file that is missing or none of the catalogue's.
    """
    path = Path(path)
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise InputError(
            f"The file {path} cannot be read ({error.strerror or error}); give "
            "the weights that you fetched."
        ) from error
    published = next(
        (weights for weights in CATALOGUE.values() if digest.startswith(weights.sha256)), None
    )
    if published is None:
        raise InputError(
            f"The file {path.name} is none of the published weights as they should be (its "
            "hash is unknown): it is cut, damaged or another file; for weights of your own "
            "say --architecture and --classes."
        )
    if not is_stored(published):
        try:
            with replacing(stored_path(published)) as part:
                shutil.copyfile(path, part)
        except OSError as error:
            raise cannot_write(stored_path(published), error) from error
    return published


def remove(weights: WeightsEntry) -> int:
    """Deletes an entry's file and what a download left of it; the bytes that were freed."""
    freed = 0
    for path in (stored_path(weights), partial_path(weights)):
        if path.is_file():
            freed += path.stat().st_size
            try:
                path.unlink()
            except OSError as error:
                raise cannot_write(path, error) from error
    return freed
