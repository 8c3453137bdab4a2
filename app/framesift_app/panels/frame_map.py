"""All frames as a map: what looks alike is close, and what is picked and labelled is seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from framesift_app import theme
from framesift_app.panels.colours import scheme
from framesift_app.panels.context import Entry
from framesift_app.panels.plotting.scatter import Kind, Scatter
from framesift_app.session import Session
from framesift_app.strings import _, number, tr, trf

KINDS = {
    "other": _("other frames"),
    "pick": _("picks"),
    "labelled": _("labelled"),
    "measuring": _("measuring set"),
}
"""The lowest first."""
MARKS = {"other": "●", "pick": "◆", "labelled": "●", "measuring": "■"}
DONE = ("labelled", "nothing", "weak")


class FrameMapDialog(QDialog):
    """A point per frame. A click shows the frame; a rectangle chooses several, which the list
    of frames then shows."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Map of frames"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(480, 420)
        self.resize(720, 600)
        self._session = session
        self.scatter = Scatter(self._entries)
        self.scatter.setParent(self)
        self.scatter.field.setAccessibleName(self.windowTitle())
        self.legend, self.about = QLabel(), _muted(tr("Comparing the frames…"))
        self.show_list = QPushButton(tr("Show in the list"))
        self.show_list.setObjectName("show_list")
        self.show_list.setToolTip(tr("The list of frames has the chosen ones, and no others"))
        self._lay_out()
        self.scatter.clicked.connect(self._go)
        self.scatter.chosenChanged.connect(self._tell)
        self.show_list.clicked.connect(self._list)
        session.frame_maps.changed.connect(self.refresh)
        session.frames.changed.connect(self.refresh)
        session.picks.changed.connect(self.refresh)
        theme.current().changed.connect(self.refresh)
        session.frame_maps.make()
        self.refresh()
        self.scatter.field.setFocus()

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.show_list, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        words = _muted(
            tr(
                "Frames that look alike are close to each other. Click one to see it; drag to "
                "choose several; the wheel zooms, the middle button moves. Arrow keys go from "
                "frame to frame, Page Up and Page Down in their order; Enter shows one, Space "
                "marks it."
            )
        )
        foot = QHBoxLayout()
        foot.addWidget(self.about, 1)
        foot.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(words)
        column.addWidget(self.legend)
        column.addWidget(self.scatter.field, 1)
        column.addLayout(foot)

    def refresh(self) -> None:
        """Draws the map that is there, in the colours of now."""
        maps = self._session.frame_maps
        if maps.latest is None:
            self.about.setText(maps.problem or tr("Comparing the frames…"))
            self.show_list.setEnabled(False)
            return
        numbers, kinds = self._numbers(), self._kinds()
        self.scatter.draw(maps.latest.points, [(kinds[name], numbers[name]) for name in KINDS])
        self.legend.setText(
            "  ".join(
                f'<span style="color:{kinds[name].colour.name()}">{MARKS[name]}</span> '
                f"{tr(KINDS[name])} {number(len(numbers[name]))}"
                for name in KINDS
            )
        )
        self._tell()

    def _numbers(self) -> Mapping[str, NDArray[np.int64]]:
        """The points of each kind."""
        session, latest = self._session, self._session.frame_maps.latest
        known = {pick.key: "pick" for pick in session.picks.all}
        for view in session.frames.all:
            if view.measuring:
                known[view.key] = "measuring"
            elif view.state in DONE:
                known[view.key] = "labelled"
            elif view.picked:
                known[view.key] = "pick"
        kinds = np.array(
            [known.get(key, "other") for key in (latest.keys if latest else ())], object
        )
        return {name: np.flatnonzero(kinds == name) for name in KINDS}

    def _kinds(self) -> Mapping[str, Kind]:
        colours = scheme()
        return {
            "other": Kind("o", 6, colours.faint),
            "pick": Kind("d", 11, colours.pick),
            "labelled": Kind("o", 9, colours.labelled),
            "measuring": Kind("s", 9, colours.accent),
        }

    def _tell(self) -> None:
        latest, chosen = self._session.frame_maps.latest, len(self.scatter.chosen)
        if latest is None:
            return
        self.show_list.setEnabled(chosen > 0)
        words = trf("{0} of {1} frames chosen", number(chosen), number(len(latest.keys)))
        if latest.every > 1:
            words += tr("; ") + trf("every {0}th frame is shown", number(latest.every))
        self.about.setText(words)
        self.scatter.field.setAccessibleDescription(words)

    def _go(self, point: int) -> None:
        latest = self._session.frame_maps.latest
        if latest is not None:
            self._session.playhead.go_to_key(latest.keys[point])

    def _list(self) -> None:
        latest = self._session.frame_maps.latest
        if latest is not None:
            keys = [latest.keys[n] for n in self.scatter.chosen.tolist()]
            self._session.frames.choose(keys)

    def _entries(self) -> tuple[Entry, ...]:
        return (
            (tr("Show all points"), self.scatter.fit),
            (tr("Show in the list"), self._list),
        )


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("role", "muted")
    return label
