"""What dialogs fold away, and that their buttons stay in sight."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QScrollArea, QSpinBox

from framesift_app.dialogs.fold import Fold
from framesift_app.dialogs.form import FormDialog
from framesift_app.dialogs.new_project import NewProjectDialog
from framesift_app.dialogs.scoring import ScoreDialog
from framesift_app.panels.welcome import WelcomePage


@pytest.fixture
def dialog(qtbot: Any, session: Any) -> NewProjectDialog:
    made = NewProjectDialog(session)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def _in_sight(dialog: FormDialog) -> bool:
    bottom = dialog.go.mapTo(dialog, dialog.go.rect().bottomRight()).y()
    return bottom < dialog.height() <= dialog.screen().availableGeometry().height()


def test_all_settings_unfold_by_keys(
    qtbot: Any, dialog: NewProjectDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted: list[None] = []
    monkeypatch.setattr(NewProjectDialog, "accept", lambda _: accepted.append(None))
    fold = dialog.findChild(Fold, "more")
    stream = dialog.findChild(QLineEdit, "stream")
    assert fold.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert (fold.arrowType(), stream.isVisible()) == (Qt.ArrowType.RightArrow, False)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        qtbot.keyClick(fold, key)
        assert (fold.arrowType(), stream.isVisible()) == (Qt.ArrowType.DownArrow, True)
        assert _in_sight(dialog)
        assert dialog.findChild(QScrollArea).horizontalScrollBar().maximum() == 0
        qtbot.keyClick(fold, key)
        assert (fold.arrowType(), stream.isVisible()) == (Qt.ArrowType.RightArrow, False)
    assert accepted == []


def test_a_number_typed_first_takes_the_place_of_the_one_there(
    qtbot: Any, session: Any
) -> None:
    dialog = ScoreDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    every = dialog.findChild(QSpinBox, "every")
    assert dialog.focusWidget() is every
    qtbot.keyClicks(every, "10")
    assert every.value() == 10


def test_return_presses_a_button_of_the_welcome_page(qtbot: Any) -> None:
    acted: list[str] = []
    page = WelcomePage(acted.append)
    qtbot.addWidget(page)
    page.show()
    qtbot.keyClick(page.findChild(QPushButton, "welcome_new"), Qt.Key.Key_Return)
    assert acted == ["new"]


def test_longer_words_push_no_button_out(qtbot: Any, dialog: NewProjectDialog) -> None:
    dialog.resize(dialog.width(), dialog.minimumHeight())
    dialog.complain("A folder lies there that has something else in it. " * 9)
    qtbot.waitUntil(lambda: _in_sight(dialog))
    shown = dialog.problem
    assert shown.height() >= shown.heightForWidth(shown.width())
