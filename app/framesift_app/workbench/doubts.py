"""The doubts of the label check: which one is looked at, and deciding on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from framesift.labels import FrameKey
from framesift_app.session.checking import Checking
from framesift_app.session.playhead import Playhead

if TYPE_CHECKING:
    from framesift.loop import Doubt


class Doubts(QObject):
    """`kinds`: those that are gone through; none named: all."""

    changed = Signal()

    def __init__(
        self,
        checking: Checking,
        playhead: Playhead,
        select: Callable[[int | None], None],
        editable: Callable[[], FrameKey | None],
    ) -> None:
        """`select`: selects a box of the frame that is shown; `editable`: the frame whose
        labels may be changed."""
        super().__init__()
        self._checking, self._playhead = checking, playhead
        self._select, self._editable = select, editable
        self._at = 0
        self._chosen: Doubt | None = None
        self.kinds: frozenset[str] = frozenset()
        checking.changed.connect(self._follow)

    def all(self) -> tuple[Doubt, ...]:
        """The open doubts of the kinds that are gone through."""
        return tuple(
            doubt
            for doubt in self._checking.open
            if not self.kinds or doubt.disagreement.kind in self.kinds
        )

    @property
    def current(self) -> Doubt | None:
        """The one that is looked at: its frame is the one that is shown."""
        doubt = self._chosen
        return doubt if doubt is not None and doubt.key == self._playhead.key else None

    def show_kinds(self, *kinds: str) -> None:
        """Goes through some kinds only; none: all."""
        self.kinds = frozenset(kinds)
        self._at, self._chosen = 0, None
        self.changed.emit()

    def choose(self, place: int) -> None:
        """Looks at an open doubt by its place in the list: goes to its frame, with its label
        selected."""
        doubts = self.all()
        if doubts:
            self._at = place % len(doubts)
            self._chosen = doubt = doubts[self._at]
            self._playhead.go_to_key(doubt.key)
            self._select(doubt.label)
        self.changed.emit()

    def next(self) -> None:
        """Leaves this one undecided, and goes to the next."""
        self.choose(self._at + 1 if self.current is not None else self._at)

    def keep(self) -> None:
        """The labels are right."""
        self._decide(self._checking.keep)

    def mend(self) -> None:
        """The detector is right. A label for which it has no box stays in hand, to be changed
        by its handles, or to get another class."""
        doubt = self.current
        if doubt is not None and doubt.disagreement.detected is None:
            self._select(doubt.label)
        else:
            self._decide(self._checking.mend)

    def delete(self) -> bool:
        """The doubted label goes; False where none is looked at."""
        doubt = self.current
        if doubt is None or doubt.label is None or self._editable() != doubt.key:
            return False
        self._checking.delete(doubt)
        return True

    def _decide(self, decide: Callable[[Doubt], None]) -> None:
        doubt = self.current
        if doubt is not None and self._editable() == doubt.key:
            decide(doubt)

    def _follow(self) -> None:
        """Goes on where the one that was looked at has been decided; undo brings it back."""
        chosen, doubts = self._chosen, self.all()
        if chosen is None or chosen in doubts:
            if chosen is not None:
                self._at = doubts.index(chosen)
            self.changed.emit()
        elif doubts and chosen.key == self._playhead.key:
            self.choose(min(self._at, len(doubts) - 1))
        else:
            self._chosen = None
            self.changed.emit()
