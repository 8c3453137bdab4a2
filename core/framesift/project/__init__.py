"""The project folder: one SQLite database, its checkpoints and reports.

    with Project.open("week47") as project:
        project.labels.change({FrameKey("monday", 12): FrameLabels.of(boxes)}, text="2 boxes")

See resources/docs/project.md for what is kept, and how safely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.project.chunks import MAXIMA as MAXIMA
    from framesift.project.chunks import identity_of as identity_of
    from framesift.project.inputs import SelectionInputs as SelectionInputs
    from framesift.project.inputs import by_drive as by_drive
    from framesift.project.journal_lines import Gesture as Gesture
    from framesift.project.masks import CameraMask as CameraMask
    from framesift.project.masks import rectangle as rectangle
    from framesift.project.pictures import Mismatch as Mismatch
    from framesift.project.project import FILE as FILE
    from framesift.project.project import Project as Project
    from framesift.project.records import CheckpointRecord as CheckpointRecord
    from framesift.project.records import Cycle as Cycle
    from framesift.project.records import Event as Event
    from framesift.project.records import LabelClass as LabelClass
    from framesift.project.records import PickRecord as PickRecord
    from framesift.project.records import ProjectThen as ProjectThen
    from framesift.project.records import Role as Role
    from framesift.project.records import SeriesRecord as SeriesRecord
    from framesift.project.records import Status as Status
    from framesift.project.records import StoredDrive as StoredDrive
    from framesift.project.records import VideoRecord as VideoRecord
    from framesift.project.series_writer import SeriesWriter as SeriesWriter
    from framesift.project.subjects import ClassesKey as ClassesKey
    from framesift.project.subjects import PickKey as PickKey
    from framesift.project.subjects import SampleKey as SampleKey
    from framesift.project.subjects import VideoKey as VideoKey
    from framesift.project.tracks import StoredTrack as StoredTrack
    from framesift.project.training import training_set as training_set
    from framesift.project.verify import check_pictures as check_pictures
    from framesift.project.verify import fill_pictures as fill_pictures
else:
    __getattr__ = lazily(
        __name__,
        {
            "CameraMask": "masks",
            "CheckpointRecord": "records",
            "ClassesKey": "subjects",
            "Cycle": "records",
            "Event": "records",
            "FILE": "project",
            "Gesture": "journal_lines",
            "LabelClass": "records",
            "MAXIMA": "chunks",
            "Mismatch": "pictures",
            "PickKey": "subjects",
            "PickRecord": "records",
            "Project": "project",
            "ProjectThen": "records",
            "Role": "records",
            "SampleKey": "subjects",
            "SelectionInputs": "inputs",
            "SeriesRecord": "records",
            "SeriesWriter": "series_writer",
            "Status": "records",
            "StoredDrive": "records",
            "StoredTrack": "tracks",
            "VideoKey": "subjects",
            "VideoRecord": "records",
            "by_drive": "inputs",
            "check_pictures": "verify",
            "fill_pictures": "verify",
            "identity_of": "chunks",
            "rectangle": "masks",
            "training_set": "training",
        },
    )

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


def __dir__() -> list[str]:
    return sorted(__all__)
