"""The form for fine-tuning: the detector's own settings, and what the user changes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QPushButton, QSpinBox

from framesift.boxes import Box
from framesift.labels import FrameKey
from framesift.loop import Trained, Verdict
from framesift.project import CheckpointRecord
from framesift.training import PRESETS, Finished, Labels, Replay, TrainSettings, preset
from framesift_app.dialogs.train import TrainDialog
from framesift_app.panels.training import TrainingPanel

BY_LABELS = preset("steady", Labels(1, 1)).with_(replay=Replay())
"""One labelled box; nothing is known of what the detector learnt from."""


@pytest.mark.parametrize(
    ("detector", "own"),
    [("ssdlite320_mobilenet_v3_large", PRESETS["torchvision"]), ("narrow", BY_LABELS)],
)
def test_it_starts_from_the_detectors_settings(
    detector: str,
    own: TrainSettings,
    session: Any,
    footage: Path,
    narrow: Path,
    tmp_path: Path,
    until: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if detector == "narrow":
        detector = str(narrow)
    else:
        pytest.importorskip("torchvision")
    session.new_project(tmp_path / "week", ["pedestrian"], detector)
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.detector.view)
    key = FrameKey(session.footage.drives[0].clips[0].id, 5)
    box = Box(40, 20, 60, 80, "pedestrian")
    session.labels.change(key, session.labels.of(key).with_boxes(box), "1 box")
    until(lambda: session.training.trainable_frames() == 1)
    asked: list[TrainSettings] = []
    monkeypatch.setattr(session.training, "start", lambda settings, **_: asked.append(settings))

    dialog = TrainDialog(session)
    dialog.findChild(QSpinBox, "epochs").setValue(7)  # before the defaults are known
    assert not dialog.go.isEnabled()
    until(lambda: dialog.go.isEnabled())
    assert dialog.findChild(QSpinBox, "batch").value() == own.batch
    assert dialog.findChild(QDoubleSpinBox, "min_height").value() == own.min_height
    norms = dialog.findChild(QComboBox, "batch_norm")
    norms.setCurrentIndex(norms.findData("frozen"))
    dialog.accept()
    assert asked == [own.with_(epochs=7, batch_norm="frozen")]
    assert session.errors == []


def test_return_waits_for_the_defaults_and_then_starts(
    session: Any,
    footage: Path,
    narrow: Path,
    tmp_path: Path,
    until: Any,
    qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None and session.detector.view)
    asked: list[TrainSettings] = []
    monkeypatch.setattr(session.training, "start", lambda settings, **_: asked.append(settings))
    monkeypatch.setattr(session.training, "trainable_frames", lambda: 3)
    dialog = TrainDialog(session)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    qtbot.waitExposed(dialog)
    epochs = dialog.findChild(QSpinBox, "epochs")
    assert dialog.focusWidget() is epochs
    assert [b for b in dialog.findChildren(QPushButton) if b.isDefault()] == [dialog.go]
    assert not dialog.go.isEnabled()
    qtbot.keyClick(epochs, Qt.Key.Key_Return)
    assert dialog.isVisible()
    until(lambda: dialog.go.isEnabled())
    qtbot.keyClick(epochs, Qt.Key.Key_1)
    qtbot.keyClick(epochs, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert [settings.epochs for settings in asked] == [1]


def test_a_worse_detector_waits_for_a_decision(
    session: Any, narrow: Path, tmp_path: Path, until: Any
) -> None:
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None and session.detector.view)
    other = tmp_path / "other.safetensors"
    other.write_bytes(narrow.read_bytes())
    record = CheckpointRecord(1, "a" * 64, other, ("pedestrian",), None, 0, {}, 0.0)
    finished = Finished(other, other, None, 3, 3, 1.0, None, (), 1.0, False)
    bad = Verdict("evaluation", "pedestrian", 30, 0.2, 0.6, 0.1, 0.5, True)
    panel = TrainingPanel(session, lambda _: None)
    heard: list[str] = []
    session.training.trained.connect(lambda path, _: heard.append(path))

    session.training._over(Trained(record, finished, bad))
    assert not panel._take.isHidden()
    assert "measurably worse" in session.training.view.message
    panel._keep.click()
    assert panel._take.isHidden()
    assert heard == []
    session.training._over(Trained(record, finished, bad))
    panel._take.click()
    until(lambda: heard == [str(other)])
    until(lambda: session.detector.source == str(other))
    assert panel._take.isHidden()
    assert session.errors == []
