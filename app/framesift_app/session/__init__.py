"""The session: everything that the panels know of the open project."""

from framesift_app.session.frames import Filter
from framesift_app.session.session import Session
from framesift_app.session.training import TrainingView
from framesift_app.session.views import PickState, PickView
from framesift_app.workers.jobs import JobView

__all__ = ["Filter", "JobView", "PickState", "PickView", "Session", "TrainingView"]
