"""What the workbench knows of the frame at the playhead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from framesift.labels import UNSEEN, FrameKey
from framesift_app.session import Session
from framesift_app.workbench.box_editing import BoxEditor
from framesift_app.workbench.mask_editing import MaskEditor
from framesift_app.workbench.playback import Playback


class WorkbenchCore(QObject):
    """Acts on the frame at the playhead, through the session."""

    changed = Signal()
    """Tool, class, selection, proposal or what is shown changed."""
    viewAsked = Signal(str)  # noqa: N815 (Qt's way of naming)
    """"fit", "in", "out" or "go": what the viewer shall do."""

    def __init__(self, session: Session) -> None:
        """Use `of`."""
        super().__init__(session)
        self.session = session
        self.editor = BoxEditor()
        self.playback = Playback(session, self)
        self.key: FrameKey | None = None
        self.heat = self.maxima = False
        self.boxes = False
        self.confidence = 0.5
        self.heat_opacity = 0.6
        self.heat_class = ""
        self.mask: MaskEditor | None = None
        self._proposal: int | None = None
        self._sized: FrameKey | None = None
        session.playheadChanged.connect(self._follow)
        session.projectChanged.connect(self._project_changed)
        session.labelsChanged.connect(self._labels_changed)
        session.proposalsChanged.connect(self._labels_changed)
        session.frameReady.connect(self._frame_ready)
        self.playback.changed.connect(self.changed)
        self._project_changed()

    # Following the session

    def _project_changed(self) -> None:
        self.mask = None
        if self.session.classes and self.editor.category not in self.session.classes:
            self.editor.category = self.session.classes[0]
        self._follow()

    def _follow(self) -> None:
        key = self.session.current_key
        if key != self.key:
            self.key = key
            self.editor.cancel()
            self.editor.selected = None
            self._proposal = None
        self._show()

    def _show(self) -> None:
        if self.key is None:
            self.editor.show(UNSEEN, 0, 0)
        else:
            width, height = self._size(self.key)
            self.editor.show(self.session.labels(self.key), width, height)
        self.changed.emit()

    def _size(self, key: FrameKey) -> tuple[float, float]:
        if self._sized == key:
            return self.editor.width, self.editor.height
        for drive in (*self.session.drives, *self.session.evaluation):
            for clip in drive.clips:
                if clip.id == key.video:
                    return clip.width, clip.height
        return 0, 0

    def _labels_changed(self, key: FrameKey) -> None:
        if key == self.key:
            self._show()

    def _frame_ready(self, drive: str, frame: int, image: NDArray[np.uint8]) -> None:
        # Stills of one folder differ in size: the picture itself counts.
        if self.session.playhead == (drive, frame):
            self._sized = self.key
            height, width = image.shape[:2]
            self.editor.width, self.editor.height = float(width), float(height)

    @property
    def shown_key(self) -> FrameKey | None:
        """The frame whose boxes are shown: the pick's while it is played around."""
        return self.playback.pinned or self.key

    @property
    def editable(self) -> bool:
        return self.key is not None and not self.playback.playing and self.mask is None
