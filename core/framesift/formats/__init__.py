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
from framesift.formats.binding import Binding, bind
from framesift.formats.classes import adapt_classes
from framesift.formats.coco import Coco
from framesift.formats.cvat_images import CvatImages
from framesift.formats.cvat_video import CvatVideo
from framesift.formats.datumaro import Datumaro
from framesift.formats.differences import differences
from framesift.formats.fit import Fitted, fit
from framesift.formats.kitti import Kitti
from framesift.formats.kitti_tracking import KittiTracking
from framesift.formats.label_studio import LabelStudio
from framesift.formats.label_studio_tracks import LabelStudioVideo
from framesift.formats.labelme import Labelme
from framesift.formats.model import ANY_CLASS, LabelFile, LabelledImage, Sizes
from framesift.formats.mot import Mot
from framesift.formats.names import frame_name, told_apart
from framesift.formats.naming import VideoRef
from framesift.formats.reading import member, reading_in, sniff_in
from framesift.formats.table import Table
from framesift.formats.ultralytics import Ultralytics
from framesift.formats.via import Via
from framesift.formats.voc import Voc
from framesift.formats.writing import Written, writing_in
from framesift.formats.yolo import Yolo
from framesift.records import Progress

FORMATS: dict[str, Format] = {
    "datumaro": Datumaro(),
    "coco": Coco(),
    "label-studio-video": LabelStudioVideo(),
    "label-studio": LabelStudio(),
    "bdd100k": Bdd100k(),
    "labelme": Labelme(),
    "via": Via(),
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
    "told_apart",
    "write",
    "writing",
]


def sniff(path: str | Path) -> str:
    """The format of a file, folder or .zip, from what is in it.

    Args:
        path: what to look at.

    Returns:
        A name in FORMATS.

    Raises:
        InputError: it is none of them or does not exist; the sentence says what it is where
            that is known.

    Example:
        >>> sniff("clip.coco.json")
        'coco'
    """
    return sniff_in(FORMATS, Path(path)).name


def reading(
    path: str | Path,
    *,
    format: str | None = None,
    size: Sizes = None,
    lengths: Mapping[str, int] | None = None,
    outlines: bool = False,
) -> Iterator[Progress | LabelFile]:
    """Reads labels of a file, a folder or a .zip, and tells how far it has come. Entries that
    cannot be right are left out and counted.

    Args:
        path: what to read.
        format: a name in FORMATS; None: recognised.
        size: (width, height), pixels, for formats that hold none (YOLO): for all pictures, or
            by picture or video name.
        lengths: numbers of frames by the videos' names (Label Studio counts frames of its own).
        outlines: polygons, masks, ellipses and turned boxes become the upright boxes around
            them.

    Yields:
        Progress now and then, and last the LabelFile.

    Raises:
        InputError: the file cannot be read, would mean something else, or nothing of it is
            left; one sentence names file and place.

    Example:
        >>> framesift.last(reading("clip.coco.json"), LabelFile).format
        'coco'
    """
    return reading_in(FORMATS, Path(path), format, size, lengths, outlines)


def read(
    path: str | Path,
    *,
    format: str | None = None,
    size: Sizes = None,
    lengths: Mapping[str, int] | None = None,
    outlines: bool = False,
) -> LabelFile:
    """Reads labels of a file, a folder or a .zip. Entries that cannot be right are left out and
    counted.

    Args:
        path: what to read.
        format: a name in FORMATS; None: recognised.
        size: (width, height), pixels, for formats that hold none (YOLO): for all pictures, or
            by picture or video name.
        lengths: numbers of frames by the videos' names (Label Studio counts frames of its own).
        outlines: polygons, masks, ellipses and turned boxes become the upright boxes around
            them.

    Returns:
        A LabelFile: its classes, its labelled pictures, and what was left out.

    Raises:
        InputError: the file cannot be read, would mean something else, or nothing of it is
            left; one sentence names file and place.

    Example:
        >>> read("clip.coco.json").classes
        ('pedestrian',)
    """
    for record in reading(path, format=format, size=size, lengths=lengths, outlines=outlines):
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
    rates: Mapping[str, float] | None = None,
    validation: Callable[[LabelledImage], bool] | None = None,
    derived: bool = False,
) -> Iterator[Progress | Written]:
    """Writes labels as a new folder, and tells how far it has come. The whole folder is
    prepared beside `out`, read back and compared, and only then renamed; on any error, and when
    the generator is closed, nothing is left of it.

    Args:
        labels: those to write.
        out: the new folder.
        format: a name in FORMATS.
        overwrite: whether an earlier export may be replaced.
        pictures: (item, name) → the encoded picture to lay beside the labels.
        suffix: the file ending of pictures, with its dot.
        frames: the number of frames of each video, by its name.
        rates: the frames per second of each video, by its name.
        validation: which items are validation data (YOLO and VOC hold the split).
        derived: whether boxes that the program made for tracks are written as labels where a
            format cannot say whose they are.

    Yields:
        Progress, and last Written.

    Raises:
        InputError: the format cannot hold the labels, or `out` is there and not empty (with
            `overwrite`: and holds anything but an earlier export).
        EnvironmentProblem: the machine refuses.

    Example:
        >>> records = writing(read("clip.coco.json"), "as-voc", format="voc")
        >>> framesift.last(records).path.name
        'as-voc'
    """
    return writing_in(
        member(FORMATS, format),
        labels,
        Path(out),
        overwrite=overwrite,
        pictures=pictures,
        suffix=suffix,
        frames=frames or {},
        rates=rates or {},
        validation=validation,
        derived=derived,
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
    rates: Mapping[str, float] | None = None,
    validation: Callable[[LabelledImage], bool] | None = None,
    derived: bool = False,
) -> Written:
    """Writes labels as a new folder, read back and compared before it is there.

    Args:
        labels: those to write.
        out: the new folder.
        format: a name in FORMATS.
        overwrite: whether an earlier export may be replaced.
        pictures: (item, name) → the encoded picture to lay beside the labels.
        suffix: the file ending of pictures, with its dot.
        frames: the number of frames of each video, by its name.
        rates: the frames per second of each video, by its name.
        validation: which items are validation data (YOLO and VOC hold the split).
        derived: whether boxes that the program made for tracks are written as labels where a
            format cannot say whose they are.

    Returns:
        Written: the folder, its numbers of pictures and boxes, and what was lost.

    Raises:
        InputError: the format cannot hold the labels, or `out` is there and not empty (with
            `overwrite`: and holds anything but an earlier export).
        EnvironmentProblem: the machine refuses.

    Example:
        >>> written = write(read("clip.coco.json"), "as-yolo", format="yolo")
        >>> sniff("as-yolo")
        'yolo'
    """
    for record in writing(
        labels,
        out,
        format=format,
        overwrite=overwrite,
        pictures=pictures,
        suffix=suffix,
        frames=frames,
        rates=rates,
        validation=validation,
        derived=derived,
    ):
        if isinstance(record, Written):
            return record
    raise AssertionError("a writer ended without a result")


def __dir__() -> list[str]:
    return sorted(__all__)
