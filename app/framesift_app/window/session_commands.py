"""The actions that the session or the workbench carries out by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from framesift_app.actions import ENTRIES
from framesift_app.session import Session
from framesift_app.strings import tr
from framesift_app.workbench import GESTURES, Workbench


def session_commands(session: Session) -> dict[str, Callable[[], None]]:
    """What is done to the project, and to the frame at the playhead, by the action's id."""
    return {
        **{
            name: partial(_act, session, gesture)
            for name, gesture in GESTURES.items()
            if name in ENTRIES
        },
        "close": session.close_project,
        "undo": session.journal.undo,
        "redo": session.journal.redo,
        "take": session.picks.take,
        "choose": lambda: session.selection.choose_next(not session.selection.choosing),
        "measuring": lambda: session.picks.measure(not session.picks.measuring),
        "write_report": session.reports.write,
        "report": partial(_open_report, session),
    }


def _act(session: Session, gesture: Callable[[Workbench], None]) -> None:
    gesture(Workbench.of(session))


def _open_report(session: Session) -> None:
    from framesift_app.desktop import open_with_desktop

    path = session.reports.latest()
    if path is None:
        session.messages.tell(tr("There is no report yet; measure the detector first."))
    else:
        open_with_desktop(path)
