"""A tour of six steps over the window; it can be left at any of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from framesift_app import theme
from framesift_app.strings import _, tr, trf

STEPS: tuple[tuple[str, str], ...] = (
    (
        "footage",
        _(
            "Footage: the drives of the project, and how much of each is scored. Drop videos "
            "or folders here."
        ),
    ),
    (
        "timeline",
        _(
            "Timeline: where the detector is unsure. Marks are the picks, bands what they keep "
            "clear. Drag on its axis to move the picture; Legend explains the rest."
        ),
    ),
    (
        "gallery",
        _(
            "Picks: the frames most worth labelling. Take them to begin a cycle; Space goes "
            "from one to the next."
        ),
    ),
    (
        "labels",
        _(
            "Labels: B draws a box, Enter accepts what the detector proposes, N says that "
            "nothing is there. D says that the frame is done: only then it trains."
        ),
    ),
    (
        "training",
        _(
            "Training: fine-tunes the detector on what you labelled, while you go on. Stopping "
            "early keeps what it learnt."
        ),
    ),
    (
        "cycles",
        _(
            "Cycles: measure the detector after each, and see what your labels changed. Then "
            "score again, and take the next picks."
        ),
    ),
)
"""The panel that each step is about, and what there is to say."""


class Tour(QFrame):
    """A bar with the words of a step; `ended` when the person has seen enough."""

    ended = Signal()

    def __init__(self, show_panel: Callable[[str], None]) -> None:
        """`show_panel`: brings a panel into sight by its name."""
        super().__init__()
        self.setObjectName("tour")
        self._show_panel = show_panel
        self.step = 0
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.next = self._button("tour_next", self.go_on)
        self.skip = self._button("tour_skip", self.end)
        self.skip.setText(tr("Skip the tour"))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.next)
        row.addWidget(self.skip)
        theme.current().changed.connect(self._dress)
        self._dress()
        self.hide()

    def _button(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton()
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: action())
        return button

    def begin(self) -> None:
        """Shows the first step."""
        self.step = 0
        self._show_step()
        self.show()

    def go_on(self) -> None:
        """Shows the next step; after the last one there is none."""
        self.step += 1
        if self.step == len(STEPS):
            self.end()
        else:
            self._show_step()

    def end(self) -> None:
        """Ends the tour."""
        if not self.isHidden():
            self.hide()
            self.ended.emit()

    def _show_step(self) -> None:
        name, words = STEPS[self.step]
        self.words.setText(trf("{0} of {1} · {2}", self.step + 1, len(STEPS), tr(words)))
        last = self.step == len(STEPS) - 1
        self.next.setText(tr("Done") if last else tr("Next"))
        self.skip.setVisible(not last)
        self._show_panel(name)

    def _dress(self) -> None:
        colours = theme.colours()
        self.setStyleSheet(
            f"QFrame#tour {{ background: {colours.raised}; border: none; "
            f"border-left: 4px solid {colours.accent}; "
            f"border-bottom: 1px solid {colours.border}; }}"
        )
