"""Reducing labels to what a format can hold, with a count of what that costs, and comparing
what was written with what is read back."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability
from framesift.formats.conditions import check, check_files, check_once
from framesift.formats.fit_tracks import fit_origins, fit_tracks
from framesift.formats.fit_weak import fit_weak
from framesift.formats.model import ANY_CLASS, LabelFile, LabelledImage
from framesift.formats.names import (
    frame_name,
    unique_names,
    without_suffix,
)

SMALLEST = 1e-4
"""Sides below this, in pixels, count as no area in every format."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`labels` as a format can hold them, the entry that each of its items was made of
    (`origins`), and what had to be changed or left out, counted (`lost`); `bare`: pictures
    without a box that the format cannot list, each with the entry it was made of."""

    labels: LabelFile
    origins: tuple[LabelledImage, ...]
    lost: Counter[str]
    bare: tuple[tuple[LabelledImage, LabelledImage], ...] = ()


def fit(
    labels: LabelFile,
    capability: Capability,
    title: str,
    *,
    suffix: str = ".jpg",
    derived: bool = False,
) -> Fitted:
    """Reduces labels to what a format can hold. Idempotent.

    Args:
        labels: those to be written.
        capability: what the format can hold.
        title: the format's name in messages.
        suffix: ends the names of frames where a format names pictures.
        derived: whether boxes that the program made for tracks go along where a format cannot
            tell them from a person's.

    Returns:
        Fitted: the labels that are left, and what was lost, counted.

    Raises:
        InputError: the format cannot hold the labels at all.

    Example:
        >>> from framesift.formats import FORMATS, read
        >>> labels = read("clip.coco.json")
        >>> len(fit(labels, FORMATS["yolo"].capability, "YOLO").labels.items)
        12
    """
    check(labels)
    lost: Counter[str] = Counter()
    labels = replace(labels, items=tuple(fit_origins(labels.items, capability, derived, lost)))
    classes = _fit_classes(labels.classes, capability, lost)
    videos = [item.video for item in labels.items if item.video is not None]
    short: dict[str, str] = unique_names(videos)
    items: list[LabelledImage] = []
    origins: list[LabelledImage] = []
    bare: list[tuple[LabelledImage, LabelledImage]] = []
    for given in labels.items:
        item = fit_weak(given, capability, lost)
        if item is None:
            continue
        placed = _fit_place(item, capability, title, short, suffix)
        boxes = _fit_boxes(placed, capability, title, classes, lost)
        if item.timestamp is not None and not capability.timestamps:
            lost["timestamps"] += 1
        if not boxes and not capability.nothing:
            lost["pictures without a box, which the format cannot tell from unseen ones"] += 1
            bare.append((placed, item))
            continue
        origins.append(item)
        items.append(
            replace(
                placed, boxes=boxes, timestamp=item.timestamp if capability.timestamps else None
            )
        )
    items, origins = _without_emptied(
        items, fit_tracks(items, capability.tracks, lost), origins
    )
    if capability.size == "video":
        items = _one_size_per_video(items, title)
    check_once(items)
    if capability.file_each:
        check_files(items, title)
    used = {box.category for item in items for box in item.boxes}
    used |= {point.category for item in items for point in item.points}
    used |= {name for item in items for name, _ in item.tags}
    kept = tuple(name for name in classes.values() if capability.class_list or name in used)
    return Fitted(LabelFile(kept, tuple(items)), tuple(origins), lost, tuple(bare))


def _without_emptied(
    before: list[LabelledImage], after: list[LabelledImage], origins: list[LabelledImage]
) -> tuple[list[LabelledImage], list[LabelledImage]]:
    """Without the items that lost all of their boxes: "nothing there" would be untrue."""
    kept = [
        n for n, (a, b) in enumerate(zip(before, after, strict=True)) if b.boxes or not a.boxes
    ]
    return [after[n] for n in kept], [origins[n] for n in kept]


def _fit_classes(
    names: Iterable[str], capability: Capability, lost: Counter[str]
) -> dict[str, str]:
    fitted = {name: name if capability.spaces else "_".join(name.split()) for name in names}
    spaced = sum(name != new for name, new in fitted.items())
    if spaced:
        lost["spaces in class names, written as “_”"] += spaced
    if len(set(fitted.values())) < len(fitted):
        raise InputError(
            "Two class names differ only in their spaces, which this format "
            "cannot hold; rename one of them."
        )
    return fitted


def _fit_place(
    item: LabelledImage, capability: Capability, title: str, short: dict[str, str], suffix: str
) -> LabelledImage:
    """The item with video, frame and picture name as far as the format has them."""
    video, frame, image = item.key
    ending = capability.suffix or suffix
    if frame is not None and not capability.numbers:
        image = image or frame_name(short.get(video or ""), frame, ending)
        video = frame = None
    if frame is None:
        if not capability.stills or image is None:
            raise InputError(
                f"{title} holds frames of videos only, and {item} is none; "
                "choose a format of single pictures, such as COCO."
            )
        if capability.suffix is not None:
            image = without_suffix(image) + capability.suffix
        if not (capability.numbers and capability.names):
            video = None
    else:
        if video is None and not capability.unnamed:
            video = "video"
        elif video is not None and capability.plain_names:
            video = short[video]
        if not capability.names:
            image = None
        elif image is None:
            image = frame_name(short.get(item.video or ""), frame, ending)
    if capability.needs_size and item.size is None and item.boxes:
        raise InputError(
            f"{title} gives boxes as shares of the picture, and the size of "
            f"{item} is not known; say its size."
        )
    return replace(item, video=video, frame=frame, image=image)


def _fit_boxes(
    item: LabelledImage,
    capability: Capability,
    title: str,
    classes: dict[str, str],
    lost: Counter[str],
) -> tuple[Box, ...]:
    result: list[Box] = []
    seen_plain: set[tuple[float, ...]] = set()
    for original in item.boxes:
        # NumPy's numbers print and serialise otherwise than Python's.
        x1, y1, x2, y2 = map(float, (original.x1, original.y1, original.x2, original.y2))
        box = replace(original, x1=x1, y1=y1, x2=x2, y2=y2)
        if box.ignore and capability.ignore is None:
            lost["ignore regions"] += 1
            continue
        if box.ignore and capability.ignore == "plain":
            if box.category != ANY_CLASS:
                lost["classes of ignore regions"] += 1
            box = replace(box, category=ANY_CLASS, occluded=False, truncated=False)
        if box.category != ANY_CLASS:
            box = replace(box, category=classes[box.category])
        if box.occluded and not capability.occluded:
            lost["marks “occluded”"] += 1
            box = replace(box, occluded=False)
        if box.truncated and not capability.truncated:
            lost["marks “truncated”"] += 1
            box = replace(box, truncated=False)
        fitted = _fit_corners(box, item, capability, lost)
        if fitted is None:
            continue
        if fitted.category == ANY_CLASS and capability.ignore == "plain":
            corners = (fitted.x1, fitted.y1, fitted.x2, fitted.y2)
            if corners in seen_plain:
                continue
            seen_plain.add(corners)
        result.append(fitted)
    return tuple(result)


def _fit_corners(
    box: Box, item: LabelledImage, capability: Capability, lost: Counter[str]
) -> Box | None:
    if capability.clipped and item.size is not None:
        cut = box.clipped(*item.size)
        if cut.width <= SMALLEST or cut.height <= SMALLEST:
            lost["boxes outside of the picture"] += 1
            return None
        if cut != box:
            lost["boxes cut at the picture's edge"] += 1
            box = cut
    elif box.width <= SMALLEST or box.height <= SMALLEST:
        lost["boxes thinner than any pixel"] += 1
        return None
    if not capability.whole_pixels:
        return box
    x1, y1 = (float(math.floor(v + 0.5)) for v in (box.x1, box.y1))
    x2, y2 = (
        float(max(math.floor(v + 0.5), low + 1)) for v, low in ((box.x2, x1), (box.y2, y1))
    )
    if capability.clipped and item.size is not None:
        x1, x2 = min(x1, item.size[0] - 1.0), min(x2, float(item.size[0]))
        y1, y2 = min(y1, item.size[1] - 1.0), min(y2, float(item.size[1]))
    if (x1, y1, x2, y2) != (box.x1, box.y1, box.x2, box.y2):
        lost["boxes moved to whole pixels"] += 1
    return replace(box, x1=x1, y1=y1, x2=x2, y2=y2)


def _one_size_per_video(items: list[LabelledImage], title: str) -> list[LabelledImage]:
    sizes: dict[str | None, tuple[int, int]] = {}
    for item in items:
        if item.size is not None and sizes.setdefault(item.video, item.size) != item.size:
            raise InputError(
                f"{title} holds one size per video, and the frames of "
                f"{item.video or 'the video'} differ in size; choose COCO."
            )
    return [
        replace(item, width=size[0], height=size[1])
        if (size := sizes.get(item.video))
        else item
        for item in items
    ]
