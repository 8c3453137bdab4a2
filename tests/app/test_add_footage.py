"""Footage of which something has to be said when it is added: which stream, which rate."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton

from framesift_app.dialogs.add_footage import AddFootageDialog
from framesift_app.dialogs.exchange import ExportDialog, ImportDialog
from framesift_app.window import MainWindow

_spec = importlib.util.spec_from_file_location("media", Path(__file__).parents[1] / "media.py")
assert _spec is not None
assert _spec.loader is not None
media = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(media)


@pytest.fixture
def window(qtbot: Any, narrow: Path, tmp_path: Path, until: Any) -> Iterator[MainWindow]:
    """A window with an empty project."""
    made = MainWindow()
    made.show()
    qtbot.waitExposed(made)
    session: Any = made.session
    session.errors = []
    session.messages.failed.connect(lambda *error: session.errors.append(error))
    session.new_project(tmp_path / "week", ["pedestrian"], str(narrow))
    until(lambda: session.folder is not None)
    yield made
    made.close()
    made.deleteLater()


def asked(window: MainWindow, until: Any) -> AddFootageDialog:
    """The dialog that came up by itself."""

    def there() -> list[AddFootageDialog]:
        return [one for one in window.findChildren(AddFootageDialog) if one.isVisible()]

    until(there)
    return there()[0]


def says(dialog: AddFootageDialog, **fields: str) -> None:
    for name, text in fields.items():
        field = dialog.findChild(QLineEdit, name)
        assert field is not None
        field.setText(text)
    go = dialog.findChild(QPushButton, "go")
    assert go is not None
    go.click()


def test_either_or_both_streams_of_a_file(
    window: MainWindow, until: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = media.two_streams(tmp_path / "rearfront.mp4")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    session: Any = window.session
    for number, width in enumerate((64, 32)):
        window.trigger("add")
        dialog = asked(window, until)
        words = dialog.findChild(QLabel, "open")
        until(words.text)
        assert "0 (mpeg4 64×48), 1 (mpeg4 32×24)" in words.text()
        says(dialog, stream=str(number))
        until(lambda so_far=number: len(session.footage.drives) == so_far + 1)
        assert session.footage.drives[-1].clips[0].width == width
    assert session.errors == []


def test_a_folder_of_pictures_at_its_rate(
    window: MainWindow, until: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kitti"
    folder.mkdir()
    for number, image in enumerate(media.pictures(6)):
        (folder / f"{number:06d}.jpg").write_bytes(media.jpeg(image))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    session: Any = window.session
    window.trigger("add_folder")
    dialog = asked(window, until)
    says(dialog, fps="fast")
    assert "Frame rate" in dialog.problem.text()
    says(dialog, fps="10")
    until(lambda: session.footage.drives)
    assert session.footage.drives[0].clips[0].fps == 10
    assert session.errors == []


def test_nothing_is_asked_where_nothing_is_open(
    window: MainWindow,
    footage: Path,
    until: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(footage)], ""))
    window.trigger("add")
    session: Any = window.session
    until(lambda: session.footage.drives)
    assert not window.findChildren(AddFootageDialog)
    # A rate that a file states and that is wrong can be said all the same.
    window.trigger("add_read")
    dialog = asked(window, until)
    path = media.encode(tmp_path / "lies.mp4", media.pictures(6), rate=25)
    says(dialog)
    assert "Choose the footage" in dialog.problem.text()
    dialog.footage.add([path])
    says(dialog, fps="5")
    until(lambda: len(session.footage.drives) == 2)
    assert session.footage.drives[1].clips[0].fps == 5
    assert session.errors == []


def test_all_that_an_exchange_can_be_told_reaches_the_engine(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, dict[str, Any]] = {}
    exchange = window.session.exchange
    for name in ("import_labels", "export_labels"):
        monkeypatch.setattr(
            exchange, name, lambda *_, key=name, **given: told.update({key: given})
        )
    (tmp_path / "labels.json").write_text("{}")
    into, out = ImportDialog(window.session), ExportDialog(window.session)
    into._path.edit.setText(str(tmp_path / "labels.json"))
    into.rows.show_values({"count_from": 1, "confirm": True, "outlines": True})
    into.rows.show_values({"square_pixels": True})
    out.rows.show_values({"part": "measuring", "derived": True, "square_pixels": True})
    into.accept()
    out.accept()
    given = told["import_labels"]
    assert {given[name] for name in ("confirm", "outlines", "square_pixels")} == {True}
    assert (given["count_from"], given["keep"], given["by_order"]) == (1, False, False)
    given = told["export_labels"]
    assert (given["part"], given["derived"], given["square_pixels"]) == (
        "measuring",
        True,
        True,
    )
