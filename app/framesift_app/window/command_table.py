"""The window's commands: an action for each entry of the table, and who carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from framesift_app.actions import ENTRIES, TABLE, WHEN, Entry, keys_of
from framesift_app.session import Session
from framesift_app.strings import tr

REPEATING = frozenset(
    {"back", "forward", "back_10", "forward_10", "undo", "redo", "zoom_in", "zoom_out"}
)
"""What goes on while its key is held."""


class CommandTable:
    """Each action by its id; menus, keys and buttons all come through `trigger`."""

    def __init__(
        self, window: QWidget, session: Session, handlers: Mapping[str, Callable[[], object]]
    ) -> None:
        """`handlers`: by id, one for every entry. Raises ValueError for an entry without a
        handler, or a handler without an entry."""
        if odd := ENTRIES.keys() ^ handlers.keys():
            raise ValueError(f"entries without a handler, or the reverse: {sorted(odd)}")
        self._session, self._handlers = session, handlers
        self._actions = {entry.id: self._action(entry, window) for entry in TABLE}
        self.apply_keys()

    def _action(self, entry: Entry, window: QWidget) -> QAction:
        action = QAction(tr(entry.text), window)
        action.setObjectName(entry.id)
        action.setCheckable(entry.checkable)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(entry.id in REPEATING)
        if entry.tip:
            action.setToolTip(tr(entry.tip))
            action.setStatusTip(tr(entry.tip))
        action.triggered.connect(lambda _checked=False: self.trigger(entry.id))
        window.addAction(action)
        return action

    def __getitem__(self, name: str) -> QAction:
        """An action of the table."""
        return self._actions[name]

    def trigger(self, name: str) -> None:
        """Carries an entry of the table out, where it makes sense now."""
        if WHEN[ENTRIES[name].when](self._session):
            self._handlers[name]()

    def apply_keys(self) -> None:
        """Gives every action its keys of now."""
        for name, action in self._actions.items():
            action.setShortcuts([QKeySequence(key) for key in keys_of(ENTRIES[name])])

    def refresh(self) -> None:
        """Enables what makes sense now, and says what would be undone."""
        session = self._session
        now = {name: holds(session) for name, holds in WHEN.items()}
        for name, action in self._actions.items():
            action.setEnabled(now[ENTRIES[name].when])
        for name, text, word in (
            ("undo", session.journal.undo_text, tr("&Undo")),
            ("redo", session.journal.redo_text, tr("&Redo")),
        ):
            self._actions[name].setText(f"{word}: {text}" if text else word)
        self._actions["choose"].setChecked(session.selection.choosing)
        self._actions["measuring"].setChecked(session.picks.measuring)
