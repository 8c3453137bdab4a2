"""Labels: what a person says about a frame, as values; the edits that change it; and stores."""

from framesift.labels.checking import CUT, checked
from framesift.labels.edits import Edit, EditGroup, Journal, put
from framesift.labels.labels import (
    STATES,
    UNSEEN,
    FrameKey,
    FrameLabels,
    Picture,
    State,
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

__all__ = [
    "CUT",
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
    "Proposal",
    "State",
    "accept",
    "checked",
    "edits_between",
    "picture_hash",
    "put",
    "reject",
    "undecided",
]


def __dir__() -> list[str]:
    return sorted(__all__)
