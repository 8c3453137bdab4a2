"""Scoring and selecting in one call each, for scripts and notebooks.

The settings that these functions take are those of the command line; what somebody gives wins
over a preset, a preset over the defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.detectors.run_settings import RunSettings
from framesift.errors import InputError
from framesift.loop.choosing import choose_from, choose_from_series, score_options, series_of
from framesift.loop.drives import Scores, score_drives, score_each
from framesift.loop.given import (
    VideoLike,
    listed,
    opened_drives,
    preset_of,
    running,
    sorted_out,
    taken_of,
)
from framesift.records.draining import last
from framesift.records.setting import Setting
from framesift.records.settings import made
from framesift.records.signatures import keywords, with_settings
from framesift.scores import ScoreSettings, score_params
from framesift.scores.strategies import strategy_named, usual_strategy
from framesift.scores.which import Which
from framesift.selection import Rules, Selection
from framesift.selection.rules import NOUN
from framesift.selection.rules import PRESETS as SELECTION_PRESETS
from framesift.series import ScoreSeries

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

FrameFunction = Callable[[NDArray[np.uint8]], float]
"""A number for a picture, uint8 H×W×3 (RGB); NaN: none."""


_RUN = (keywords(Which), keywords(RunSettings))
"""What every scoring takes: which frames, and how the detector runs."""


def _scoring() -> dict[str, Setting]:
    return keywords(ScoreSettings, family=score_params(), beside=keywords(Rules))


@with_settings(lambda: {**_scoring(), **keywords(Which, RunSettings)})
def score_video(
    video: VideoLike,
    detector: str | PathLike[str] | Detector = "pedestrian",
    method: str | FrameFunction | None = None,
    *,
    mask: NDArray[np.bool_] | None = None,
    preset: str | None = None,
    progress: bool = False,
    **settings: Any,
) -> ScoreSeries:
    """One number for each frame of a video: how much labelling it would tell the detector.

    `framesift.score` does the same frame by frame.

    Args:
        video: a file or a folder of pictures, an opened video, or a drive of several clips.
        detector: a name, a checkpoint file, or what `framesift.load_detector` gave.
        method: a score by its name, or a function of your own that takes a picture, uint8
            H×W×3 (RGB), and gives a number: then there is no detector at work. None: that of
            the default strategy, or the divergence where settings of it are given.
        mask: bool H×W of the frame's size, True where pixels take no part.
        preset: "paper" for the values of the paper where nothing else is given.
        progress: shows a bar, in a terminal or a notebook.

    Returns:
        A ScoreSeries: float32 values, one per frame (≥ 0, NaN = not scored), its recipe and
        times; it plots, becomes a table, and goes into `select_frames`.

    Raises:
        InputError: the video or the detector cannot be used, or a setting makes no sense.

    Example:
        >>> series = framesift.score_video("clip.mp4", detector, every=4, radius=3)
        >>> series
        <ScoreSeries 'clip.mp4': 3 of 12 frames scored by divergence>
        >>> brightness = framesift.score_video("clip.mp4", method=lambda image: image.mean())
        >>> int(brightness.scored.sum())
        12
    """
    scoring, frames, run = sorted_out(settings, "score", _scoring(), *_RUN)
    which = made(Which, frames, noun="scoring")
    if method is None:
        method = _usual(scoring, preset)
    with opened_drives(video) as drives:
        if len(drives) != 1:
            raise InputError("score_video scores one video; give several to select_frames.")
        if callable(method):
            sorted_out({**scoring, **run}, "score", {})
            name = getattr(method, "__name__", "function").strip("<>")
            scores = last(score_each(drives[0], method, name, which), Scores, progress=progress)
            return series_of(drives[0], name, scores)
        if not isinstance(method, str):
            raise InputError(
                "Give the name of a score, such as divergence, or a function that takes a "
                f"picture and gives a number, not a value of type {type(method).__name__}."
            )
        options = score_options(method.replace("_", "-"), scoring, preset, mask)
        scorers = options.scorers
        with running(detector, run) as chosen:
            records = score_drives(drives, chosen, scorers, (), which)
            scores = last(records, Scores, progress=progress)
        return series_of(drives[0], next(iter(scorers)), scores)


@with_settings(lambda: {**keywords(Rules), **_scoring(), **keywords(Which, RunSettings)})
def select_frames(
    videos: VideoLike | ScoreSeries | Iterable[VideoLike | ScoreSeries],
    detector: str | PathLike[str] | Detector = "pedestrian",
    *,
    mask: NDArray[np.bool_] | None = None,
    taken: Mapping[str, Sequence[int]] | None = None,
    damaged: bool = False,
    join: bool = True,
    preset: str | None = None,
    progress: bool = False,
    **settings: Any,
) -> Selection:
    """The frames that are worth labelling, the best first.

    Args:
        videos: a video (a file, a folder of pictures, an opened one) or several; or what
            `score_video` gave, so that other rules can be tried without scoring again.
        detector: a name, a checkpoint file, or what `framesift.load_detector` gave.
        mask: bool H×W of the frame's size, True where pixels take no part.
        taken: frame numbers that earlier cycles picked, by the drive's name; they and their
            neighbours up to Δt2 are not picked.
        damaged: whether frames that are known as damaged may be picked.
        join: whether clips that follow one another become one drive.
        preset: "paper" for the values of the paper where nothing else is given.
        progress: shows a bar, in a terminal or a notebook.

    Returns:
        A Selection: its picks in order, and why other frames are not among them. It plots,
        becomes a table, and shows thumbnails in a notebook.

    Raises:
        InputError: a video or the detector cannot be used, or a setting makes no sense.

    Example:
        >>> picks = framesift.select_frames("clip.mp4", detector, budget=2, delta1=1)
        >>> [pick.rank for pick in picks]
        [1, 2]
        >>> framesift.select_frames("clip.mp4", budget=3, strategy="uniform")
        <Selection: 3 of 3 frames of 'clip.mp4', by uniform>
    """
    taken = taken_of(taken)
    given, scoring, frames, run = sorted_out(settings, NOUN, keywords(Rules), _scoring(), *_RUN)
    items = listed(videos)
    defaults = preset_of(preset, SELECTION_PRESETS)
    if any(isinstance(item, ScoreSeries) for item in items):
        _refuse_scoring({**scoring, **frames, **run})
        defaults = {name: value for name, value in defaults.items() if name != "strategy"}
        return choose_from_series(items, {**defaults, **given}, taken=taken, damaged=damaged)
    rules = made(Rules, {"strategy": _usual(scoring, preset)}, defaults, given, noun=NOUN)
    rules = replace(rules, strategy=strategy_named(rules.strategy).name)
    options = score_options(rules.strategy, scoring, preset, mask)
    which = made(Which, frames, noun="scoring")
    with opened_drives(items, join=join) as drives:
        with running(detector if options.scorers else None, run) as chosen:
            records = score_drives(drives, chosen, options.scorers, options.reads(rules), which)
            scores = last(records, Scores, progress=progress)
        return choose_from(drives, scores.pool(drives, damaged=damaged, taken=taken), rules)


def _usual(scoring: Mapping[str, Any], preset: str | None) -> str:
    """The strategy where none is named."""
    paper = preset_of(preset, SELECTION_PRESETS).get("strategy")
    return usual_strategy(scoring) if paper is None else str(paper)


def _refuse_scoring(given: Mapping[str, Any]) -> None:
    for name in given:
        raise InputError(
            f"{name} is a setting of the scoring, and the series are scored already; give it "
            "to score_video."
        )
