"""Looks at a detector's maps over a few frames: draws them, and says whether the pixel score is
meaningful for this detector, or which score is better."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from framesift.cli import console, options
from framesift.errors import InputError

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "detector", metavar="MODEL", help="an ONNX file, a checkpoint, or a detector's name"
    )
    parser.add_argument("footage", metavar="VIDEO|IMAGE")
    parser.add_argument(
        "--out", metavar="DIR", help="folder for the pictures and the verdict as JSON"
    )
    parser.add_argument(
        "--frames",
        type=options.whole(1),
        default=3,
        metavar="N",
        help="frames of the video that are looked at (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    options.add_run_options(parser)


def run(args: argparse.Namespace) -> int:
    from framesift.report.mapcheck import MapCheck, check_maps

    detector = options.open_detector(args)
    check: MapCheck | None = None
    with _frames(args.footage, args.frames) as frames, console.Shown() as shown:
        for record in shown.drain(check_maps(detector, [image for _, image in frames])):
            assert isinstance(record, MapCheck)
            check = record
        assert check is not None
        about = {
            **asdict(check),
            "meaningful": check.meaningful,
            "score": check.method,
            "verdict": check.sentence(),
        }
        if args.out:
            _write(Path(args.out), detector, frames, about)
    if args.json:
        console.say(json.dumps(about, indent=1))
        return 0
    console.say(check.sentence())
    if args.out:
        console.say(f"Pictures: {args.out}")
    return 0


def _write(
    folder: Path, detector: Any, frames: list[tuple[str, Any]], about: dict[str, Any]
) -> None:
    from framesift.files import write_bytes, write_text
    from framesift.report.mapcheck import check_picture

    for number, (name, image) in enumerate(frames, 1):
        write_bytes(
            folder / f"maps-{number}.png",
            check_picture(detector, image, f"{detector.name} · {name}"),
        )
    write_text(folder / "check.json", json.dumps(about, indent=1))


@contextlib.contextmanager
def _frames(name: str, count: int) -> Iterator[list[tuple[str, Any]]]:
    """(caption, uint8 H×W×3) of evenly spaced frames of a video, or of one picture."""
    import numpy as np

    from framesift.cli import footage
    from framesift.video.pictures import load_picture
    from framesift.video.settings import VideoSettings

    path = Path(name)
    if path.is_file() and path.suffix.lower() in PICTURES:
        image = load_picture(path)
        if image is None:
            raise InputError(f"The picture {path.name} cannot be read; it is damaged.")
        yield [(path.name, image)]
        return
    with footage.opened([name], VideoSettings()) as (video,):
        last = len(video) - 1
        numbers = (
            np.unique(np.linspace(0, last, min(count, last + 1) + 2).round()[1:-1].astype(int))
            if last > 0
            else [0]
        )
        yield [(f"{video.name}, frame {n}", video[int(n)]) for n in numbers]
