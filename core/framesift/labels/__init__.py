"""Labels: what a person says about a frame, as values; the edits that change it; and stores."""

from framesift.labels.checking import CUT, checked
from framesift.labels.edits import Edit, EditGroup, Journal, put
from framesift.labels.labels import (
    NOT_WEAK,
    STATES,
    UNSEEN,
    FrameKey,
    FrameLabels,
    Picture,
    Point,
    State,
    Weak,
    picture_hash,
)
from framesift.labels.proposals import Proposal, accept, reject, undecided
from framesift.labels.store import (
    LabelEdit,
    LabelGroup,
    LabelStore,
    MemoryLabels,
    edits_between,
)
from framesift.labels.weak import (
    box_of_extremes,
    done_weakly,
    verified,
    with_denied,
    with_points,
    with_tags,
    without_points,
)

__all__ = [
    "CUT",
    "NOT_WEAK",
    "STATES",
    "UNSEEN",
    "Edit",
    "EditGroup",
    "FrameKey",
    "FrameLabels",
    "Journal",
    "LabelEdit",
    "LabelGroup",
    "LabelStore",
    "MemoryLabels",
    "Picture",
    "Point",
    "Proposal",
    "State",
    "Weak",
    "accept",
    "box_of_extremes",
    "checked",
    "done_weakly",
    "edits_between",
    "picture_hash",
    "put",
    "reject",
    "undecided",
    "verified",
    "with_denied",
    "with_points",
    "with_tags",
    "without_points",
]


def __dir__() -> list[str]:
    return sorted(__all__)
