"""What every label format has in common: the model that is read and written, what a format
can hold, and the interface that its one file implements.

Boxes are continuous native pixels, pixel i covers [i, i + 1); frames count from 0. What the
numbers of each format mean is in resources/docs/formats.md; a member translates, and nothing
behind it ever sees another convention.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from framesift.formats.model import Key, LabelFile, LabelledImage
from framesift.records import Progress

if TYPE_CHECKING:
    from framesift.formats.source import Source


@dataclass(frozen=True, slots=True)
class Capability:
    """What a format can hold. `fit` reduces a LabelFile to it, so that what is written and
    what is read back can be compared exactly.

    numbers: frame numbers of a video; stills: pictures that are no frames; names: a picture's
    file name beside its frame number; unnamed: a video without a name; plain_names: video
    names only as file names; suffix: the file ending that every picture gets; timestamps;
    size: of each picture, one per video, or none; nothing: "looked at, nothing there";
    ignore: regions with their class, plain regions, or none; whole_pixels; clipped: boxes end
    at the picture's edge; needs_size: boxes cannot be written without one; spaces: in class
    names; class_list: also the classes without a box, and their order; file_each: one file for
    every picture, named after it; tracks: ids of tracks, of each box or only of those that have
    several boxes ("several"), of one class; origins: who made a box, so that derived ones are
    not taken for labels; points: clicks on objects; tags: of a whole picture.
    """

    numbers: bool = True
    stills: bool = True
    names: bool = True
    unnamed: bool = True
    plain_names: bool = False
    suffix: str | None = None
    timestamps: bool = False
    size: Literal["picture", "video"] | None = "picture"
    nothing: bool = True
    ignore: Literal["class", "plain"] | None = "class"
    occluded: bool = True
    truncated: bool = True
    whole_pixels: bool = False
    clipped: bool = False
    needs_size: bool = False
    spaces: bool = True
    class_list: bool = True
    file_each: bool = False
    tracks: Literal["each", "several"] | None = None
    origins: bool = False
    points: bool = False
    tags: bool = False


Pictures = Callable[[LabelledImage, str], bytes | None]
"""(the item as it was given for writing, a file name) → its encoded picture; the name's ending
says which encoding is due. None: there is no picture to be had."""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a writer may need beside the labels: how many frames each video has, by its name
    (`frames`), and how many a second (`rates`), a file-system-safe name for each video, no two
    alike (`short`), the keys of the fitted items that are validation data (`validation`), and
    videos of which pictures without a label are laid beside (`bare`)."""

    frames: Mapping[str, int] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    validation: frozenset[Key] = frozenset()
    bare: tuple[str | None, ...] = ()


class Format(ABC):
    """One label format. Members read anything of the format that other tools write and write
    one plain form of it."""

    name: ClassVar[str]
    title: ClassVar[str]
    capability: ClassVar[Capability]

    @abstractmethod
    def recognises(self, path: Path) -> bool:
        """Whether the existing file or folder looks like this format (a cheap look)."""

    @abstractmethod
    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        """Reads `source.path`, yielding Progress now and then.

        Raises InputError naming file and place for anything that cannot be right.
        """

    @abstractmethod
    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        """Writes `labels`, already fitted to the capability, into the empty `folder`."""

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        """Where in an export the picture of a fitted item belongs."""
        return f"images/{item.image}"
