"""Options that several commands share, each in one place."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from framesift.cli.settings import add_member_options, add_options
from framesift.errors import InputError


def whole(low: int) -> Any:
    """An argparse type: a whole number from `low` up."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if value < low:
            raise argparse.ArgumentTypeError(f"{value} is too small; the least is {low}")
        return value

    return parse


def add_footage_options(parser: argparse.ArgumentParser) -> None:
    """How files are read, for commands that open footage."""
    parser.add_argument(
        "--stream",
        type=whole(0),
        metavar="N",
        help="which video stream (default: the best one)",
    )
    parser.add_argument(
        "--fps",
        type=float,
        metavar="RATE",
        help="frames per second of files that state none or a wrong one, and of folders of "
        "pictures (default: as stated; folders: 30)",
    )


def add_detector_options(parser: argparse.ArgumentParser, default: str = "pedestrian") -> None:
    group = parser.add_argument_group("detector")
    group.add_argument(
        "--detector",
        default=default,
        metavar="NAME",
        help="a bundled detector, a checkpoint or an ONNX file (default: %(default)s)",
    )
    _add_run_options(group)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Where and how a detector runs, for commands that name it otherwise."""
    _add_run_options(parser.add_argument_group("detector"))


def _add_run_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--device",
        default="auto",
        choices=["auto", "cuda", "mps", "cpu"],
        help="where it runs (default: the fastest there is)",
    )
    group.add_argument(
        "--precision",
        default="auto",
        choices=["auto", "float32", "bfloat16", "float16"],
        help="number format of the network (default: the fastest safe one)",
    )
    group.add_argument(
        "--tiles",
        metavar="COLUMNSxROWS",
        help="see a frame in overlapping tiles, e.g. 2x2, so that memory goes "
        "by the tile (default: 1x1, or as the project keeps it)",
    )
    group.add_argument(
        "--threads",
        type=whole(1),
        metavar="N",
        help="processor threads for the network (default: all cores)",
    )


def add_score_options(parser: argparse.ArgumentParser) -> None:
    from framesift.scores import ScoreSettings, score_params

    group = parser.add_argument_group("scores (the paper: Aghdam et al., ICCV 2019)")
    add_options(group, ScoreSettings, "score")
    add_member_options(group, score_params(), "score")
    group.add_argument(
        "--mask",
        metavar="FILE",
        help="a picture, as large as a frame, whose non-black pixels take no "
        "part (the bonnet, a burnt-in clock)",
    )
    frames = parser.add_argument_group("which frames are scored")
    frames.add_argument(
        "--every", type=whole(1), default=1, metavar="N", help="score every Nth frame only"
    )
    frames.add_argument(
        "--start",
        default="0",
        metavar="WHEN",
        help="first frame: a frame number, or seconds as 12.5s",
    )
    frames.add_argument("--end", metavar="WHEN", help="frame to stop before, likewise")
    frames.add_argument(
        "--progressive",
        action="store_true",
        help="coarse to fine: every 64th frame first, then every 32nd …",
    )
    frames.add_argument(
        "--batch",
        type=whole(1),
        metavar="N",
        help="frames per batch (default: found by itself)",
    )


def use_threads(args: argparse.Namespace) -> None:
    """`--threads`, where a command has it."""
    if getattr(args, "threads", None):
        from framesift.scores.pipeline import use_threads

        use_threads(args.threads)


def open_detector(args: argparse.Namespace) -> Any:
    from framesift.detectors.files.checkpoint import load_detector

    use_threads(args)
    from framesift.detectors.tiled import tiled

    detector = tiled(
        load_detector(args.detector, device=args.device, precision=args.precision),
        args.tiles or "",
    )
    tell_fallback(args.device, detector)
    return detector


def tell_fallback(device: str, detector: Any) -> None:
    """Says on stderr why the processor works although there is a card."""
    from framesift.cli import console
    from framesift.detectors.cards import fallback

    if device == "auto" and detector.device.type == "cpu":
        why = fallback()
        if why is not None:
            console.warn(why)


def read_mask(path: str | None) -> Any:
    """A mask file as bool H×W, True where pixels take no part; None without a file."""
    if path is None:
        return None
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB")).max(axis=2) > 0
    except FileNotFoundError:
        raise InputError(f"There is no mask {path}; check the name.") from None
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError):
        raise InputError(
            f"The mask {path} is not a picture that can be read; give a PNG or JPEG file."
        ) from None


def add_overwrite(parser: Any) -> None:
    """`--overwrite`, for commands that write a file (see `check_new`)."""
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def check_new(args: argparse.Namespace, *paths: Path) -> None:
    """Raises InputError where a file to be written is there already, unless --overwrite."""
    for path in paths:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a file.")
        if path.exists() and not args.overwrite:
            raise InputError(f"There is a {path} already; name another, or say --overwrite.")
