"""What is known of one video stream: where its frames are and how to get at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from framesift.video.index import FrameIndex

Ints = NDArray[np.int64]
Naming = Literal["pts", "packet", "count"]
NO_TIME = -(1 << 63)
"""Stands for a missing timestamp."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place where decoding can begin: `rank` is the number of the first frame that is
    right from here on, `pts` and `dts` those of its packet, `packet` how many packets come
    before it. The entry at rank 0 is the beginning of the file."""

    rank: int
    pts: int = NO_TIME
    dts: int = NO_TIME
    packet: int = 0


@dataclass(frozen=True, eq=False)
class StreamTable:
    """The frames of one stream, in the order in which they are shown.

    `labels` names each frame by something that can be told after decoding, as `naming` says:
    the timestamp of its packet ("pts"), the place of its packet in the file ("packet") or how
    many frames came out before it ("count"). `timestamps` ascend strictly. `careful`: the
    ranks of entries to be decoded in one thread, because damage makes several threads guess
    differently; `serial`: all of them. `damaged`: numbers of damaged frames. `size` is that
    of the pictures as stored; `mirrored` (left-right) and then turned by `turns` quarter turns
    anticlockwise they are upright.
    `checked`: "all" when every frame was decoded to make this table, "samples" otherwise.
    `promised`: the header's count of frames, or 0. `pixel_aspect`: width of a pixel over its
    height, as stored.
    """

    stream: int
    labels: Ints
    timestamps: Ints
    entries: tuple[Entry, ...]
    time_base: Fraction
    rate: Fraction
    size: tuple[int, int]
    turns: int = 0
    mirrored: bool = False
    naming: Naming = "pts"
    serial: bool = False
    careful: frozenset[int] = frozenset()
    damaged: frozenset[int] = frozenset()
    checked: str = "samples"
    promised: int = 0
    pixel_aspect: Fraction = Fraction(1)
    recorded: str = ""
    container: str = ""
    codec: str = ""
    warnings: tuple[str, ...] = ()
    _sorted: Ints | None = field(default=None, init=False, repr=False)
    _order: Ints | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.labels) > 1 and int(np.diff(self.labels).min()) <= 0:
            order = np.argsort(self.labels, kind="stable")
            object.__setattr__(self, "_order", order)
            object.__setattr__(self, "_sorted", self.labels[order])
        else:
            object.__setattr__(self, "_sorted", self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def rank_of(self, label: int | None) -> int | None:
        """The number of the frame with this label; None when there is none."""
        known = self._sorted
        if label is None or known is None:
            return None
        at = int(np.searchsorted(known, label))
        if at == len(known) or int(known[at]) != label:
            return None
        return at if self._order is None else int(self._order[at])

    def entry_for(self, rank: int) -> int:
        """Index of the last entry from which frame `rank` comes out right."""
        low, high = 0, len(self.entries)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.entries[middle].rank <= rank else (low, middle)
        return low

    def window(self, entry: int) -> tuple[int, int]:
        """The numbers [first, stop) of the frames that are decoded from an entry."""
        later = self.entries[entry + 1 : entry + 2]
        return self.entries[entry].rank, later[0].rank if later else len(self)

    def is_careful(self, entry: int) -> bool:
        """Whether decoding from an entry takes one thread only."""
        return self.serial or self.naming == "packet" or self.is_damaged(entry)

    def is_damaged(self, entry: int) -> bool:
        """Whether the frames from an entry to the next one need a decoder of their own."""
        return self.entries[entry].rank in self.careful

    @property
    def upright(self) -> tuple[int, int]:
        """(width, height) of the pictures once upright."""
        width, height = self.size
        return (height, width) if self.turns % 2 else (width, height)

    def frame_index(self) -> FrameIndex:
        return FrameIndex(self.timestamps, self.time_base, rate=self.rate)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The table as plain arrays, for the cache."""
        return {
            "labels": self.labels,
            "timestamps": self.timestamps,
            "entries": np.array(
                [(e.rank, e.pts, e.dts, e.packet) for e in self.entries], np.int64
            ),
            "careful": np.array(sorted(self.careful), np.int64),
            "damaged": np.array(sorted(self.damaged), np.int64),
            "numbers": np.array(
                [
                    self.stream,
                    self.time_base.numerator,
                    self.time_base.denominator,
                    self.rate.numerator,
                    self.rate.denominator,
                    *self.size,
                    self.turns,
                    self.mirrored,
                    get_args(Naming).index(self.naming),
                    self.serial,
                    self.promised,
                    self.pixel_aspect.numerator,
                    self.pixel_aspect.denominator,
                ],
                np.int64,
            ),
            "texts": np.array(
                [self.checked, self.recorded, self.container, self.codec, *self.warnings],
                np.str_,
            ),
        }

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[Any]]) -> StreamTable:
        """The table back; ValueError (or KeyError, TypeError) where the arrays make no
        sense."""
        numbers = [int(n) for n in arrays["numbers"]]
        stream, tb_n, tb_d, rate_n, rate_d, width, height, turns, *rest = numbers
        mirrored, naming, serial, told, aspect_n, aspect_d = rest
        checked, recorded, container, codec, *warnings = (str(t) for t in arrays["texts"])
        labels = arrays["labels"].astype(np.int64, casting="safe")
        stamps = arrays["timestamps"].astype(np.int64, casting="safe")
        entries = tuple(Entry(*(int(v) for v in row)) for row in arrays["entries"])
        table = cls(
            stream,
            labels,
            stamps,
            entries,
            Fraction(tb_n, tb_d),
            Fraction(rate_n, rate_d),
            (width, height),
            turns,
            bool(mirrored),
            get_args(Naming)[naming],
            bool(serial),
            frozenset(arrays["careful"].tolist()),
            frozenset(arrays["damaged"].tolist()),
            checked,
            told,
            Fraction(aspect_n, aspect_d),
            recorded,
            container,
            codec,
            tuple(warnings),
        )
        sane = (
            len(labels) > 0
            and labels.shape == stamps.shape
            and entries
            and entries[0].rank == 0
            and width > 0
            and height > 0
            and rate_n > 0
            and aspect_n > 0
        )
        if not sane:
            raise ValueError("not a table")
        table.frame_index()
        return table
