"""What the application does with the reports of crashes and bugs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from framesift.errors import InputError
from framesift.product import crashes
from framesift_app import __main__ as program


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "crashes"
    folder.mkdir()
    monkeypatch.setattr(crashes, "folder", lambda: folder)
    return folder


@pytest.fixture
def window(qtbot: Any) -> Iterator[Any]:
    from framesift_app.window import MainWindow

    made = MainWindow()
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_a_crash_is_told_at_the_next_start(window: Any, reports: Path) -> None:
    (reports / "running-999999999-0.txt").write_text("a\nb\n\nFatal Python error: Aborted\n")
    program._tell_crashes(window, opening=False)
    [report] = reports.glob("crash-*.txt")
    assert window.notice.isVisible()
    assert str(report) in window.notice.sentence.text()
    window.notice.hide()
    program._tell_crashes(window, opening=False)
    assert not window.notice.isVisible()


def test_a_crash_is_told_once_the_project_is_open(
    window: Any, reports: Path, scored: Any, until: Any
) -> None:
    folder = scored.folder
    # Its lock on the project is gone with its threads.
    scored.close()
    (reports / "running-999999999-0.txt").write_text("a\nb\n\nFatal Python error: Aborted\n")
    window.session.open_project(folder)
    program._tell_crashes(window, opening=True)
    assert not window.notice.isVisible()
    until(lambda: window.session.folder is not None and window.notice.isVisible())
    assert "crash-" in window.notice.sentence.text()


def test_bugs_are_written_down_and_mistakes_are_not(
    window: Any, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crashes.faulthandler, "enable", lambda *a, **k: None)
    monkeypatch.setattr(crashes.faulthandler, "disable", lambda: None)
    monkeypatch.setattr(program.sys, "excepthook", program.sys.excepthook)
    with crashes.reporting() as report:
        program._tell_bugs(window, report)
        window.session.messages.fail(InputError("Choose another file."))
        assert not [*reports.glob("bug-*.txt")]
        window.session.messages.fail(ZeroDivisionError("a bug"))
    [path] = reports.iterdir()
    assert "ZeroDivisionError: a bug" in path.read_text(encoding="utf-8")
