"""The Help menu: the pages, the system report, the licences."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from framesift.errors import EnvironmentProblem
from framesift.records import Progress
from framesift.training import process
from framesift_app import desktop
from framesift_app.dialogs import documentation
from framesift_app.dialogs.about import AboutDialog
from framesift_app.dialogs.documentation import DocumentationDialog, open_documentation
from framesift_app.dialogs.licences import LicencesDialog
from framesift_app.dialogs.system import SystemDialog
from framesift_app.session import machine
from framesift_app.session.machine import Examined, examining
from framesift_app.window import MainWindow


@pytest.fixture
def window(qtbot: Any) -> Iterator[MainWindow]:
    made = MainWindow()
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What other programs were asked to open."""
    asked: list[Path] = []

    def ask(url: QUrl) -> bool:
        asked.append(Path(url.toLocalFile()))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", ask)
    return asked


def _dialog(window: MainWindow, kind: type[QDialog]) -> Any:
    return next(child for child in window.findChildren(kind) if child.isVisible())


def _child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(process, "command_for", lambda _: [sys.executable, "-c", code])


# Documentation


def test_built_site_opens_in_the_browser(
    window: MainWindow, opened: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "index.html"
    page.write_text("<p>", encoding="utf-8")
    monkeypatch.setattr(documentation, "resource", lambda *parts: page)
    window.trigger("documentation")
    assert opened == [page]
    assert not window.findChildren(DocumentationDialog)


def test_without_site_or_browser_the_pages_are_shown_in_a_window(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documentation, "open_with_desktop", lambda path: False)
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = open_documentation(parent)
    assert isinstance(dialog, DocumentationDialog)
    pages = dialog.pages
    assert "Framesift" in pages.toPlainText()
    pages.anchorClicked.emit(QUrl("selection.md"))
    assert Path(pages.source().toLocalFile()).name == "selection.md"
    assert "Look-alikes" in pages.toPlainText()
    # Made from the code, so only in the built site.
    pages.anchorClicked.emit(QUrl("commands.md"))
    assert "commands.md" in pages.notice.text()
    assert Path(pages.source().toLocalFile()).name == "selection.md"
    pages.backward()
    assert Path(pages.source().toLocalFile()).name == "index.md"
    dialog.close()


def test_pictures_of_the_pages_fit_the_window(qtbot: Any, tmp_path: Path) -> None:
    from PySide6.QtGui import QImage

    QImage(1440, 900, QImage.Format.Format_RGB32).save(str(tmp_path / "wide.png"))
    (tmp_path / "page.md").write_text("# Page\n\n![wide](wide.png)\n", encoding="utf-8")
    dialog = DocumentationDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.pages.open_page(tmp_path / "page.md")
    qtbot.waitUntil(lambda: dialog.pages.document().size().height() > 400, timeout=10_000)
    assert dialog.pages.document().idealWidth() < 900


def test_other_programs_get_the_users_library_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []

    def ask(url: QUrl) -> bool:
        seen.append(os.environ.get("LD_LIBRARY_PATH"))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", ask)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/users")
    assert desktop.open_with_desktop(tmp_path)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    desktop.open_with_desktop(tmp_path)
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG")
    desktop.open_with_desktop(tmp_path)
    assert seen == ["/bundle", "/users", None]
    assert os.environ["LD_LIBRARY_PATH"] == "/bundle"


# System report


def test_system_report_is_made_by_a_child_and_can_be_copied(
    window: MainWindow, qtbot: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _child(monkeypatch, "print('torch works · ✓')")
    window.trigger("system")
    dialog = _dialog(window, SystemDialog)
    assert not dialog.copy.isEnabled()
    until(lambda: "torch works · ✓" in dialog.text.toPlainText())
    assert "Window: Qt" in dialog.text.toPlainText()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == dialog.text.toPlainText()
    _child(monkeypatch, "print('second look')")
    dialog.again.click()
    until(lambda: "second look" in dialog.text.toPlainText())


def test_system_report_that_fails_is_a_sentence(
    window: MainWindow, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences: list[str] = []
    window.session.messages.failed.connect(lambda sentence, _: sentences.append(sentence))
    _child(monkeypatch, "raise SystemExit('driver gone')")
    window.trigger("system")
    dialog = _dialog(window, SystemDialog)
    until(lambda: sentences)
    assert "driver gone" in sentences[0]
    until(lambda: dialog.again.isEnabled())
    assert not dialog.copy.isEnabled()


def test_look_at_the_machine_ends_with_its_reader(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = (
        "import os, pathlib, time; "
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    looking = examining([sys.executable, "-c", code])
    assert isinstance(next(looking), Progress)
    deadline = time.monotonic() + 20
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        next(looking)
    looking.close()
    import psutil

    assert not psutil.pid_exists(int(mark.read_text()))


def test_stuck_driver_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PATIENCE_S", 0.3)
    with pytest.raises(EnvironmentProblem, match="Restart the computer"):
        list(examining([sys.executable, "-c", "import time; time.sleep(60)"]))


def test_missing_program_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="install Framesift again"):
        list(examining([str(tmp_path / "nothing")]))
    [*_, last] = examining([sys.executable, "-c", "print('x')"])
    assert last == Examined("x")


# Licences


def test_licences_can_be_searched_and_read(window: MainWindow, until: Any) -> None:
    window.trigger("about")
    about = _dialog(window, AboutDialog)
    assert any("LGPL" in label.text() for label in about.findChildren(QLabel))
    next(
        button for button in about.findChildren(QPushButton) if "licences" in button.text()
    ).click()
    dialog = _dialog(window, LicencesDialog)
    until(lambda: dialog.list.count() > 10)
    dialog.search.setText("ffmpeg")
    assert dialog.list.count() == 1
    assert "LESSER GENERAL PUBLIC LICENSE" in dialog.text.toPlainText()
    dialog.search.setText("no such thing")
    assert dialog.list.count() == 0
    assert dialog.text.toPlainText() == ""
