"""The track in hand, and what is done with it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from framesift_app.panels.buttons import tool_button
from framesift_app.strings import tr, trf
from framesift_app.workbench import Workbench

FARTHEST = 3000
WIDE = 48
"""Of the field for frames, pixels."""


class TrackBar(QWidget):
    """Take an object in hand, follow it so many frames, confirm what was made of it."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench, tracks = bench, bench.tracks
        self.track = tool_button(
            tr("Track"),
            tr("The selected box's object over frames: draw it again in another one (Z)"),
            tracks.toggle,
        )
        self.follow = tool_button(
            tr("Follow"),
            tr("Carry its box through so many frames, by what they show (Shift+Z)"),
            tracks.follow,
            stays=False,
        )
        self.far = QSpinBox()
        self.far.setRange(1, FARTHEST)
        self.far.setValue(tracks.far)
        # The keys and the wheel change it, too; the panel is narrow.
        self.far.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.far.setMaximumWidth(WIDE)
        self.far.setAccessibleName(tr("Frames to follow"))
        self.far.setToolTip(tr("Frames to follow"))
        self.far.valueChanged.connect(tracks.set_far)
        self.confirm = tool_button(
            tr("Confirm"),
            tr("The boxes of tracks in this frame become labels (Ctrl+Enter)"),
            tracks.confirm,
            stays=False,
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.track, self.follow, self.far, self.confirm):
            row.addWidget(widget)
        bench.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the track in hand."""
        bench, hand = self._bench, self._bench.tracks.hand
        self.track.setText(tr("Track") if hand is None else trf("Track {0}", hand))
        self.track.setChecked(hand is not None)
        self.track.setEnabled(bench.editable)
        for widget in (self.follow, self.far):
            widget.setEnabled(bench.editable and hand is not None)
        self.confirm.setEnabled(bench.editable and bool(bench.tracks.derived()))
