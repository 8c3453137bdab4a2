"""Two cycles by clicks and keys, from the welcome page to a reopened project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QWidget,
)

from framesift.project import Project
from framesift.selection.choosing import choose
from framesift_app.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


class User:
    """Somebody with a mouse and a keyboard."""

    def __init__(self, qtbot: Any, until: Callable[[Callable[[], Any]], None]) -> None:
        self.bot, self.until = qtbot, until
        self.errors: list[tuple[str, str]] = []

    def starts(self, project: Path | None = None) -> None:
        self.window = MainWindow(project)
        self.session: Any = self.window.session
        self.session.messages.failed.connect(lambda *error: self.errors.append(error))
        self.window.resize(1440, 900)
        self.window.show()
        self.bot.waitExposed(self.window)

    def ends(self) -> None:
        self.window.close()
        self.window.deleteLater()

    def clicks(self, name: str, where: QWidget | None = None) -> None:
        button = (where or self.window).findChild(QPushButton, name)
        assert button is not None, name
        self.until(lambda: button.isVisible() and button.isEnabled())
        self.bot.mouseClick(button, LEFT)

    def chooses(self, name: str) -> None:
        """An entry of a menu."""
        action = self.window.findChild(QAction, name)
        self.until(action.isEnabled)
        action.trigger()

    @property
    def dialog(self) -> QDialog:
        return next(d for d in self.window.findChildren(QDialog) if d.isVisible())

    def types(self, widget: QWidget, text: str, key: Key = Key.Key_Tab) -> None:
        """Writes into a field in place of what is in it."""
        line = widget if isinstance(widget, QLineEdit) else widget.findChild(QLineEdit)
        assert line is not None
        line.selectAll()
        self.bot.keyClicks(line, text)
        self.bot.keyClick(line, key)

    def fills(self, name: str, text: str) -> None:
        """A field of the dialog."""
        for kind in (QLineEdit, QAbstractSpinBox):
            field = self.dialog.findChild(kind, name)
            if field is not None:
                self.types(field, text)
                return
        raise AssertionError(name)

    def presses(self, key: Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
        """A key while the viewer has the focus."""
        canvas = self.window.docks.panels.viewer.canvas
        self.window.activateWindow()
        canvas.setFocus()
        self.until(lambda: self.window.isActiveWindow() and canvas.hasFocus())
        self.bot.keyClick(canvas, key, modifier)

    def draws(self) -> Any:
        """A box over the middle of the frame; the frame's key."""
        canvas, key = self.window.docks.panels.viewer.canvas, self.session.playhead.key
        self.until(lambda: canvas.picture.key == key)
        boxes = len(self.session.labels.of(key).boxes)
        self.presses(Key.Key_B)
        middle = canvas.rect().center()
        self.bot.mousePress(canvas, LEFT, pos=middle - QPoint(60, 200))
        self.bot.mouseMove(canvas, middle)
        self.bot.mouseMove(canvas, middle + QPoint(60, 200))
        self.bot.mouseRelease(canvas, LEFT, pos=middle + QPoint(60, 200))
        self.until(lambda: len(self.session.labels.of(key).boxes) == boxes + 1)
        self.presses(Key.Key_Escape)
        return key

    def saved(self) -> None:
        self.until(lambda: not self.session.journal.writing)


def _drop(dialog: QWidget, path: Path) -> None:
    from PySide6.QtCore import QMimeData, QUrl

    held = QMimeData()
    held.setUrls([QUrl.fromLocalFile(str(path))])
    dialog.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, held, LEFT, Qt.KeyboardModifier.NoModifier
        )
    )


def _engine(folder: Path, session: Any) -> list[int]:
    with Project.open(folder, readonly=True) as project:
        inputs = project.ledger.inputs(session.scores.recipes())
        found = choose(inputs.pool(), session.selection.rules)
    return [pick.frame for pick in found.selection]


def _begin(user: User, footage: Path, narrow: Path, folder: Path) -> None:
    user.clicks("welcome_new")
    user.fills("folder", str(folder))
    user.fills("classes", "pedestrian, rider")
    detectors = user.dialog.findChild(QComboBox, "detector")
    user.until(lambda: detectors.count() > 2)
    user.bot.keyClick(detectors, Key.Key_End)
    user.fills("checkpoint", str(narrow))
    _drop(user.dialog, footage)
    user.fills("sample", "5")
    user.clicks("go", user.dialog)
    user.until(lambda: len(user.session.footage.sampled) == 5 and user.session.detector.view)


def _score(user: User, every: int = 1) -> None:
    user.clicks("score_button")
    assert "frames" in user.dialog.findChild(QWidget, "cost").text()
    user.fills("every", str(every))
    user.clicks("go", user.dialog)
    user.until(lambda: user.session.jobs.active("score"))
    user.until(
        lambda: user.session.jobs.active("score") is None and user.session.selection.settled
    )


def _measure(user: User) -> None:
    events = len(user.session.cycles.events)
    user.clicks("measure_button")
    user.until(
        lambda: (
            len(user.session.cycles.events) > events
            and not user.session.jobs.active("evaluate")
        )
    )


def _trains(user: User) -> None:
    user.clicks("go", user.dialog)
    training = user.session.training
    user.until(lambda: user.session.jobs.active("train") is None and not training.view.running)
    assert user.errors == []
    assert "the new detector is in use" in training.view.message
    user.until(lambda: user.session.cycles.all[-1].detector_out is not None)


def _label_to_measure(user: User) -> None:
    user.chooses("measuring")
    user.until(lambda: len(user.session.picks.all) == 5)
    user.presses(Key.Key_Space)
    for n in range(5):
        user.until(lambda: user.session.playhead.key in user.session.footage.sampled)
        key = user.session.playhead.key
        if n < 3:
            user.draws()
        else:
            user.presses(Key.Key_N)
        user.until(lambda key=key: user.session.labels.of(key).state != "unseen")
        user.presses(Key.Key_Space)
    user.saved()
    user.chooses("measuring")


@pytest.fixture
def user(qtbot: Any, until: Any) -> Iterator[User]:
    made = User(qtbot, until)
    yield made
    made.ends()


@pytest.mark.timeout(900)
def test_two_cycles(
    user: User, until: Any, footage: Path, narrow: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "week"
    user.starts()
    session = user.session
    _begin(user, footage, narrow, folder)
    _score(user)

    # Moving Δt1 moves the picks, as the engine says.
    rules = user.window.docks.panels.timeline.rules
    user.types(rules.budget.number, "4", Key.Key_Return)
    user.types(rules.delta2.number, "0.067", Key.Key_Return)
    until(lambda: session.selection.settled and session.selection.rules.budget == 4)
    picks = []
    for key in (Key.Key_Home, Key.Key_PageUp, Key.Key_End):
        user.bot.keyClick(rules.delta1.slider, key)
        until(lambda: session.selection.settled)
        picks.append([pick.drive_frame for pick in session.picks.all])
        assert picks[-1] == _engine(folder, session)
    assert len({tuple(one) for one in picks}) > 1
    user.types(rules.delta1.number, "0.2", Key.Key_Return)
    until(lambda: session.selection.settled and len(session.picks.all) == 4)
    offered = [pick.drive_frame for pick in session.picks.all]

    # The first cycle: three of its picks are labelled.
    user.presses(Key.Key_T, CTRL)
    until(
        lambda: (
            session.cycles.all and not session.selection.choosing and session.selection.settled
        )
    )
    assert [pick.drive_frame for pick in session.picks.all] == offered
    drawn = []
    for _ in range(2):
        drawn.append(user.draws())
        user.presses(Key.Key_Space)
        until(lambda: session.playhead.key != drawn[-1])
    third = session.playhead.key
    user.presses(Key.Key_N)
    until(lambda: session.labels.of(third).state == "nothing")
    user.saved()
    for action, keys, state in (("undo", CTRL, "unseen"), ("redo", CTRL | SHIFT, "nothing")):
        until(lambda action=action: user.window.commands[action].isEnabled())
        user.presses(Key.Key_Z, keys)
        until(lambda state=state: session.labels.of(third).state == state)
        user.saved()
    _label_to_measure(user)
    _measure(user)

    # Two epochs.
    user.clicks("train_button")
    assert "frames" in user.dialog.findChild(QWidget, "cost").text()
    for field, text in (("epochs", "2"), ("batch", "2"), ("min_height", "10")):
        user.fills(field, text)
    until(lambda: user.dialog.findChild(QWidget, "go").isEnabled())
    _trains(user)
    assert len(session.training.view.losses) >= 2
    table = user.window.findChild(QTableWidget, "cycles")
    until(lambda: table.rowCount() == 2)
    assert table.item(1, 1).text() == "3 of 4"

    # The second cycle: the new curve over the old one, and Δt2 keeps clear of the first.
    until(lambda: session.detector.view.source == session.detector.source)
    _score(user)
    _measure(user)
    (drive,) = session.footage.drives
    assert not np.array_equal(
        session.selection.earlier[drive.key], session.selection.smoothed[drive.key]
    )
    cycles = user.window.docks.panels.cycles
    assert [line.name for line in cycles._fixed.lines] == ["before", "now"]
    assert [point[0] for point in cycles._miss.lines[0].points] == [0, 1]
    until(lambda: len(session.measurements.curves) == 2)
    assert [line.name for line in cycles._curve.lines] == [
        "start · pedestrian",
        "cycle 1 · pedestrian",
    ]
    for line, (_, rate) in zip(cycles._curve.lines, cycles._miss.lines[0].points, strict=True):
        assert [y for x, y in line.points if x <= 1][-1] == pytest.approx(rate)
    until(lambda: session.selection.settled and user.window.commands["take"].isEnabled())
    user.presses(Key.Key_T, CTRL)
    until(lambda: len(session.cycles.all) == 2 and not session.selection.choosing)
    first, second = ([pick.key.frame for pick in cycle.picks] for cycle in session.cycles.all)
    assert min(abs(a - b) for a in first for b in second) > 2
    last = user.draws()
    user.saved()
    assert user.errors == []
    before = _all(session)
    user.ends()

    user.starts(folder)
    until(
        lambda: (
            user.session.selection.settled
            and user.session.scores.raw
            and user.session.journal.undo_text
            and user.session.picks.all
            and user.session.selection.earlier
        )
    )
    assert _all(user.session) == before
    assert user.session.labels.of(last).boxes
    assert user.errors == []


@pytest.mark.timeout(900)
def test_a_cycle_with_a_detector_of_torchvision(
    user: User, until: Any, footage: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torchvision")
    from framesift.detectors.files.checkpoint import load_detector, save_checkpoint

    checkpoint, folder = tmp_path / "fcos.safetensors", tmp_path / "week"
    save_checkpoint(
        checkpoint, load_detector("fcos_resnet50_fpn", "cpu", settings={"working_height": 96})
    )
    user.starts()
    session = user.session
    _begin(user, footage, checkpoint, folder)
    _score(user, every=6)
    rules = user.window.docks.panels.timeline.rules
    user.types(rules.budget.number, "2", Key.Key_Return)
    until(lambda: session.selection.settled and len(session.picks.all) == 2)
    assert [pick.drive_frame for pick in session.picks.all] == _engine(folder, session)
    user.presses(Key.Key_T, CTRL)
    until(
        lambda: (
            session.cycles.all and not session.selection.choosing and session.selection.settled
        )
    )
    for _ in range(2):
        key = user.draws()
        user.presses(Key.Key_Space)
        until(lambda key=key: session.playhead.key != key)
    _label_to_measure(user)
    _measure(user)
    before = {key: values.copy() for key, values in session.scores.raw.items()}

    user.clicks("train_button")
    for field, text in (("epochs", "2"), ("batch", "2"), ("min_height", "10")):
        user.fills(field, text)
    until(lambda: user.dialog.findChild(QWidget, "go").isEnabled())
    _trains(user)
    until(lambda: session.detector.view.source == session.detector.source)
    tuned = load_detector(folder / session.detector.source, "cpu")
    assert (tuned.architecture, tuned.classes) == ("fcos_resnet50_fpn", ("pedestrian", "rider"))
    _score(user, every=6)
    _measure(user)
    assert [event.kind for event in session.cycles.events].count("evaluation") == 2
    assert any(
        not np.array_equal(before[key], session.scores.raw[key], equal_nan=True)
        for key in before
    )
    assert user.errors == []


def _all(session: Any) -> dict[str, Any]:
    """What must be there again."""
    return {
        "labels": dict(session.labels._labels),
        "rules": session.selection.rules,
        "picks": session.picks.all,
        "undo": session.journal.undo_text,
        "sampled": session.footage.sampled,
        "detector": session.detector.source,
        "cycles": [(c.number, c.hash, c.detector, c.to_label) for c in session.cycles.all],
        "scores": {key: values.tobytes() for key, values in session.scores.raw.items()},
        "earlier": sorted(session.selection.earlier),
    }
