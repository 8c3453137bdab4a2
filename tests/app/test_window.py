"""The window as a whole: its table of actions, dialogs, layout, projects, detectors."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QTabBar,
)

from framesift.project import Project
from framesift_app import actions, settings, theme
from framesift_app.window import MainWindow
from framesift_app.window.command_table import CommandTable

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def window(qtbot: Any) -> Iterator[MainWindow]:
    made = MainWindow()
    made.resize(1440, 900)
    errors: list[tuple[str, str]] = []
    made.session.messages.failed.connect(lambda *error: errors.append(error))
    made.session.errors = errors
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def opened(
    window: MainWindow, footage: Path, narrow: Path, tmp_path: Path, until: Any
) -> MainWindow:
    """A window with a project that has a drive."""
    session = window.session
    session.new_project(tmp_path / "week", ["pedestrian", "rider"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(lambda: session.footage.drives and session.detector.view)
    return window


def _dialog(window: MainWindow) -> QDialog:
    return next(child for child in window.findChildren(QDialog) if child.isVisible())


# The table of actions


def test_keys_are_given_once() -> None:
    keys = [QKeySequence(key).toString() for entry in actions.TABLE for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert all(keys)


def test_every_action_has_somebody_who_does_it(window: MainWindow) -> None:
    """The table of commands refuses an entry without a handler, and the reverse."""
    handlers = {entry.id: list for entry in actions.TABLE}
    CommandTable(window, window.session, handlers)
    for odd in (
        {name: handlers[name] for name in handlers if name != "score"},
        {**handlers, "conjure": list},
    ):
        with pytest.raises(ValueError, match=r"'(score|conjure)'"):
            CommandTable(window, window.session, odd)
    assert {entry.when for entry in actions.TABLE} <= actions.WHEN.keys()


def test_without_a_project_only_what_makes_sense_is_enabled(window: MainWindow) -> None:
    assert window.commands["new"].isEnabled()
    assert window.commands["demo"].isEnabled()
    for name in ("score", "take", "train", "undo", "export", "next"):
        assert not window.commands[name].isEnabled(), name


def test_keys_can_be_others_and_are_kept(window: MainWindow) -> None:
    entry = actions.ENTRIES["draw"]
    actions.set_keys(entry, ("W",))
    window.commands.apply_keys()
    assert window.commands["draw"].shortcut().toString() == "W"
    assert actions.conflict(actions.ENTRIES["heat"], "W") is entry
    actions.set_keys(entry, ())
    assert actions.keys_of(entry) == ()
    actions.set_keys(entry, None)
    assert actions.keys_of(entry) == ("B",)


def test_dialogs_open_and_close(opened: MainWindow, until: Any) -> None:
    for name in (
        "new",
        "settings",
        "keys",
        "about",
        "import",
        "export",
        "train",
        "plan",
        "eight_bits",
        "score",
        "sample",
        "map",
    ):
        opened.trigger(name)
        dialog = _dialog(opened)
        assert dialog.windowTitle(), name
        assert not dialog.isModal(), name
        for field in dialog.findChildren(QLineEdit):
            words = field.placeholderText()
            needed = field.fontMetrics().horizontalAdvance(words)
            assert not words or not field.isVisible() or needed <= field.width(), words
        dialog.close()
        until(lambda: not any(d.isVisible() for d in opened.findChildren(QDialog)))
    until(lambda: opened.session.jobs.active("plan") is None)


def test_the_cheat_sheet_is_made_from_the_table(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLabel

    window.trigger("keys")
    texts = {label.text() for label in _dialog(window).findChildren(QLabel)}
    assert {"Heat map", "H", "Nothing there", "Take these picks"} <= texts


def test_an_error_is_a_sentence_with_details(window: MainWindow, qtbot: Any) -> None:
    from framesift_app.dialogs.details import DetailsDialog

    window.session.messages.fail(ZeroDivisionError("1/0"))
    assert window.notice.isVisible()
    assert "inside Framesift" in window.notice.sentence.text()
    qtbot.mouseClick(window.notice.more, Qt.MouseButton.LeftButton)
    details = window.findChild(DetailsDialog)
    assert details is not None
    assert "ZeroDivisionError" in details.text.toPlainText()
    assert not details.isModal()
    details.close()


def test_themes(window: MainWindow) -> None:
    for name in ("dark", "light"):
        theme.current().apply(name)
        assert theme.current().dark == (name == "dark")
        ground = window.palette().window().color()
        assert (ground.lightness() < 128) == (name == "dark")


def test_recent_projects_are_on_the_welcome_page(
    window: MainWindow, tmp_path: Path, until: Any, qtbot: Any
) -> None:
    Project.create(tmp_path / "old").close()
    settings.remember_project(tmp_path / "old")
    window.welcome.refresh()
    recent = window.welcome.findChild(QListWidget, "recent")
    assert recent is not None
    item = recent.item(0)
    assert item.text().startswith("old")
    qtbot.mouseClick(
        recent.viewport(), Qt.MouseButton.LeftButton, pos=recent.visualItemRect(item).center()
    )
    until(lambda: window.session.project_name == "old")
    assert not window.welcome.isVisible()
    window.trigger("close")
    until(lambda: window.welcome.isVisible())
    assert not window.docks["timeline"].isVisible()


def test_docks_that_come_back_leave_no_tabs_behind(window: MainWindow) -> None:
    def tabs() -> list[list[str]]:
        QApplication.processEvents()
        bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return sorted(
            [bar.tabText(n) for n in range(bar.count())]
            for bar in bars
            if bar.isVisible() and bar.count()
        )

    assert window.docks.panels
    window.docks.show()
    shown = tabs()
    assert shown == [["Cycles", "Training"], ["Picks", "Frames", "Check"]]
    window.docks.hide()
    window.docks.show()
    assert tabs() == shown
    window.docks.reset()
    assert tabs() == shown


def test_the_layout_can_be_reset(opened: MainWindow) -> None:
    opened.docks["timeline"].hide()
    opened.docks["footage"].setFloating(True)
    opened.trigger("reset_layout")
    assert opened.docks["timeline"].isVisible()
    assert not opened.docks["footage"].isFloating()
    assert opened.height() <= 900


# Projects and detectors


def test_a_new_project_by_the_dialog(
    window: MainWindow, footage: Path, narrow: Path, tmp_path: Path, until: Any, qtbot: Any
) -> None:
    button = window.welcome.findChild(QPushButton, "welcome_new")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog: Any = _dialog(window)
    dialog.findChild(QLineEdit, "folder").setText(str(tmp_path / "made"))
    listed = dialog.findChild(QComboBox, "detector")
    until(lambda: listed.count() > 2)
    listed.setCurrentIndex(listed.findData("file"))
    dialog.findChild(QLineEdit, "checkpoint").setText(str(narrow))
    dialog.footage.add([footage])
    dialog.findChild(QSpinBox, "sample").setValue(5)
    assert dialog.findChild(QCheckBox).isChecked()
    qtbot.mouseClick(dialog.findChild(QPushButton, "go"), Qt.MouseButton.LeftButton)
    until(lambda: len(window.session.footage.sampled) == 5)
    assert window.session.project_name == "made"
    assert window.session.errors == []


def test_another_detector_for_the_project(
    opened: MainWindow, narrow: Path, until: Any, tmp_path: Path, qtbot: Any
) -> None:
    session = opened.session
    began = session.detector.view.identity
    session.selection.set_rules(budget=4, delta1=6)
    session.scores.start(every=4)
    until(lambda: session.jobs.active("score") is None and session.selection.settled)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no weights")
    for source in (broken, None):
        opened.trigger("detector")
        dialog = _dialog(opened)
        listed = dialog.findChild(QComboBox, "detector")
        until(lambda listed=listed: listed.count() > 2)
        listed.setCurrentIndex(listed.findData("file" if source else "paper"))
        if source:
            dialog.findChild(QLineEdit, "checkpoint").setText(str(source))
        qtbot.mouseClick(dialog.findChild(QPushButton, "go"), Qt.MouseButton.LeftButton)
        until(lambda: not any(d.isVisible() for d in opened.findChildren(QDialog)))
        if source:
            until(lambda: session.errors)
            assert "broken.safetensors" in session.errors.pop()[0]
            assert session.detector.source == str(narrow)
    until(
        lambda: (
            session.detector.source == "paper"
            and session.detector.view.source == "paper"
            and session.selection.settled
        )
    )
    assert session.detector.view.identity != began
    until(lambda: not session.picks.all)
    assert session.selection.earlier
    folder = session.folder
    session.close_project()
    until(lambda: session.folder is None)
    session.open_project(folder)
    until(lambda: session.detector.view is not None)
    assert session.detector.source == "paper"
    assert session.errors == []


def test_a_project_given_at_the_start(
    qtbot: Any, tmp_path: Path, until: Any, narrow: Path
) -> None:
    Project.create(tmp_path / "given", detector=str(narrow)).close()
    began = time.monotonic()
    window = MainWindow(tmp_path / "given")
    window.show()
    qtbot.waitExposed(window)
    assert time.monotonic() - began < 10
    until(
        lambda: (
            window.session.project_name == "given" and window.session.detector.view is not None
        )
    )
    window.close()
    window.deleteLater()


def test_the_projects_name_is_seen_whole(opened: MainWindow, until: Any) -> None:
    name = next(
        label for label in opened.menuBar().findChildren(QLabel) if label.text() == "week"
    )
    until(lambda: name.isVisible() and name.width() >= name.sizeHint().width())


def test_the_layout_is_remembered(opened: MainWindow, qtbot: Any, until: Any) -> None:
    folder = opened.session.folder
    opened.docks["labels"].hide()
    opened.close()
    again = MainWindow(folder)
    again.show()
    until(lambda: len(again.docks) and again.docks["timeline"].isVisible())
    assert not again.docks["labels"].isVisible()
    again.close()
    again.deleteLater()


def test_the_window_comes_up_without_what_is_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]); "
        "from framesift_app.window import MainWindow; w = MainWindow(); w.show(); "
        "print(sorted({'torch', 'cv2', 'av', 'PIL', 'scipy'} & set(sys.modules))); w.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["[]"]


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    from framesift_app.__main__ import main

    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("framesift ")
    assert main(["--help"]) == 0
    assert "PROJECT" in capsys.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland")
def test_no_screen_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift_app.__main__ import main

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 3
    assert "no screen" in capsys.readouterr().err


# Dropping


def _drop(widget: Any, *paths: Path) -> None:
    from PySide6.QtCore import QMimeData, QPointF, QUrl
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    held = QMimeData()
    held.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    given = (held, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *given)
    widget.dragEnterEvent(entering)
    assert entering.isAccepted()
    widget.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, *given))


def test_footage_and_projects_are_dropped_anywhere(
    window: MainWindow,
    footage: Path,
    narrow: Path,
    tmp_path: Path,
    until: Any,
) -> None:
    _drop(window, footage)
    dialog = _dialog(window)
    listed = dialog.findChild(QListWidget, "files")
    assert [listed.item(i).text() for i in range(listed.count())] == [str(footage)]
    dialog.close()
    Project.create(tmp_path / "there", detector=str(narrow)).close()
    _drop(window, tmp_path / "there")
    until(lambda: window.session.project_name == "there")
    _drop(window, footage)
    until(lambda: window.session.footage.drives and window.session.detector.view)
    assert window.session.errors == []
