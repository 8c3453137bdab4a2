"""Scores from kept logits: with another radius, region, reduction, mask or choice of classes,
and without the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.errors import InputError
from framesift.loop.keeping import check_kept
from framesift.loop.scoring import method_options
from framesift.loop.scoring_run import VideoScored, masked
from framesift.project import Project, VideoRecord
from framesift.project.logits import LogitSet, LogitStore
from framesift.records import Notice, Progress, RateMeter

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def rescore_project(
    project: Project,
    detector: Detector,
    *,
    options: Mapping[str, Any],
    videos: Sequence[str] | None = None,
) -> Iterator[VideoScored | Progress | Notice]:
    """Scores by other settings from the logits that were kept while frames were scored: the
    same bits as scoring anew with kept logits would give. Frames whose logits were not kept are
    counted in a Notice.

    Args:
        project: a project open for writing.
        detector: the one whose logits they are; its network does not run.
        options: of FrameScorer; without a method that of the project's usual strategy.
        videos: ids; None: those of the pool.

    Yields:
        Progress and Notices, and a VideoScored for each video.

    Raises:
        InputError: no logits are kept of any video, or the settings need others.

    Example:
        >>> list(rescore_project(project, detector, options={"radius": 5}))
        Traceback (most recent call last):
        ...
        framesift.errors.InputError: ... keeps no logits of this detector; ...
    """
    records = (
        [project.videos.get(v) for v in videos] if videos else list(project.videos.all("pool"))
    )
    store = LogitStore(project.folder)
    chosen = method_options(project, detector, options)
    kept_of = {record.id: _kept(project, store, detector, record, chosen) for record in records}
    if not any(kept_of.values()):
        raise InputError(
            f"{project.folder} keeps no logits of this detector; score with "
            "`framesift score --keep-logits GB` once, then rescore as often as you like."
        )
    meter = RateMeter(None, "frames", "rescoring")
    yield meter.progress()
    for record in records:
        kept = kept_of[record.id]
        if kept is None:
            yield Notice(f"{record.name} is left out: no logits of it are kept.")
            continue
        yield from _rescore(project, detector, record, kept, chosen, meter)


def _kept(
    project: Project,
    store: LogitStore,
    detector: Detector,
    record: VideoRecord,
    options: dict[str, Any],
) -> LogitSet | None:
    scorer = masked(project, record, options)
    check_kept(scorer)
    flip = bool(scorer.params.flip)
    sets = store.of(record.id, detector.identity())
    fitting = [candidate for candidate in sets if candidate.recipe.get("flip") is flip]
    if sets and not fitting:
        raise InputError(
            "The logits are kept "
            + ("without" if flip else "with")
            + " the mirror image; "
            + ("leave out --flip." if flip else "say --flip.")
        )
    return fitting[0] if fitting else None


def _rescore(
    project: Project,
    detector: Detector,
    record: VideoRecord,
    kept: LogitSet,
    options: dict[str, Any],
    meter: RateMeter,
) -> Iterator[VideoScored | Progress | Notice]:
    from framesift.scores.kept_logits import replayed

    scorer = masked(project, record, options)
    settings = scorer.settings(detector)
    mask = settings.pop("mask", None)
    recipe = {n: v for n, v in kept.recipe.items() if n != "flip"}
    new, seen = 0, np.zeros(len(record), np.bool_)
    with project.series.writer(
        record.id, {**recipe, "score": settings, "mask": mask}
    ) as writer:
        for chunk in kept.read():
            seen[chunk.frames] = True
            left = [at for at, n in enumerate(chunk.frames.tolist()) if not writer.scored[n]]
            for at, result in zip(left, replayed(detector, scorer, chunk, left), strict=True):
                writer.add(int(chunk.frames[at]), result.score, result.maxima)
                new += 1
                yield meter.advance()
        scored = int(writer.scored.sum())
    missing = int((_scored_before(project, record, detector) & ~seen).sum())
    if missing:
        yield Notice(
            f"{record.name}: {missing} scored frames have no kept logits and are left out; "
            "score with --keep-logits to have them."
        )
    yield VideoScored(record.id, new, scored)


def _scored_before(project: Project, record: VideoRecord, detector: Detector) -> Any:
    scored = np.zeros(len(record), np.bool_)
    for series in project.series.all(record.id):
        if series.recipe.get("detector") == detector.identity():
            scored |= ~np.isnan(project.series.values(series))
    return scored
