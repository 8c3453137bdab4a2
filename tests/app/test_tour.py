"""The tour: six steps over the demo, once, and whenever it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from framesift.project import Project
from framesift_app.dialogs import new_project
from framesift_app.panels.tour import STEPS
from framesift_app.session import session as session_module
from framesift_app.window import MainWindow, projects

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(
    qtbot: Any, narrow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """A window whose demo lies in the test's folder, and draws nothing."""
    monkeypatch.setattr(projects, "demo_folder", lambda: tmp_path / "demo")
    monkeypatch.setattr(new_project, "default_detector", lambda: str(narrow))
    monkeypatch.setattr(session_module.Session, "_draw_demo", lambda self, frames: None)
    made = MainWindow()
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


def test_the_demo_begins_with_a_tour_once(window: MainWindow, until: Any) -> None:
    window.trigger("demo")
    until(lambda: window.tour.isVisible())
    for number, (name, words) in enumerate(STEPS):
        assert words in window.tour.words.text()
        assert window.tour.words.text().startswith(f"{number + 1} of 6")
        until(lambda name=name: window.docks[name].widget().isVisible())
        QTest.mouseClick(window.tour.next, LEFT)
    assert not window.tour.isVisible()
    window.trigger("close")
    until(lambda: window.session.folder is None)
    window.trigger("demo")
    until(lambda: window.session.folder is not None)
    assert not window.tour.isVisible()
    window.trigger("tour")
    assert window.tour.isVisible()


def test_it_can_be_skipped(
    window: MainWindow, until: Any, tmp_path: Path, narrow: Path
) -> None:
    window.trigger("demo")
    until(lambda: window.tour.isVisible())
    QTest.mouseClick(window.tour.skip, LEFT)
    assert not window.tour.isVisible()
    # Another project has no tour of its own.
    Project.create(tmp_path / "other", detector=str(narrow)).close()
    window.session.open_project(tmp_path / "other")
    until(lambda: window.session.project_name == "other")
    assert not window.tour.isVisible()
