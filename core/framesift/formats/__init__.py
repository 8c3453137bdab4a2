"""Label formats, both ways.

    labels = read("labels.json")                      # the format is recognised
    write(labels, "out/", format="cvat-video")        # read back and compared before it is done

What the numbers of each format mean stands in resources/docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from framesift.formats.base import Capability, Format, Pictures, WriteOptions
from framesift.formats.bdd100k import Bdd100k
from framesift.formats.binding import Binding, VideoRef, bind
from framesift.formats.classes import adapt_classes
from framesift.formats.coco import Coco
from framesift.formats.cvat_images import CvatImages
from framesift.formats.cvat_video import CvatVideo
from framesift.formats.fit import Fitted, differences, fit
from framesift.formats.kitti import Kitti
from framesift.formats.kitti_tracking import KittiTracking
from framesift.formats.label_studio import LabelStudio
from framesift.formats.model import ANY_CLASS, LabelFile, LabelledImage, Sizes
from framesift.formats.mot import Mot
from framesift.formats.names import frame_name
from framesift.formats.reading import member, reading_in, sniff_in
from framesift.formats.table import Table
from framesift.formats.ultralytics import Ultralytics
from framesift.formats.voc import Voc
from framesift.formats.writing import Written, writing_in
from framesift.formats.yolo import Yolo
from framesift.records import Progress

FORMATS: dict[str, Format] = {
    "coco": Coco(),
    "label-studio": LabelStudio(),
    "bdd100k": Bdd100k(),
    "csv": Table(),
    "cvat-video": CvatVideo(),
    "cvat-images": CvatImages(),
    "voc": Voc(),
    "mot": Mot(),
    "kitti-tracking": KittiTracking(),
    "kitti": Kitti(),
    "yolo-ultralytics": Ultralytics(),
    "yolo": Yolo(),
}
"""Every format by name. The order is the order in which `sniff` asks them."""

__all__ = [
    "ANY_CLASS",
    "FORMATS",
    "Binding",
    "Capability",
    "Fitted",
    "Format",
    "LabelFile",
    "LabelledImage",
    "Pictures",
    "VideoRef",
    "WriteOptions",
    "Written",
    "adapt_classes",
    "bind",
    "differences",
    "fit",
    "frame_name",
    "read",
    "reading",
    "sniff",
    "write",
    "writing",
]


def sniff(path: str | Path) -> str:
    """The name of the format of a file or folder, from what is in it.

    Raises InputError where it is none of them, does not exist, or is a packed archive.
    """
    return sniff_in(FORMATS, Path(path)).name


def reading(
    path: str | Path, *, format: str | None = None, size: Sizes = None
) -> Iterator[Progress | LabelFile]:
    """Reads labels; yields Progress now and then and at the end the LabelFile.

    `format` is a name in FORMATS (None: recognised); `size` gives (width, height) to formats
    that hold none (YOLO), for all pictures or by picture or video name. Raises InputError with
    one sentence naming file and place for whatever cannot be right.
    """
    return reading_in(FORMATS, Path(path), format, size)


def read(path: str | Path, *, format: str | None = None, size: Sizes = None) -> LabelFile:
    """Reads a file or folder of labels; arguments and errors as for `reading`."""
    for record in reading(path, format=format, size=size):
        if isinstance(record, LabelFile):
            return record
    raise AssertionError("a reader ended without a result")


def writing(
    labels: LabelFile,
    out: str | Path,
    *,
    format: str,
    overwrite: bool = False,
    pictures: Pictures | None = None,
    suffix: str = ".jpg",
    frames: Mapping[str, int] | None = None,
    validation: Callable[[LabelledImage], bool] | None = None,
) -> Iterator[Progress | Written]:
    """Writes labels as the new folder `out`; yields Progress and at the end Written.

    The whole folder is prepared beside `out`, read back and compared, and only then renamed;
    on any error, and when the generator is closed, nothing is left of it. `pictures(item,
    name)` gives the encoded picture to lay beside the labels (`suffix`: their file ending),
    `frames` the number of frames of each video, `validation` which items are validation data
    (YOLO and VOC hold the split).

    Raises InputError where the format cannot hold the labels or `out` is there and not empty
    (with `overwrite`: and holds anything but an earlier export), EnvironmentProblem where the
    machine refuses.
    """
    return writing_in(
        member(FORMATS, format),
        labels,
        Path(out),
        overwrite=overwrite,
        pictures=pictures,
        suffix=suffix,
        frames=frames or {},
        validation=validation,
    )


def write(
    labels: LabelFile,
    out: str | Path,
    *,
    format: str,
    overwrite: bool = False,
    pictures: Pictures | None = None,
    suffix: str = ".jpg",
    frames: Mapping[str, int] | None = None,
    validation: Callable[[LabelledImage], bool] | None = None,
) -> Written:
    """Writes labels as a folder; arguments and errors as for `writing`."""
    for record in writing(
        labels,
        out,
        format=format,
        overwrite=overwrite,
        pictures=pictures,
        suffix=suffix,
        frames=frames,
        validation=validation,
    ):
        if isinstance(record, Written):
            return record
    raise AssertionError("a writer ended without a result")
