"""A detector's boxes, offered for labelling: no labels until a person accepts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from framesift.boxes import Box
from framesift.labels.labels import FrameLabels


@dataclass(frozen=True, slots=True)
class Proposal:
    """A detector's box, offered for labelling. `id` is its own in the whole project; `score`
    in [0, 1]."""

    id: int
    box: Box
    score: float


def accept(labels: FrameLabels, proposals: Iterable[Proposal]) -> FrameLabels:
    """The proposals' boxes become labels; those accepted before are left alone. A frame that
    was not labelled is started by that: somebody has still to say that these are all.

    Args:
        labels: the frame's labels before.
        proposals: those of this frame that somebody takes.

    Returns:
        The labels with their boxes, of the origin "confirmed".

    Example:
        >>> from framesift.labels import FrameLabels
        >>> offered = Proposal(3, Box(1, 2, 3, 4), 0.9)
        >>> accept(FrameLabels(), [offered]).state
        'started'
    """
    new = [p for p in proposals if p.id not in labels.accepted]
    ids = frozenset(p.id for p in new)
    more = labels.with_boxes(*(replace(p.box, origin="confirmed") for p in new))
    more = more.started(labels)
    return replace(more, accepted=more.accepted | ids, rejected=more.rejected - ids)


def reject(labels: FrameLabels, proposals: Iterable[Proposal]) -> FrameLabels:
    """The proposals are declined, unless they were accepted before.

    Args:
        labels: the frame's labels before.
        proposals: those of this frame that somebody declines.

    Returns:
        The labels, which remember it.

    Example:
        >>> from framesift.labels import FrameLabels
        >>> offered = Proposal(3, Box(1, 2, 3, 4), 0.9)
        >>> reject(FrameLabels(), [offered]).rejected
        frozenset({3})
    """
    ids = frozenset(p.id for p in proposals) - labels.accepted
    return replace(labels, rejected=labels.rejected | ids)


def undecided(labels: FrameLabels, proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """The proposals neither accepted nor rejected.

    Args:
        labels: the frame's labels.
        proposals: those of this frame.

    Returns:
        Those that are left, in the same order.

    Example:
        >>> from framesift.labels import FrameLabels
        >>> offered = Proposal(3, Box(1, 2, 3, 4), 0.9)
        >>> len(undecided(reject(FrameLabels(), [offered]), [offered]))
        0
    """
    decided = labels.accepted | labels.rejected
    return tuple(p for p in proposals if p.id not in decided)
