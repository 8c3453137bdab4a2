"""What the panels share beside the project: the tool in hand, the selected box, what is shown.

Every key of the window that labels or looks is a slot here.
"""

from __future__ import annotations

from framesift_app.session import Session
from framesift_app.workbench.labelling import Labelling

__all__ = ["Workbench"]


class Workbench(Labelling):
    """Acts on the frame at the playhead, through the session."""

    @staticmethod
    def of(session: Session) -> Workbench:
        """The session's one workbench."""
        found = session.findChild(Workbench)
        return found if isinstance(found, Workbench) else Workbench(session)
