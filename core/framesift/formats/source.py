"""What a reader works with: where it reads, the sizes it was told, and what it left out."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from framesift.errors import InputError
from framesift.formats.checks import BadValueError, flag, label_name, refusal, shown, special
from framesift.formats.model import (
    ANY_CLASS,
    LabelFile,
    LabelledImage,
    Size,
    Sizes,
    VideoFacts,
)
from framesift.formats.names import numbered, spellings, stem
from framesift.records import Progress


class Partial(Protocol):
    """A picture that may lack entries of its own."""

    missed: bool


class Source:
    """One reading of one file or folder.

    `lengths` gives the number of frames of each video by its name, where the caller knows them;
    with `outlines` shapes that are no upright boxes become the boxes around them.
    """

    def __init__(
        self,
        path: Path,
        format_name: str,
        sizes: Sizes = None,
        lengths: Mapping[str, int] | None = None,
        outlines: bool = False,
    ) -> None:
        self.path = path
        self.outlines = outlines
        self.left_out: Counter[str] = Counter()
        self.videos: dict[str, VideoFacts] = {}
        self.classes: dict[str, None] = {}
        self._format = format_name
        self._sizes = sizes
        self._notes: dict[str, None] = {}
        self._known: dict[str, tuple[str, bool] | None] = {}
        self._lengths = dict(lengths or {})
        self._first: InputError | None = None
        self._texts: dict[str, tuple[str, int]] = {}
        self._examples: dict[str, str] = {}
        self._tracks: dict[str | None, dict[tuple[object, str], int]] = {}
        self._numbers: dict[str | None, set[int]] = {}
        self._next = time.monotonic() + 0.1

    def note(self, sentence: str) -> None:
        self._notes[sentence] = None

    @contextlib.contextmanager
    def entry(self, file: object, place: str, picture: Partial | None = None) -> Iterator[None]:
        """One entry of a file: where it cannot be right it is left out and counted by what is
        wrong with it, and the others stay. Where it is a box of a `picture`, that is no longer
        complete."""
        try:
            yield
        except BadValueError as fault:
            self._leave_out(
                f"entries that cannot be right: {fault.kind}",
                f"{file}, {place}",
                refusal(file, place, fault),
            )
            if picture is not None:
                picture.missed = True

    @contextlib.contextmanager
    def file(self, path: Path) -> Iterator[None]:
        """One of the many files of a folder, one for each picture: where it cannot be read at
        all it is left out and counted."""
        try:
            yield
        except InputError as error:
            self._leave_out("files that cannot be read", str(path), error)

    def _leave_out(self, reason: str, place: str, error: InputError) -> None:
        self.left_out[reason] += 1
        self._examples.setdefault(reason, place)
        if self._first is None:
            self._first = error

    def mark(self, value: object, name: str) -> bool:
        """A yes or no that annotators may fill in themselves: any other text counts as no, and
        a note says so."""
        try:
            return flag(value)
        except BadValueError:
            first, count = self._texts.get(name, (shown(value), 0))
            self._texts[name] = first, count + 1
            return False

    def told_length(self, video: str | None) -> int | None:
        """How many frames the caller said that a video has; of the only one, whatever the file
        calls it."""
        if len(self._lengths) == 1:
            return next(iter(self._lengths.values()))
        names = spellings(video or "")
        lengths = {stem(name): length for name, length in self._lengths.items()} | self._lengths
        return next((lengths[name] for name in names if name in lengths), None)

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
        names: list[str] = []
        for name in filter(None, (image, video)):
            named = numbered(name)
            names += [*spellings(name), *([named[0]] if named and named[0] else [])]
        by_stem = {stem(name): size for name, size in self._sizes.items()}
        return next(
            (sizes[n] for sizes in (self._sizes, by_stem) for n in names if n in sizes), None
        )

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

    def track(self, video: str | None, name: object, file: object = None) -> int | None:
        """The number, within its video, of a track that a file calls `name`: that itself where
        it is one and free, else the next; None for what stands for no track (-1, nothing).
        `file`: two files that call a track of a video the same mean two."""
        text = str(name).strip()
        if name is None or text in {"", "-1"}:
            return None
        numbers = self._tracks.setdefault(video, {})
        key = file, text
        if key not in numbers:
            taken = self._numbers.setdefault(video, set())
            number = int(text) if text.isdecimal() and len(text) < 16 else -1
            if number < 0 or number in taken:
                number = max(taken, default=0) + 1
            taken.add(number)
            numbers[key] = number
        return numbers[key]

    def finish(self, items: Iterable[LabelledImage | None]) -> LabelFile:
        """The result. InputError where entries could not be right and nothing else is there."""
        kept = tuple(item for item in items if item is not None)
        if not kept and self._first is not None:
            raise self._first
        for name, (value, times) in self._texts.items():
            self.note(
                f"The mark “{name}” holds text such as {value} ({times} times); it counts as "
                "no."
            )
        left_out: Counter[str] = Counter()
        for reason, count in self.left_out.items():
            place = self._examples.get(reason)
            left_out[reason if place is None else f"{reason} (first: {place})"] += count
        return LabelFile(
            tuple(self.classes), kept, left_out, tuple(self._notes), self._format, self.videos
        )
