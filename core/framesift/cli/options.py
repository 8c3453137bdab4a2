"""Options that several commands share, each in one place."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.cli.settings import add_member_options, add_options, given_options
from framesift.errors import InputError
from framesift.records.settings import made

if TYPE_CHECKING:
    from framesift.detectors.run_settings import RunSettings
    from framesift.scores.which import Which
    from framesift.video.settings import VideoSettings


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
    from framesift.video.settings import NOUN, VideoSettings

    add_options(parser, VideoSettings, NOUN)


def video_settings(args: argparse.Namespace) -> VideoSettings:
    """How files are read, as the options say."""
    from framesift.video.settings import NOUN, VideoSettings

    return made(VideoSettings, given_options(args, VideoSettings), noun=NOUN)


def add_preset_option(parser: argparse.ArgumentParser, presets: Collection[str]) -> None:
    """`--preset`, for commands that score or select."""
    parser.add_argument(
        "--preset", choices=list(presets), help="paper: every setting as published"
    )


def add_image_format(parser: argparse.ArgumentParser) -> None:
    """`--image-format`, for commands that write frames as pictures."""
    parser.add_argument(
        "--image-format",
        choices=["png", "jpg"],
        default="png",
        help="of the frames in --out (default: %(default)s)",
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
    from framesift.detectors.run_settings import RunSettings

    add_options(group, RunSettings, "detector")


def add_device_option(parser: argparse.ArgumentParser) -> None:
    """`--device` alone."""
    from framesift.detectors.run_settings import RunSettings

    add_options(parser, RunSettings, "detector", only=["device"])


def run_settings(args: argparse.Namespace) -> RunSettings:
    """Where and how a detector runs, as the options say."""
    from framesift.detectors.run_settings import RunSettings

    return made(RunSettings, given_options(args, RunSettings), noun="detector")


def add_score_options(parser: argparse.ArgumentParser, *, which: bool = True) -> None:
    from framesift.scores import ScoreSettings, score_params
    from framesift.scores.which import Which

    group = parser.add_argument_group("scores (the paper: Aghdam et al., ICCV 2019)")
    add_options(group, ScoreSettings, "score")
    add_member_options(group, score_params(), "score")
    group.add_argument(
        "--mask",
        metavar="FILE",
        help="a picture, as large as a frame, whose non-black pixels take no "
        "part (the bonnet, a burnt-in clock)",
    )
    if not which:
        return
    frames = parser.add_argument_group("which frames are scored")
    add_options(frames, Which, "scoring")


def which_frames(args: argparse.Namespace) -> Which:
    """Which frames are scored, and how, as the options say."""
    from framesift.scores.which import Which

    return made(Which, given_options(args, Which), noun="scoring")


def use_threads(run: RunSettings) -> None:
    """The processor threads that a network takes."""
    if run.threads:
        from framesift.scores.pipeline import use_threads

        use_threads(run.threads)


def open_detector(args: argparse.Namespace) -> Any:
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.detectors.tiled import tiled

    run = run_settings(args)
    use_threads(run)
    detector = tiled(
        load_detector(
            args.detector,
            device=run.device,
            precision=run.precision,
            backend=run.backend or "auto",
        ),
        run.tiles or "",
    )
    tell_fallback(run.device, detector)
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


def add_map_option(parser: argparse.ArgumentParser) -> None:
    """What the project calls a detector's classes; `renamed` reads it."""
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        help="the project's name for a class of the detector: person=pedestrian (may be "
        "repeated)",
    )


def renamed(pairs: list[str]) -> dict[str, str]:
    """What `--map THEIRS=OURS` says. InputError for what says nothing."""
    renamed = {}
    for pair in pairs:
        theirs, equals, ours = pair.partition("=")
        if not (theirs and equals and ours):
            raise InputError(f"--map {pair} says nothing; write it as --map car=vehicle.")
        renamed[theirs] = ours
    return renamed
