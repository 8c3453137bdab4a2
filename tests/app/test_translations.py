"""Every text of the window can be translated, Qt's way."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLabel, QMenu

from framesift_app.tools import translations
from framesift_app.window import MainWindow

MARK = "¤"
OWN = ("Framesift", "week", "pedestrian", "narrow", "drive")
"""Names: nobody translates them."""
QTS = {"Close", "Cancel", "Float", "Scroll Left", "Scroll Right"}
"""Qt's own texts: its translations bring them."""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language in which every text begins with a mark."""
    file = tmp_path_factory.mktemp("translations") / "framesift_xx.ts"
    translations.update(file)
    tree = ET.parse(file)
    for message in tree.iter("message"):
        found = message.find("translation")
        assert found is not None
        found.attrib.clear()
        found.text = MARK + str(message.findtext("source"))
    tree.write(file, encoding="utf-8")
    return translations.release(file)


@pytest.fixture
def marked(catalogue: Path, qapp: QApplication) -> Iterator[None]:
    translator = QTranslator()
    assert translator.load(str(catalogue))
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def _texts(widget: Any) -> list[str]:
    found = [widget.windowTitle()] if isinstance(widget, QDialog) else []
    found += [label.text() for label in widget.findChildren(QLabel)]
    found += [button.text() for button in widget.findChildren(QAbstractButton)]
    found += [
        action.text()
        for menu in widget.findChildren(QMenu)
        for action in menu.actions()
        if not action.isSeparator()
    ]
    found += [
        box.itemText(i) for box in widget.findChildren(QComboBox) for i in range(box.count())
    ]
    found += [one.accessibleName() for one in widget.findChildren(QAbstractButton)]
    return [text for text in found if any(c.isalpha() for c in text)]


def _names() -> set[str]:
    """What is the same in every language: keys, formats, figures, and Qt's own menus."""
    from framesift_app import actions
    from framesift_app.dialogs.exchange import formats
    from framesift_app.dialogs.preferences import spell

    keys = {key for entry in actions.TABLE for key in (spell(entry), *entry.keys)}
    return keys | {title for title, _ in formats()} | QTS | {"1×", "X", "K"}


@pytest.mark.usefixtures("marked")
def test_no_text_of_the_window_is_left_out(
    qtbot: Any, tmp_path: Path, narrow: Path, footage: Path, until: Any
) -> None:
    window = MainWindow()
    window.show()
    session = window.session
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    session.footage.add([footage])
    until(
        lambda: (
            session.footage.drives
            and session.detector.view
            and session.jobs.active("add") is None
            and session.selection.current is not None
        )
    )
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
        "detector",
    ):
        window.trigger(name)
    # What the engine says stays as it is.
    names = _names() | {session.selection.current.why_short()}
    plain = {
        text
        for text in _texts(window)
        if MARK not in text and text not in names and not any(name in text for name in OWN)
    }
    window.close()
    window.deleteLater()
    assert plain == set()


@pytest.mark.usefixtures("marked")
def test_what_the_session_says_is_translated(session: Any) -> None:
    from framesift.errors import InputError

    session.picks.add(None)
    assert session.errors[0][0].startswith(MARK)
    session.messages.fail(InputError("a sentence of the engine"))
    session.messages.fail(ValueError("a bug"))
    assert session.errors[2][0].startswith(MARK)
    assert session.footage.tr("Adding footage") == MARK + "Adding footage"
