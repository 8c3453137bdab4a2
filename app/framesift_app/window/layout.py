"""The docks: where they belong, and how the window remembers where they were put."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget

from framesift_app import settings
from framesift_app.session import Session
from framesift_app.strings import tr

LAYOUT_VERSION = 2


class Layout(QMainWindow):
    """A window with docks around a viewer."""

    session: Session
    docks: dict[str, QDockWidget]
    panels: dict[str, Any]
    _stack: QStackedWidget
    _laid_out: bool

    def trigger(self, name: str) -> None:
        raise NotImplementedError

    def build_panels(self) -> None:
        """Makes the docks; once, when a project is opened for the first time."""
        if self.docks:
            return
        from framesift_app.panels.cycles import CyclesPanel
        from framesift_app.panels.footage import FootagePanel
        from framesift_app.panels.gallery import GalleryPanel
        from framesift_app.panels.labels import LabelsPanel
        from framesift_app.panels.timeline import TimelinePanel
        from framesift_app.panels.training import TrainingPanel
        from framesift_app.panels.viewer import ViewerPanel

        session = self.session
        viewer = ViewerPanel(session)
        self.panels["viewer"] = viewer
        self._stack.addWidget(viewer)
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        right = Qt.DockWidgetArea.RightDockWidgetArea
        for name, title, panel, area in (
            ("footage", tr("Footage"), FootagePanel(session, self.trigger), left),
            ("cycles", tr("Cycles"), CyclesPanel(session, self.trigger), left),
            ("training", tr("Training"), TrainingPanel(session, self.trigger), left),
            ("gallery", tr("Picks"), GalleryPanel(session), right),
            ("labels", tr("Labels"), LabelsPanel(session), right),
            (
                "timeline",
                tr("Timeline"),
                TimelinePanel(session),
                Qt.DockWidgetArea.BottomDockWidgetArea,
            ),
        ):
            dock = QDockWidget(title, self)
            dock.setObjectName(name)
            dock.setWidget(panel)
            self.docks[name], self.panels[name] = dock, panel
            self.addDockWidget(area, dock)
            dock.hide()
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            self.setCorner(corner, Qt.DockWidgetArea.BottomDockWidgetArea)

    def reset_layout(self) -> None:
        """Every panel where it belongs, at its size."""
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        right = Qt.DockWidgetArea.RightDockWidgetArea
        for name, dock in self.docks.items():
            dock.setFloating(False)
            area = {
                "gallery": right,
                "labels": right,
                "timeline": Qt.DockWidgetArea.BottomDockWidgetArea,
            }.get(name, left)
            self.addDockWidget(area, dock)
            dock.show()
        if not self.docks:
            return
        d = self.docks
        self.splitDockWidget(d["footage"], d["cycles"], Qt.Orientation.Vertical)
        self.tabifyDockWidget(d["cycles"], d["training"])
        self.splitDockWidget(d["gallery"], d["labels"], Qt.Orientation.Vertical)
        d["cycles"].raise_()
        width, height = self.width(), self.height()
        self.resizeDocks(
            [d["footage"], d["gallery"]],
            [max(256, width // 6), max(264, width // 6)],
            Qt.Orientation.Horizontal,
        )
        self.resizeDocks(
            [d["timeline"]], [max(250, height * 29 // 100)], Qt.Orientation.Vertical
        )
        self.resizeDocks(
            [d["footage"], d["cycles"]], [height // 5, height // 2], Qt.Orientation.Vertical
        )
        self.resizeDocks(
            [d["gallery"], d["labels"]], [height // 2, height // 4], Qt.Orientation.Vertical
        )

    def _save_layout(self) -> None:
        if self._laid_out:
            settings.put("window/geometry", self.saveGeometry())
            settings.put("window/state", self.saveState(LAYOUT_VERSION))

    def _restore_layout(self) -> bool:
        state = settings.get("window/state")
        if not isinstance(state, QByteArray) or not self.restoreState(state, LAYOUT_VERSION):
            return False
        return any(dock.isVisibleTo(self) for dock in self.docks.values())
