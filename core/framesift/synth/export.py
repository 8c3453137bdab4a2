"""Writing a drive as an ordinary video file with its labels beside it."""

from __future__ import annotations

import json
from collections.abc import Generator
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any

import av

from framesift.errors import InputError
from framesift.files import replacing, write_text
from framesift.records import Progress, RateMeter
from framesift.synth.route import FPS
from framesift.synth.scene import CATEGORY
from framesift.synth.synth_drive import SynthDrive, settings

QUALITY = 18  # H.264 constant rate factor


def labels_path(path: str | PathLike[str]) -> Path:
    """Where `write_drive` puts the labels of a video.

    Args:
        path: of the video.

    Returns:
        The path beside it that ends in .coco.json.

    Example:
        >>> labels_path(Path("drives/monday.mp4")).name
        'monday.coco.json'
    """
    path = Path(path)
    return path.with_name(f"{path.stem}.coco.json")


def write_drive(
    drive: SynthDrive, path: str | PathLike[str], *, start: int = 0, stop: int | None = None
) -> Generator[Progress, None, None]:
    """Writes a drawn drive as a video (H.264, yuv420p, 30 frames/s) and, beside it,
    `labels_path(path)`: COCO JSON whose images carry `frame_index` and whose ignore regions are
    `iscrowd`. Each file appears whole or not at all, the labels last.

    Args:
        drive: what `drive` gave.
        path: of the video; it ends in .mp4.
        start: the drive's frame that the video begins with; its frames count from 0 in the
            video and in the labels.
        stop: the frame behind the last one; None: the drive's end.

    Yields:
        Progress after every frame.

    Raises:
        InputError: the name does not end in .mp4, the pictures' width or height is odd, or
            there is no frame from `start` to `stop`.
        EnvironmentProblem: the disk refuses.

    Example:
        >>> from framesift.synth import drive
        >>> framesift.last(write_drive(drive(frames=2, size=(64, 64)), Path("drawn.mp4")))
        >>> Path("drawn.coco.json").exists()
        True
    """
    path = Path(path)
    if path.suffix.lower() != ".mp4":
        raise InputError(
            f"{path.name} does not end in .mp4; a drive is written as an MP4 file."
        )
    if drive.width % 2 or drive.height % 2:
        raise InputError(
            f"Pictures of {drive.width} × {drive.height} pixels cannot be written "
            "as H.264; give an even width and height."
        )
    numbers = range(len(drive))[start:stop]
    if not numbers:
        raise InputError(
            f"The drive has frames 0 to {len(drive) - 1}, and none of them is asked for; "
            "give a start before the stop."
        )
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    meter = RateMeter(len(numbers), stage="drawing")
    with replacing(path) as part:
        with av.open(str(part), "w", format="mp4") as container:
            stream = container.add_stream(
                "libx264",
                rate=Fraction(FPS).limit_denominator(1000),
                options={
                    "crf": str(QUALITY),
                    "preset": "veryfast",
                    "threads": "2",
                    # Otherwise x264 gives other bits on other processors, and with AVX-512
                    # even from run to run.
                    "x264-params": "cpu-independent=1",
                },
            )
            stream.width, stream.height, stream.pix_fmt = drive.width, drive.height, "yuv420p"
            for place, number in enumerate(numbers):
                picture = av.VideoFrame.from_ndarray(drive.frame(number).image, format="rgb24")
                picture.pts = place
                container.mux(stream.encode(picture))
                _add_labels(drive, number, place, images, annotations)
                yield meter.advance()
            container.mux(stream.encode(None))
        coco = {
            "info": {
                "description": f"{drive.name}, drawn by Framesift",
                "drive": settings(drive),
                "start": numbers.start,
                "video": path.name,
            },
            "categories": [{"id": 1, "name": CATEGORY}],
            "images": images,
            "annotations": annotations,
        }
        text = json.dumps(coco, separators=(",", ":"))
    write_text(labels_path(path), text)


def _add_labels(
    drive: SynthDrive,
    number: int,
    place: int,
    images: list[dict[str, Any]],
    annotations: list[dict[str, Any]],
) -> None:
    images.append(
        {
            "id": place,
            "file_name": f"{drive.name}/{number:06d}.png",
            "width": drive.width,
            "height": drive.height,
            "frame_index": place,
        }
    )
    for box in drive.labels(number):
        x, y, w, h = (round(v, 3) for v in (box.x1, box.y1, box.width, box.height))
        annotations.append(
            {
                "id": len(annotations) + 1,
                "image_id": place,
                "category_id": 1,
                "bbox": [x, y, w, h],
                "area": round(w * h, 3),
                "iscrowd": int(box.ignore),
                "occluded": box.occluded,
                "truncated": box.truncated,
            }
        )
