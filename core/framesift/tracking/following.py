"""One box followed through pictures, until it is lost, and what to think of the result."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import covered
from framesift.errors import InputError
from framesift.tracking.flow import Gray, moved, patch, similarity
from framesift.tracking.settings import FollowSettings

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The box in a picture: step counts from the first picture (0); box float64 4 in native
    pixels; error, pixels: how far its points came back from where they had been (median);
    similarity, [−1, 1], with what it showed at first."""

    step: int
    box: NDArray[np.float64]
    error: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Lost:
    """The box is not known from this step on, and why."""

    step: int
    reason: str


def follow(
    images: Iterable[Image],
    box: NDArray[np.float64] | Sequence[float],
    settings: FollowSettings | None = None,
) -> Generator[Followed | Lost, None, None]:
    """Follows a box through pictures of any even or uneven spacing, in either direction.

    Args:
        images: RGB uint8 H×W×3, of one size; the box is in the first.
        box: x1, y1, x2, y2 in native pixels.
        settings: when it counts as lost.

    Yields:
        Followed for each picture, the first one too, up to the last or to where it is lost;
        then Lost. No picture is taken after that.

    Raises:
        InputError: no box of at least the least side inside the first picture; pictures that
            are not RGB uint8, or not of one size.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> wide = rng.integers(0, 255, (12, 20, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        >>> pictures = [wide[:, n : n + 120] for n in range(4)]  # the camera turns right
        >>> [round(float(found.box[0])) for found in follow(pictures, (40, 20, 70, 70))]
        [40, 39, 38, 37]
    """
    chosen = settings or FollowSettings()
    before: Gray | None = None
    place = np.asarray(box, np.float64)
    for step, image in enumerate(images):
        now = _gray(image)
        if before is None:
            _check(place, now, chosen)
            first = patch(now, place)
            record: Followed | Lost = Followed(0, place, 0.0, 1.0)
        elif now.shape != before.shape:
            raise InputError(
                f"Picture {step} has another size than those before it; follow a box in "
                "pictures of one size."
            )
        else:
            record = _next(before, now, place, first, step, chosen)
        yield record
        if isinstance(record, Lost):
            return
        before, place = now, record.box


def round_trip(
    images: Sequence[Image],
    box: NDArray[np.float64] | Sequence[float],
    settings: FollowSettings | None = None,
) -> NDArray[np.float64]:
    """Follows a box forward and, from where it got to, back to the first picture.

    Args:
        images: RGB uint8 H×W×3, of one size; the box is in the first.
        box: x1, y1, x2, y2 in native pixels.
        settings: when it counts as lost.

    Returns:
        float64 N ≤ len(images), pixels: at each step from 0 the mean distance between the
        corners of the box on its way forth and on its way back; infinite where it was lost on
        the way back. Element 0 is the error of the whole trip.

    Raises:
        InputError: as `follow`.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> still = rng.integers(0, 255, (12, 20, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        >>> bool(round_trip([still] * 3, (40, 20, 70, 70)).max() < 0.1)
        True
    """
    forth = boxes_of(follow(images, box, settings))
    if len(forth) < 2:
        return np.zeros(len(forth))
    back = boxes_of(follow(images[: len(forth)][::-1], forth[-1], settings))[::-1]
    error = np.full(len(forth), np.inf)
    corners = (forth[len(forth) - len(back) :] - back).reshape(-1, 2, 2)
    x, y = corners[:, :, 0], corners[:, :, 1]
    # each of the four corners pairs one of the two x with one of the two y
    distance = np.sqrt(x[:, :, None] ** 2 + y[:, None, :] ** 2).mean(axis=(1, 2))
    error[len(forth) - len(back) :] = distance
    return error


def follow_between(
    images: Sequence[Image],
    first: NDArray[np.float64] | Sequence[float],
    last: NDArray[np.float64] | Sequence[float],
    settings: FollowSettings | None = None,
) -> NDArray[np.float64]:
    """Boxes from one key box to the next, followed from both ends and blended.

    The nearer key's box counts more. One that is lost fades out towards where it was lost, and
    linear interpolation takes the place of what is missing.

    Args:
        images: RGB uint8 H×W×3 at even spacing, from the first key's picture to the last's.
        first: x1, y1, x2, y2 in native pixels, in the first picture.
        last: the same in the last picture.
        settings: when a box counts as lost.

    Returns:
        float64 N×4, N = len(images); at both ends exactly the keys.

    Raises:
        InputError: as `follow`, or fewer than two pictures.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> wide = rng.integers(0, 255, (12, 20, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        >>> pictures = [wide[:, n : n + 120] for n in (0, 6, 8)]
        >>> found = follow_between(pictures, (40, 20, 70, 70), (32, 20, 62, 70))
        >>> np.round(found[:, 0]).tolist()  # linear would be at 36
        [40.0, 34.0, 32.0]
    """
    if len(images) < 2:
        raise InputError("Boxes between two keys need the pictures of both.")
    forth = boxes_of(follow(images, first, settings))
    back = boxes_of(follow(images[::-1], last, settings))
    count = len(images)
    share = np.linspace(0.0, 1.0, count)[:, None]
    line = (1 - share) * np.asarray(first, np.float64) + share * np.asarray(last, np.float64)
    ahead, behind = _faded(forth, count), _faded(back, count)[::-1]
    joined = line.copy()
    joined[: len(forth)] += ahead[: len(forth)] * (forth - line[: len(forth)])
    joined[count - len(back) :] += behind[count - len(back) :] * (
        back[::-1] - line[count - len(back) :]
    )
    return joined


def boxes_of(records: Iterable[Followed | Lost]) -> NDArray[np.float64]:
    """float64 N×4: the boxes up to where one was lost."""
    boxes = [record.box for record in records if isinstance(record, Followed)]
    return np.array(boxes, np.float64).reshape(-1, 4)


def _faded(boxes: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """count×1: what a followed box counts, from 1 at its key to 0 at its end."""
    reached = max(len(boxes) - 1, 1)
    return np.clip(1.0 - np.arange(count) / reached, 0.0, 1.0)[:, None]


def _next(
    before: Gray, now: Gray, box: NDArray[np.float64], first: Gray, step: int, s: FollowSettings
) -> Followed | Lost:
    motion = moved(before, now, box)
    if motion is None:
        return Lost(step, "too few of its points are found again")
    place, error = motion
    if error > s.max_error:
        return Lost(step, f"its points come back {error:.1f} pixels off")
    if (place[2:] - place[:2]).min() < s.min_side:
        return Lost(step, "it has become too small")
    if _inside(place, now) < s.min_inside:
        return Lost(step, "it has left the picture")
    alike = similarity(first, patch(now, place))
    if alike < s.min_similarity:
        return Lost(step, f"it no longer looks as at first (similarity {alike:.2f})")
    return Followed(step, place, error, alike)


def _inside(box: NDArray[np.float64], picture: Gray) -> float:
    whole = np.array([[0.0, 0.0, picture.shape[1], picture.shape[0]]])
    return float(covered(box[None], whole)[0, 0])


def _gray(image: Image) -> Gray:
    import cv2

    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise InputError(
            f"A picture to follow a box in is {image.dtype} {image.shape}; give RGB pictures, "
            "uint8 height × width × 3."
        )
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _check(box: NDArray[np.float64], picture: Gray, settings: FollowSettings) -> None:
    if box.shape != (4,) or not np.isfinite(box).all():
        raise InputError("A box to follow is four finite numbers: x1, y1, x2, y2.")
    if (box[2:] - box[:2]).min() < settings.min_side:
        raise InputError(
            f"A box of {box[2] - box[0]:.1f} × {box[3] - box[1]:.1f} pixels is too small to be "
            f"followed; its sides must be {settings.min_side:g} pixels or longer."
        )
    if _inside(box, picture) < settings.min_inside:
        raise InputError(
            f"Less than {settings.min_inside:.0%} of the box is inside its picture; give the "
            "picture that the box belongs to."
        )
