"""The project folder: one SQLite database, its checkpoints and reports.

    with Project.open("week47") as project:
        project.labels.change({FrameKey("monday", 12): FrameLabels.of(boxes)}, text="2 boxes")

See resources/docs/project.md for what is kept, and how safely.
"""

from framesift.project.chunks import MAXIMA, identity_of
from framesift.project.inputs import SelectionInputs, by_drive
from framesift.project.journal import Gesture
from framesift.project.masks import CameraMask, rectangle
from framesift.project.pictures import Mismatch
from framesift.project.project import FILE, Project
from framesift.project.records import (
    CheckpointRecord,
    Cycle,
    Event,
    LabelClass,
    PickRecord,
    ProjectThen,
    Role,
    SeriesRecord,
    Status,
    StoredDrive,
    VideoRecord,
)
from framesift.project.series_writer import SeriesWriter
from framesift.project.subjects import ClassesKey, PickKey, SampleKey, VideoKey
from framesift.project.tracks import StoredTrack
from framesift.project.training import training_set
from framesift.project.verify import check_pictures, fill_pictures

__all__ = [
    "FILE",
    "MAXIMA",
    "CameraMask",
    "CheckpointRecord",
    "ClassesKey",
    "Cycle",
    "Event",
    "Gesture",
    "LabelClass",
    "Mismatch",
    "PickKey",
    "PickRecord",
    "Project",
    "ProjectThen",
    "Role",
    "SampleKey",
    "SelectionInputs",
    "SeriesRecord",
    "SeriesWriter",
    "Status",
    "StoredDrive",
    "StoredTrack",
    "VideoKey",
    "VideoRecord",
    "by_drive",
    "check_pictures",
    "fill_pictures",
    "identity_of",
    "rectangle",
    "training_set",
]
