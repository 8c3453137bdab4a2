"""Step 4: the greedy selection under the two temporal rules and the look-alike rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framesift.selection.request import Distances, make_request
from framesift.selection.result import Selection
from framesift.selection.walk import Walk

_NOTHING: Mapping[str, Iterable[int]] = MappingProxyType({})


def select(
    series: Mapping[str, ArrayLike],
    budget: int,
    delta1: Distances = 15,
    delta2: Distances = 2,
    taken: Mapping[str, Iterable[int]] = _NOTHING,
    *,
    times: Mapping[str, ArrayLike] | None = None,
    raw: Mapping[str, ArrayLike] | None = None,
    fill: bool = False,
    thumbnails: Mapping[str, NDArray[np.uint8]] | None = None,
    look_alike: float | None = None,
    look_alike_last: bool = False,
) -> Selection:
    """Selects frames, the highest value first; on a tie the earlier drive in the mapping's
    order, then the earlier frame. Stops when nothing is left: `Selection.why_short()` says why.

    Args:
        series: per drive one value per frame, NaN = not to be picked.
        budget: frames to pick at most.
        delta1: a pick blocks the frames within ±delta1 of it in the same drive, inclusive: in
            frames, or a Distance; one for all drives or a mapping. With 0 (still images) only
            the frame itself is blocked.
        delta2: frames in `taken` block those within ±delta2, in the same forms.
        taken: frames of earlier cycles by drive, which are never picked again; those that the
            series lack block nothing.
        times: per drive seconds, one per frame, ascending; a Distance in seconds goes by them.
        raw: unsmoothed scores, for the picks' `raw`.
        fill: where Δt1 leaves the budget short, a last pass ignores Δt1 (not Δt2; and
            look-alikes only with look_alike_last).
        thumbnails: per drive descriptors, uint8 n×T, see `thumbnail`.
        look_alike: threshold of the look-alike rule, [0, 1]: a frame no more unlike than that
            to a pick, or to a taken frame, of the same drive is passed over. None: no such
            rule.
        look_alike_last: such frames are taken when nothing else is left.

    Returns:
        A Selection, its picks in order.

    Raises:
        InputError: an argument makes no sense.

    Example:
        >>> [pick.frame for pick in select({"drive": [0.1, 0.9, 0.8, 0.5]}, 2, delta1=1)]
        [1, 3]
    """
    request = make_request(series, budget, delta1, delta2, taken, thumbnails, look_alike, times)
    walk = Walk(request, raw)
    walk.run(compare=True)
    walk.waive(look_alike_last=look_alike_last, fill=fill)
    return Selection(walk.picks, request, walk.resembled)
