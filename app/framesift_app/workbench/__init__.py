"""What the panels share beside the project: the tool in hand, the selected box, what is shown.

Every key of the window that labels or shows is a gesture here.
"""

from __future__ import annotations

from framesift_app.workbench.gestures import GESTURES
from framesift_app.workbench.workbench import Workbench

__all__ = ["GESTURES", "Workbench"]
