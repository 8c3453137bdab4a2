"""What `select --out` leaves behind: pictures, selection.json, picks.csv and report.html."""

from framesift.report.model import PickRow, SelectionReport, VideoRow, clock, rows
from framesift.report.writing import Written, selection_document, write_selection

__all__ = [
    "PickRow",
    "SelectionReport",
    "VideoRow",
    "Written",
    "clock",
    "rows",
    "selection_document",
    "write_selection",
]


def __dir__() -> list[str]:
    return sorted(__all__)
