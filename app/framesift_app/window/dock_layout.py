"""The docks: where they belong, and how the window remembers where they were put."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from framesift_app import settings
from framesift_app.session import Session
from framesift_app.strings import tr

if TYPE_CHECKING:
    from framesift_app.panels.checking import CheckPanel
    from framesift_app.panels.cycles import CyclesPanel
    from framesift_app.panels.footage import FootagePanel
    from framesift_app.panels.frames import FramesPanel
    from framesift_app.panels.gallery import GalleryPanel
    from framesift_app.panels.labels import LabelsPanel
    from framesift_app.panels.timeline import TimelinePanel
    from framesift_app.panels.training import TrainingPanel
    from framesift_app.panels.viewer import ViewerPanel

LAYOUT_VERSION = 4
LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
AREAS = {
    "footage": LEFT,
    "cycles": LEFT,
    "training": LEFT,
    "gallery": RIGHT,
    "frames": RIGHT,
    "check": RIGHT,
    "labels": RIGHT,
    "timeline": BOTTOM,
}
"""Where each dock belongs, in the order in which they are made."""
TABS = {"training": "cycles", "frames": "gallery", "check": "frames"}
"""Which docks are tabs beside which."""
SCROLLED = frozenset({"frames", "labels"})
"""Panels that scroll as a whole where the window is lower than they are."""


@dataclass(frozen=True, slots=True)
class Panels:
    """The panels of the window: the viewer in its middle, the others in docks."""

    viewer: ViewerPanel
    footage: FootagePanel
    cycles: CyclesPanel
    training: TrainingPanel
    gallery: GalleryPanel
    frames: FramesPanel
    check: CheckPanel
    labels: LabelsPanel
    timeline: TimelinePanel


class DockLayout:
    """The docks of a window, each around a panel. They are made when a project is opened for
    the first time: their imports would keep the welcome page waiting."""

    def __init__(
        self, window: QMainWindow, session: Session, trigger: Callable[[str], None]
    ) -> None:
        """`trigger`: carries out an action by its id."""
        self._window, self._session, self._trigger = window, session, trigger
        self._docks: dict[str, QDockWidget] = {}
        self._panels: Panels | None = None
        self._shown = False

    @property
    def panels(self) -> Panels:
        """The panels; they are made when they are first asked for."""
        if self._panels is None:
            self._panels = self._make_panels()
            self._make_docks(self._panels)
        return self._panels

    def __getitem__(self, name: str) -> QDockWidget:
        """The dock of a panel, by the panel's name."""
        return self._docks[name]

    def __len__(self) -> int:
        return len(self._docks)

    def _make_panels(self) -> Panels:
        from framesift_app.panels.checking import CheckPanel
        from framesift_app.panels.cycles import CyclesPanel
        from framesift_app.panels.footage import FootagePanel
        from framesift_app.panels.frames import FramesPanel
        from framesift_app.panels.gallery import GalleryPanel
        from framesift_app.panels.labels import LabelsPanel
        from framesift_app.panels.timeline import TimelinePanel
        from framesift_app.panels.training import TrainingPanel
        from framesift_app.panels.viewer import ViewerPanel

        session, trigger = self._session, self._trigger
        return Panels(
            ViewerPanel(session),
            FootagePanel(session, trigger),
            CyclesPanel(session, trigger),
            TrainingPanel(session, trigger),
            GalleryPanel(session),
            FramesPanel(session),
            CheckPanel(session),
            LabelsPanel(session),
            TimelinePanel(session),
        )

    def _make_docks(self, panels: Panels) -> None:
        from framesift_app.panels.scrolled import Scrolled

        titled: dict[str, tuple[str, QWidget]] = {
            "footage": (tr("Footage"), panels.footage),
            "cycles": (tr("Cycles"), panels.cycles),
            "training": (tr("Training"), panels.training),
            "gallery": (tr("Picks"), panels.gallery),
            "frames": (tr("Frames"), panels.frames),
            "check": (tr("Check"), panels.check),
            "labels": (tr("Labels"), panels.labels),
            "timeline": (tr("Timeline"), panels.timeline),
        }
        for name, area in AREAS.items():
            title, panel = titled[name]
            dock = QDockWidget(title, self._window)
            dock.setObjectName(name)
            dock.setWidget(Scrolled(panel) if name in SCROLLED else panel)
            self._docks[name] = dock
            self._window.addDockWidget(area, dock)
            dock.hide()
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            self._window.setCorner(corner, BOTTOM)

    # Showing

    def toggles(self) -> list[QAction]:
        """For each dock the action that shows and hides it."""
        return [dock.toggleViewAction() for dock in self._docks.values()]

    def show(self) -> None:
        """Shows the docks where they were put last, else where they belong."""
        if not self._shown:
            self._shown = True
            if not self._restore():
                self.reset()

    def hide(self) -> None:
        """Hides all docks, and remembers where they were."""
        self.save()
        self._shown = False
        for dock in self._docks.values():
            dock.hide()

    def raise_panel(self, name: str) -> None:
        """Brings a panel to the front of its tabs, if there are panels."""
        if name in self._docks:
            self._docks[name].raise_()

    def save(self) -> None:
        """Remembers where the docks are."""
        if self._shown:
            settings.put("window/geometry", self._window.saveGeometry())
            settings.put("window/state", self.state())

    def state(self) -> QByteArray:
        """Where the docks are, for `restore`."""
        return self._window.saveState(LAYOUT_VERSION)

    def restore(self, state: QByteArray) -> bool:
        """Puts the docks where they were; whether `state` said it."""
        self._take_out()
        return self._window.restoreState(state, LAYOUT_VERSION)

    def _take_out(self) -> None:
        """Takes all docks out of the window: their tabs would stay where they were."""
        for dock in self._docks.values():
            self._window.removeDockWidget(dock)
        layout = self._window.layout()
        if layout is not None:
            layout.activate()

    def _restore(self) -> bool:
        state = settings.get("window/state")
        if not isinstance(state, QByteArray) or not self.restore(state):
            return False
        return any(dock.isVisibleTo(self._window) for dock in self._docks.values())

    def reset(self) -> None:
        """Every panel where it belongs, at its size."""
        if not self._docks:
            return
        self._take_out()
        for name, dock in self._docks.items():
            self._window.addDockWidget(AREAS[name], dock)
            dock.setFloating(False)
            # Above each other, before they are tabs, they would make the window higher.
            dock.setVisible(name not in TABS)
        down, docks = Qt.Orientation.Vertical, self._docks
        self._window.splitDockWidget(docks["footage"], docks["cycles"], down)
        self._window.splitDockWidget(docks["gallery"], docks["labels"], down)
        for name, front in TABS.items():
            self._window.tabifyDockWidget(docks[front], docks[name])
            docks[name].show()
        docks["cycles"].raise_()
        docks["gallery"].raise_()
        width, height = self._window.width(), self._window.height()
        # The picks' buttons in one line, where there is room for them.
        right = 288 if width > 1200 else 252
        for orientation, sizes in (
            (
                Qt.Orientation.Horizontal,
                {"footage": max(232, width // 6), "gallery": max(right, width // 6)},
            ),
            (down, {"timeline": max(200, height * 29 // 100)}),
            (down, {"footage": height // 5, "cycles": height // 2}),
            (down, {"gallery": height * 2 // 5, "labels": height * 2 // 5}),
        ):
            self._window.resizeDocks(
                [docks[name] for name in sizes], list(sizes.values()), orientation
            )
