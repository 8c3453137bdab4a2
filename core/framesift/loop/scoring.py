"""Scoring a project's footage: resumable, one series per video and recipe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.loop.compared import NEED, compared_with
from framesift.loop.detectors import keep_backend
from framesift.loop.scoring_run import ScoringRun, VideoScored
from framesift.project import Project
from framesift.project.strategy import usual_strategy_of
from framesift.records import Notice, Progress, RateMeter
from framesift.scores import pipeline
from framesift.scores.pipeline import ScoredFrame
from framesift.scores.strategies import strategy_named

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def scored_classes(
    project: Project, known: Sequence[str], options: Mapping[str, Any]
) -> dict[str, Any]:
    """The FrameScorer options that a project leaves open: what `options` say; else what the
    project keeps; else, where the detector knows more classes than the project labels, those
    that both have.

    Args:
        project: an open project.
        known: the detector's classes.
        options: of FrameScorer.

    Returns:
        `classes` and `class_weights`; None for all, or all alike.

    Example:
        >>> scored_classes(project, ["pedestrian", "car"], {})["classes"]
        ['pedestrian']
    """
    kept = project.settings.scored_classes
    classes = options.get("classes", kept or None)
    if kept is None and "classes" not in options:
        shared = [name for name in known if name in project.classes]
        classes = shared if 0 < len(shared) < len(known) else None
    weights = options.get("class_weights", project.settings.class_weights) or None
    return {"classes": classes, "class_weights": weights}


def project_options(
    project: Project, detector: Detector, strategy: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    """The FrameScorer options by which a strategy scores a project's footage, all but the
    method: `options`, and what they leave open.

    Args:
        project: an open project.
        detector: the one that scores.
        strategy: a name, or a .toml file.
        options: of FrameScorer.

    Returns:
        `options`, `scored_classes`, and where the strategy compares detectors as `ensemble`
        those of `compared_with`.

    Raises:
        InputError: the strategy is unknown, or there is no detector to compare with.

    Example:
        >>> project_options(project, detector, "divergence", {"radius": 3})["radius"]
        3
    """
    chosen = {**options, **scored_classes(project, detector.classes, options)}
    if NEED in strategy_named(strategy).needs:
        chosen["ensemble"] = compared_with(project, detector, options.get("ensemble", ()))
    return chosen


def method_options(
    project: Project, detector: Detector, options: Mapping[str, Any]
) -> dict[str, Any]:
    """The FrameScorer options with what they leave open: `scored_classes`, and the method of
    the project's usual strategy.

    Example:
        >>> method_options(project, detector, {"radius": 3})["method"]
        'divergence'
    """
    usual = {} if "method" in options else {"method": usual_strategy_of(project, options)}
    return {**usual, **options, **scored_classes(project, detector.classes, options)}


def heat_method(method: str, has_maps: bool) -> str:
    """The score that a heat map shows for a method: itself, or what stands for it where there
    is one picture alone, or no map. has_maps: whether the detector has any.

    Example:
        >>> heat_method("flicker-missed", has_maps=True)
        'entropy'
    """
    from framesift.scores import SCORES, TIME_SIGNALS

    name = method.replace("-", "_")
    if name in TIME_SIGNALS:
        # A single picture has no neighbours.
        return "entropy" if has_maps else "box_entropy"
    return "box_entropy" if name in SCORES and not has_maps else name


def heat_options(
    project: Project, detector: Detector, options: Mapping[str, Any], category: str = ""
) -> dict[str, Any]:
    """The FrameScorer options of a heat map: those of the score, or of one class alone. A
    detector without maps shows how unsure its boxes are."""
    from framesift.scores import every_score

    chosen = {**options, **scored_classes(project, detector.classes, options)}
    if category:
        chosen |= {"classes": [category], "class_weights": None}
    method = heat_method(str(chosen.get("method", "")), detector.has_maps)
    if method:
        chosen["method"] = method
    if method in (family := every_score()) and NEED in family[method].needs:
        chosen["ensemble"] = compared_with(project, detector, chosen.get("ensemble", ()))
    return chosen


def score_project(
    project: Project,
    detector: Detector,
    *,
    options: dict[str, Any] | None = None,
    signals: Sequence[str] = (),
    videos: Sequence[str] | None = None,
    every: int = 1,
    start: int = 0,
    stop: int | None = None,
    progressive: bool = False,
    batch: int | None = None,
    keep_logits: float | None = None,
    unchanged: float = 0.0,
    hardware: str | None = None,
) -> Iterator[VideoScored | ScoredFrame | Progress | Notice]:
    """Scores what is unscored in the pool, and stores it as it goes.

    Committed frames are never scored again; a run that is killed loses at most the last two
    seconds. Progress counts the frames of all videos. Closing the generator commits. A video
    that is gone or changed is left out, with a Notice.

    Args:
        project: a project open for writing.
        detector: the one that scores.
        options: of FrameScorer; see `scored_classes` for what they leave open.
        signals: the scores to make, out of as few passes as there can be; one that a frame has
            is not made again. (): the options' method, or else that of the project's usual
            strategy.
        videos: ids; None: those of the pool.
        every: each how many-th frame, 1 or more.
        start: the first frame, 0 or more.
        stop: the frame before which to end; None: the end.
        progressive: all videos get their coarse pass before any gets a finer one.
        batch: frames at a time; None: what suits the device.
        keep_logits: gigabytes that the project's kept logits may take in all; scores are then
            those of logits rounded to float16, under a recipe of their own, and
            `rescore_project` makes others of them. None: none are kept.
        unchanged: grey levels that a frame may differ from an earlier one whose score it takes
            over; 0: in no pixel.
        hardware: the kind of device that decodes videos, where it gives the same pictures (see
            framesift.video.hardware); None: the processor.

    Yields:
        ScoredFrames, Progress and Notices, and last a VideoScored for each video.

    Raises:
        InputError: there is nothing to score, or no video can be found.
        EnvironmentProblem: a file changes meanwhile; what was scored of it since it was last
            known to be the same is not kept.

    Example:
        >>> records = score_project(project, detector, every=6, options={"radius": 3})
        >>> framesift.last(records, VideoScored).scored
        2
    """
    records = (
        [project.videos.get(v) for v in videos] if videos else list(project.videos.all("pool"))
    )
    if not records:
        raise InputError(
            f"{project.folder} has no footage to score; add some with `framesift add`."
        )
    total = sum(
        len(pipeline.frame_numbers(len(r), start=start, stop=stop, every=every)[0])
        for r in records
    )
    meter = RateMeter(total, "frames", "scoring")
    keep_backend(project, detector)
    with contextlib.ExitStack() as stack:
        # Of the method, which signals replace, the project is not asked.
        named = {"method": signals[0]} if signals else {}
        chosen = method_options(project, detector, {**(options or {}), **named})
        runs = [
            stack.enter_context(
                ScoringRun(
                    project,
                    detector,
                    record,
                    chosen,
                    signals,
                    batch,
                    keep_logits,
                    unchanged,
                    hardware,
                )
            )
            for record in records
        ]
        passes = [
            pipeline.frame_numbers(
                len(run.record), start=start, stop=stop, every=every, progressive=progressive
            )
            for run in runs
        ]
        for number in range(max(map(len, passes))):
            for run, of_video in zip(runs, passes, strict=True):
                if number < len(of_video) and not run.missing:
                    yield from run.score(of_video[number], meter)
                    if len(runs) == 1 and run.missing:
                        raise InputError(run.missing)
        if all(run.missing for run in runs):
            raise InputError(" ".join(run.missing for run in runs))
        runs[-1].settle(done=True)
        for run in runs:
            if run.missing:
                continue
            yield from run.taken_over.notices(run.record.name)
            yield VideoScored(run.record.id, run.new, int(run.scored.sum()))
