"""The project lent to another thread: every store of it works on the thread that owns it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framesift.labels import FrameKey
from framesift.project import Project
from framesift.project.database import Database
from framesift_app.workers.project_thread import _is_part


def _stores(owner: Any) -> Iterator[Any]:
    """What can be reached from the project by public names and holds its database."""
    for name, value in vars(owner).items():
        held = getattr(value, "__dict__", {}).values()
        if not name.startswith("_") and any(isinstance(part, Database) for part in held):
            yield value
            yield from _stores(value)


def test_every_store_is_stood_in_for(tmp_path: Path) -> None:
    with Project.create(tmp_path / "week") as project:
        stores = list(_stores(project))
        assert {"Videos", "FrameFacts", "Ledger"} <= {type(one).__name__ for one in stores}
        assert all(map(_is_part, [project, *stores]))
        # What is read of a project is a record, and goes from thread to thread as it is.
        things = (
            project.status(),
            project.classes,
            project.journal.history(1),
            FrameKey("v", 1),
        )
        assert not any(map(_is_part, things))
