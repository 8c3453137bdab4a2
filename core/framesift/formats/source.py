"""What a reader works with: where it reads, the sizes it was told, what it left out, and one
Picture for each picture whose boxes it collects."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.checks import BadValueError, label_name, special
from framesift.formats.model import ANY_CLASS, LabelFile, LabelledImage, Size, Sizes
from framesift.formats.names import numbered, stem, without_suffix
from framesift.records import Progress


class Source:
    """One reading of one file or folder."""

    def __init__(self, path: Path, format_name: str, sizes: Sizes = None) -> None:
        self.path = path
        self.left_out: Counter[str] = Counter()
        self.classes: dict[str, None] = {}
        self._format = format_name
        self._sizes = sizes
        self._notes: dict[str, None] = {}
        self._known: dict[str, tuple[str, bool] | None] = {}
        self._next = time.monotonic() + 0.1

    def note(self, sentence: str) -> None:
        self._notes[sentence] = None

    def due(self) -> bool:
        """Whether it is time (every 100 ms) to yield a Progress."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 0.1
        return True

    def progress(self, done: int, total: int | None, unit: str = "bytes") -> Progress:
        return Progress(done, total, unit, stage="reading labels")

    def told_size(self, image: str | None, video: str | None = None) -> Size | None:
        """The size that the caller gave for a picture, or for the video it is a frame of."""
        if not isinstance(self._sizes, Mapping):
            return self._sizes
        names = [image, video]
        if image is not None:
            named = numbered(image)
            names += [without_suffix(image), named[0] if named else None]
        for name in filter(None, names):
            if name in self._sizes:
                return self._sizes[name]
        by_stem = {stem(name): size for name, size in self._sizes.items()}
        return next((by_stem[n] for n in filter(None, names) if n in by_stem), None)

    def category(self, raw: object) -> tuple[str, bool] | None:
        """A file's class name as (category, whether the name itself says "ignore"); None for
        the background class. Real classes are remembered in order of first appearance."""
        if isinstance(raw, str) and raw in self._known:
            return self._known[raw]
        name = label_name(raw)
        meaning = special(name)
        result = (name, False) if meaning is None else None
        if meaning is None:
            self.classes.setdefault(name)
        elif meaning == "an ignore region":
            result = (ANY_CLASS, True)
        self._known[str(raw)] = result
        return result

    def finish(self, items: Iterable[LabelledImage | None]) -> LabelFile:
        return LabelFile(
            tuple(self.classes),
            tuple(item for item in items if item is not None),
            self.left_out,
            tuple(self._notes),
            self._format,
        )


class Picture:
    """The boxes of one picture while a file is being read."""

    __slots__ = ("_source", "boxes", "missed")

    def __init__(self, source: Source) -> None:
        self._source = source
        self.boxes: list[Box] = []
        self.missed = False

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Counts something that the file holds and that cannot become a box."""
        self.missed = True
        self._source.left_out[reason] += count

    def add(
        self,
        category: object,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        ignore: bool = False,
        occluded: bool = False,
        truncated: bool = False,
    ) -> None:
        """Adds a box in our convention; BadValueError when its corners are swapped."""
        if x2 < x1 or y2 < y1:
            raise BadValueError("the box has a negative width or height")
        known = self._source.category(category)
        if known is None:
            self._source.left_out["boxes of the background class"] += 1
        elif x2 == x1 or y2 == y1:
            self.leave_out("boxes without area")
        else:
            self.boxes.append(
                Box(x1, y1, x2, y2, known[0], ignore or known[1], occluded, truncated)
            )

    def labelled(
        self,
        *,
        video: str | None = None,
        frame: int | None = None,
        image: str | None = None,
        size: Size | None = None,
        timestamp: int | None = None,
    ) -> LabelledImage | None:
        """The finished picture; None where only things that cannot be boxes were in it."""
        if self.missed and not self.boxes:
            self._source.left_out["pictures of which every shape was left out"] += 1
            return None
        width, height = size or (None, None)
        return LabelledImage(video, frame, image, width, height, tuple(self.boxes), timestamp)


def need_size(source: Source, size: Size | None, image: str, file: Path) -> Size:
    """The picture's size, or the sentence that says how to give it."""
    if size is None:
        raise InputError(
            f"{file} gives boxes as shares of a picture, and the size of {image} is not known; "
            "put the pictures beside the labels or say the size."
        )
    return size
