"""The proposals of the frame: which one is chosen, and deciding on it or on all."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from framesift.labels import FrameKey, Proposal
from framesift_app.session.proposals import Proposals as Proposed


class Proposals(QObject):
    """The detector's open proposals for the frame that is shown."""

    changed = Signal()

    def __init__(
        self,
        proposed: Proposed,
        shown: Callable[[], FrameKey | None],
        editable: Callable[[], FrameKey | None],
    ) -> None:
        """`shown`: the frame whose proposals are shown, `editable`: that may be decided on;
        None while there is none."""
        super().__init__()
        self._proposed, self._shown, self._editable = proposed, shown, editable
        self._chosen: int | None = None

    def all(self) -> tuple[Proposal, ...]:
        """The open proposals, the surest first."""
        key = self._shown()
        return () if key is None else self._proposed.of(key)

    def current(self) -> Proposal | None:
        """The one that Enter accepts: the chosen one, else the surest."""
        proposals = self.all()
        first = proposals[0] if proposals else None
        return next((p for p in proposals if p.id == self._chosen), first)

    def choose(self, number: int | None) -> None:
        """Chooses one by its id."""
        self._chosen = number
        self.changed.emit()

    def forget(self) -> None:
        """Chooses none; another frame is shown."""
        self._chosen = None

    def accept(self) -> None:
        self._decide(self._proposed.accept, every=False)

    def accept_all(self) -> None:
        self._decide(self._proposed.accept, every=True)

    def reject(self) -> None:
        self._decide(self._proposed.reject, every=False)

    def reject_all(self) -> None:
        self._decide(self._proposed.reject, every=True)

    def _decide(
        self, decide: Callable[[FrameKey, list[int] | None], None], *, every: bool
    ) -> None:
        proposal, key = self.current(), self._editable()
        if key is not None and proposal is not None:
            decide(key, None if every else [proposal.id])
            self._chosen = None
