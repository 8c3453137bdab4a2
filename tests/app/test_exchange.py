"""The dialog that brings labels in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel, QLineEdit

from framesift.boxes import Box
from framesift.labels import FrameKey, FrameLabels
from framesift_app.dialogs.exchange import ImportDialog
from framesift_app.dialogs.measure import MeasureDialog
from framesift_app.window import MainWindow


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


def test_a_detector_with_other_classes_is_measured_when_told(
    qtbot: Any, narrow: Path, footage: Path, tmp_path: Path, until: Any
) -> None:
    """The detector finds pedestrians, the project labels walkers."""
    window = MainWindow()
    window.show()
    session: Any = window.session
    errors: list[Any] = []
    session.messages.failed.connect(lambda *error: errors.append(error))
    session.new_project(tmp_path / "walkers", ["walker"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.detector.view)
    session.footage.sample_evaluation(3)
    until(lambda: len(session.footage.sampled) == 3)
    for key in session.footage.sampled:
        session.labels.change(key, FrameLabels.of([Box(10, 10, 40, 90, "walker")]))
    until(lambda: not session.journal.writing)
    window.trigger("measure")
    (dialog,) = window.findChildren(MeasureDialog)
    assert "finds pedestrian, and the labels are of walker" in dialog.words.text()
    dialog.accept()
    assert "person=pedestrian" in dialog.problem.text()
    dialog.findChild(QLineEdit, "map").setText("pedestrian=walker")
    dialog.accept()
    until(
        lambda: (
            session.jobs.active("evaluate") is None
            and any(event.kind == "evaluation" for event in session.cycles.events)
        )
    )
    assert errors == []
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("text", ["=pedestrian", "rider="])
def test_half_an_ignored_class_is_asked_again(dialog: ImportDialog, text: str) -> None:
    dialog.show()
    dialog._ignore.setText(text)
    dialog.accept()
    assert dialog.isVisible()
    assert any("ignored classes" in label.text() for label in dialog.findChildren(QLabel))
