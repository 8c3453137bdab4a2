"""The dialog that brings labels in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel

from framesift.labels import FrameKey
from framesift_app.dialogs.exchange import ImportDialog


@pytest.fixture
def dialog(
    session: Any,
    footage: Path,
    narrow: Path,
    tmp_path: Path,
    until: Any,
) -> Iterator[ImportDialog]:
    """The dialog of a project with a drive, and a file with a pedestrian and a rider."""
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives)
    (tmp_path / "labels.json").write_text(
        json.dumps(
            {
                "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "rider"}],
                "images": [{"id": 1, "file_name": "1.png", "frame_index": 4}],
                "annotations": [
                    {"id": n, "image_id": 1, "category_id": n, "bbox": [20 * n, 20, 10, 30]}
                    for n in (1, 2)
                ],
            }
        ),
        encoding="utf-8",
    )
    made = ImportDialog(session)
    made._path.edit.setText(str(tmp_path / "labels.json"))
    made._map.setText("person = pedestrian")
    yield made
    # What was accepted has closed and deleted itself.
    if shiboken6.isValid(made):
        made.close()


@pytest.mark.parametrize("text", ["rider", " rider = pedestrian ,"])
def test_ignored_classes_become_regions(
    dialog: ImportDialog, session: Any, until: Any, text: str
) -> None:
    dialog._ignore.setText(text)
    dialog.accept()
    key = FrameKey(session.footage.drives[0].clips[0].id, 4)
    until(lambda: session.labels.of(key).boxes)
    assert [(box.x1, box.category, box.ignore) for box in session.labels.of(key).boxes] == [
        (20, "pedestrian", False),
        (40, "pedestrian", True),
    ]
    assert session.errors == []


@pytest.mark.parametrize("text", ["=pedestrian", "rider="])
def test_half_an_ignored_class_is_asked_again(dialog: ImportDialog, text: str) -> None:
    dialog.show()
    dialog._ignore.setText(text)
    dialog.accept()
    assert dialog.isVisible()
    assert any("ignored classes" in label.text() for label in dialog.findChildren(QLabel))
