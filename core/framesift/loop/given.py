"""What callers hand over: videos, detectors, settings, labelled frames."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.datasets import LabelledDataset, LabelledDrive
from framesift.detectors.run_settings import RunSettings
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project import Project
from framesift.records.setting import Setting
from framesift.records.settings import made, unknown
from framesift.series import ScoreSeries
from framesift.training.data import MemorySource, Sample, Source
from framesift.video import Drive, Video, join_drives, open_video

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

VideoLike = str | PathLike[str] | Video | Drive | LabelledDrive
"""A file or folder, an opened video, or a drive of several clips."""
Labelled = tuple[NDArray[np.uint8], Sequence[Box]]
"""A picture uint8 H×W×3 (RGB) and its boxes in native pixels."""
FramesLike = Iterable[Labelled] | LabelledDataset | Source
"""Labelled frames: pairs of picture and boxes, a data set, or a training source."""


def listed(videos: Any) -> list[Any]:
    """One thing or several, as a list; of a mapping the series, each under its name."""
    if isinstance(videos, Mapping):
        return [
            replace(item, name=str(name)) if isinstance(item, ScoreSeries) else item
            for name, item in videos.items()
        ]
    single = isinstance(videos, str | PathLike | Video | Drive | LabelledDrive | ScoreSeries)
    if single or isinstance(videos, np.ndarray) or not isinstance(videos, Iterable):
        return [videos]
    return list(videos)


@contextlib.contextmanager
def opened_drives(videos: Any, *, join: bool = True) -> Iterator[list[Drive]]:
    """The drives of what is given, one VideoLike or several, in order; what was opened from
    paths is closed in the end. Raises InputError for what is no video."""
    items = listed(videos)
    if not items:
        raise InputError("No video is given; give a path, a video or a list of them.")
    with contextlib.ExitStack() as stack:
        drives: list[Drive] = []
        loose: list[Video] = []
        for item in items:
            if isinstance(item, LabelledDrive):
                item = item.drive
            if isinstance(item, str | PathLike):
                item = stack.enter_context(open_video(item))
            if isinstance(item, Drive):
                drives.append(item)
            elif isinstance(item, Video):
                loose.append(item)
            else:
                raise InputError(f"{_called(item)} is no video; {_instead(item)}")
        yield [*drives, *join_drives(loose, join=join)]


def detector_of(detector: Any, device: str = "auto") -> Detector:
    """A detector ready for use, loaded where a name or a file is given. Raises InputError for
    what is none."""
    from framesift.detectors.base import Detector as Base
    from framesift.detectors.files.checkpoint import load_detector

    if isinstance(detector, str | PathLike):
        return load_detector(detector, device)
    if isinstance(detector, Base):
        return detector
    raise InputError(
        f"{_called(detector)} is no detector; give a name, a checkpoint file, or a torch "
        "module that framesift.detectors.from_module has wrapped."
    )


@contextlib.contextmanager
def running(detector: Any, run: Mapping[str, Any]) -> Iterator[Any]:
    """A detector ready for use (None: none), and its processor threads while it is used. `run`:
    RunSettings by name; where a detector is given that is loaded already, it runs as it does.
    Raises InputError for what is no detector, and for settings that it cannot follow."""
    from framesift.detectors.tiled import tiled
    from framesift.training.device import threads

    settings = made(RunSettings, run, noun="detector")
    if isinstance(detector, str | PathLike):
        detector = load(detector, settings)
    elif detector is not None:
        detector = detector_of(detector)
        for name in chosen_run(run, "device", "precision"):
            raise InputError(
                f"The detector is loaded already; give {name} to framesift.load_detector."
            )
        detector = tiled(detector, settings.tiles or "")
    with threads(settings.threads):
        yield detector


def load(detector: str | PathLike[str], settings: RunSettings) -> Detector:
    """A detector by its name or file, as it is to run."""
    from framesift.detectors.files.checkpoint import load_detector
    from framesift.detectors.tiled import tiled

    loaded = load_detector(detector, settings.device, precision=settings.precision)
    return tiled(loaded, settings.tiles or "")


def chosen_run(run: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the settings that are given."""
    return {name: run[name] for name in names if name in run}


def sorted_out(
    given: Mapping[str, Any], noun: str, *tables: Mapping[str, Setting]
) -> list[dict[str, Any]]:
    """Keyword arguments by the table that knows each. Raises InputError for one that none
    knows, with the nearest name."""
    parts: list[dict[str, Any]] = [{} for _ in tables]
    for name, value in given.items():
        for part, table in zip(parts, tables, strict=True):
            if name in table:
                part[table[name].name] = value
                break
        else:
            known = tuple(name for table in tables for name in table)
            raise InputError(unknown(name, known, noun))
    return parts


def taken_of(taken: Any) -> Mapping[str, Sequence[int]]:
    """Frame numbers by drive, as they are given. Raises InputError for what is no mapping."""
    if taken is None or isinstance(taken, Mapping):
        return taken or {}
    raise InputError(
        "Taken frames are given by the drive's name, as in {'drive.mp4': [12, 80]}; a "
        f"{type(taken).__name__} does not say of which drive they are."
    )


def preset_of(name: str | None, presets: Mapping[str, Any]) -> Any:
    """A preset's defaults; nothing without a name. Raises InputError for an unknown one."""
    if name is None:
        return {}
    if name not in presets:
        raise InputError(f"There is no preset {name!r}; choose one of {', '.join(presets)}.")
    return presets[name]


def source_of(frames: FramesLike, classes: Sequence[str]) -> Source:
    """Labelled frames to train on. Raises InputError for what is none."""
    if hasattr(frames, "sample") and hasattr(frames, "prepare"):
        return frames  # type: ignore[return-value]
    samples = [
        Sample(image, tuple(boxes), FrameKey(*key))
        for key, image, boxes in labelled_items(frames)
    ]
    return MemorySource(samples, classes)


def labelled_items(
    frames: FramesLike,
) -> Iterator[tuple[tuple[str, int], NDArray[np.uint8], Sequence[Box]]]:
    """(key, picture, boxes) of labelled frames, one after the other. Raises InputError for what
    is none."""
    if isinstance(frames, LabelledDataset):
        for clip in frames.clips:
            numbers = np.flatnonzero(clip.labelled).tolist()
            for frame in clip.video.read(numbers):
                yield (clip.name, frame.number), frame.image, clip.boxes(frame.number)
        return
    if hasattr(frames, "sample"):
        for index in range(len(frames)):  # type: ignore[arg-type]
            sample = frames.sample(index)
            yield (sample.key.video, sample.key.frame), sample.image, sample.boxes
        return
    if isinstance(frames, str | PathLike | Video | Project):
        raise InputError(
            f"{_called(frames)} has no labels of its own here; give pairs of picture and "
            "boxes, or a data set that framesift.open_dataset opened."
        )
    for number, item in enumerate(frames):
        image, boxes = _pair(item, number)
        yield ("frames", number), image, boxes


def _pair(item: Any, number: int) -> Labelled:
    try:
        image, boxes = item
        boxes = tuple(boxes)
    except (TypeError, ValueError):
        image, boxes = None, ()
    fits = isinstance(image, np.ndarray) and image.ndim == 3 and image.dtype == np.uint8
    if not fits or not all(isinstance(box, Box) for box in boxes):
        raise InputError(
            f"Labelled frame {number} is no pair of a picture (uint8 H×W×3) and a list of "
            "framesift.boxes.Box; give one for each frame."
        )
    return image, boxes


def _instead(item: Any) -> str:
    """What to give in place of something that is no video."""
    if isinstance(item, np.ndarray):
        return (
            "give a path, or score arrays of pictures, uint8 N×H×W×3, with "
            "framesift.scores.FrameScorer().score(detector, pictures)."
        )
    return "give a path, or what framesift.open_video gives."


def _called(thing: object) -> str:
    """What a sentence calls something that does not fit."""
    if isinstance(thing, type):
        return f"The class {thing.__name__}"
    shown = str(thing) if isinstance(thing, Path) else thing
    plain = shown is None or isinstance(shown, str | bool | int | float)
    return repr(shown) if plain else f"The {type(thing).__name__}"
