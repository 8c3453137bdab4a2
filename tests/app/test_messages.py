"""What is told of errors stays as long as its cause, and names all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel

from framesift.records import Progress
from framesift_app.session.training import with_progress
from framesift_app.strings import STAGES, stage
from framesift_app.window import MainWindow


@pytest.fixture
def window(
    qtbot: Any, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> Iterator[MainWindow]:
    made = MainWindow()
    made.show()
    qtbot.waitExposed(made)
    made.session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: made.session.folder is not None)
    yield made
    made.close()
    made.deleteLater()


def _drop(window: MainWindow, *paths: Path) -> None:
    from PySide6.QtCore import QMimeData, QUrl
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    held = QMimeData()
    held.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    given = (held, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    window.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *given))
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, *given))


def test_two_bad_files_are_both_named_and_go_with_their_cause(
    window: MainWindow, footage: Path, tmp_path: Path, until: Any
) -> None:
    bad = [tmp_path / name for name in ("first.mp4", "second.mp4")]
    for path in bad:
        path.write_bytes(b"no video")
    _drop(window, *bad)
    until(lambda: window.session.jobs.active("add") is None and window.notice.isVisible())
    until(lambda: "second.mp4" in window.notice.sentence.text())
    assert "first.mp4" in window.notice.sentence.text()
    # The next try takes back what was told of the one before.
    _drop(window, footage)
    until(lambda: window.session.footage.drives)
    assert not window.notice.isVisible()


def test_each_cause_takes_back_its_own_sentence(window: MainWindow) -> None:
    say, session = window.session.messages.failing, window.session
    say("frame")(ValueError("a"))
    session.messages.fail(MemoryError(), "journal")
    assert len(window.notice.sentence.text().splitlines()) == 2
    session.messages.mend("frame")
    assert "memory" in window.notice.sentence.text()
    assert len(window.notice.sentence.text().splitlines()) == 1
    session.messages.mend("journal")
    assert not window.notice.isVisible()


def test_what_comes_after_the_last_step_has_its_own_counts() -> None:
    from framesift.training import Step

    heads = Progress(3, 8, "frames", stage="reading pictures")
    measured = Progress(3, 9, "frames", stage="detecting")
    records = iter([Step(4, 4, 0, 0.5, 0.001, 2.0, 3.0), heads, measured])
    *_, first, last = with_progress(records)
    assert first == heads
    assert (last.done, last.total, last.stage) == (3, 9, "validation")


def test_fine_tuning_says_what_it_does(window: MainWindow) -> None:
    """In words, for every stage that the engine names; a validation is one, too."""
    from framesift.training import Step

    records = [
        Progress(0, None, "steps", stage="starting"),
        Progress(0, 4, "steps", stage="reading pictures"),
        Step(1, 4, 0, 0.5, 0.001, 2.0, 3.0),
        Progress(3, 9, "frames", stage="detecting"),
    ]
    told = [r.stage for r in with_progress(iter(records)) if isinstance(r, Progress)]
    assert told == ["starting", "reading pictures", "training", "validation"]
    assert all(stage(name) == STAGES[name] != name for name in told)
    window.session.jobs.start(
        "train",
        "Fine-tuning",
        lambda: iter([Progress(0, None, stage="preparing")] * 3),
        window.session._crew.training,
        pausable=False,
    )
    labels = [label.text() for label in window.findChildren(QLabel)]
    assert any(text.startswith("Fine-tuning") for text in labels)
