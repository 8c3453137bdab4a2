"""What commands that work on a project share."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options
from framesift.cli.settings import given_options
from framesift.errors import InputError
from framesift.records.settings import union

if TYPE_CHECKING:
    from framesift.project import Project
    from framesift.scores import FrameScorer
    from framesift.video.settings import VideoSettings


@contextlib.contextmanager
def writing(folder: Path | str, *, create: bool = False, **made_with: Any) -> Iterator[Project]:
    """A project opened for writing; made where there is none, if `create`."""
    from framesift.project import Project

    opened = Project.open_or_create(folder, **made_with) if create else Project.open(folder)
    with opened as project:
        yield project


@contextlib.contextmanager
def reading(folder: Path | str) -> Iterator[Project]:
    """A project opened for reading, whoever writes it."""
    from framesift.project import Project

    with Project.open(folder, readonly=True) as project:
        yield project


def add_footage(
    project: Project,
    paths: list[str],
    reading: VideoSettings,
    *,
    stills: bool = False,
    separate: bool = False,
    role: Any = "pool",
    failed: dict[str, str] | None = None,
) -> list[str]:
    """Adds videos (clips of one drive joined); the ids of all of them, new or known. With
    `failed` what cannot be added does not cost the others; see footage.opened."""
    from framesift.cli import footage

    ids: list[str] = []
    with footage.opened(paths, reading, stills=stills, failed=failed) as videos:
        for video in videos:
            for text in video.warnings:
                console.warn(f"{video.name}: {text}")
        for drive in footage.drives_of(videos, separate=separate or stills):
            try:
                stored = project.videos.add_drive(drive.clips, role=role)
            except InputError as error:
                if failed is None or len(paths) == 1:
                    raise
                failed[str(drive.clips[0].path)] = str(error)
                continue
            fingerprints = {clip.fingerprint for clip in drive.clips}
            ids += [clip.id for clip in stored.clips if clip.fingerprint in fingerprints]
    return ids


def score_settings(args: argparse.Namespace, strategy: str) -> dict[str, Any]:
    """The FrameScorer options that the command line says, over those of its preset; all but the
    method, which the strategy says. Raises InputError for a setting that only other scores than
    the strategy's have."""
    from framesift.scores.family import score_named, score_params
    from framesift.scores.settings import PRESETS, ScoreSettings
    from framesift.scores.strategies import refuse_contradiction, strategy_named

    particular = given_options(args, *score_params().values())
    refuse_contradiction(
        {
            setting.name: f"--{setting.flag}"
            for setting in union(score_params())
            if setting.name in particular
        },
        [strategy],
    )
    members = [score_named(name) for name in strategy_named(strategy).signals]
    given = given_options(args, ScoreSettings, *(member.params for member in members))
    preset = PRESETS.get(getattr(args, "preset", None) or "", {})
    return {**preset, **given, "mask": options.read_mask(args.mask)}


def project_score_settings(
    project: Project, detector: Any, args: argparse.Namespace, strategy: str
) -> dict[str, Any]:
    """The same for a project, whose classes and detectors count where the command line names
    none."""
    from framesift.loop import project_options
    from framesift.scores import FrameScorer

    options = project_options(project, detector, strategy, score_settings(args, strategy))
    # Before anything is kept: a class that is not there must not stay in the project.
    FrameScorer(**options).check_classes(detector.classes)
    return options


def keep_options(project: Project, args: argparse.Namespace, detector: Any) -> None:
    """Stores what the command line says about classes in the score and about tiles."""
    from framesift.scores.settings import ScoreSettings

    run = options.run_settings(args)
    if run.tiles:
        project.settings.set_tiles(detector.tiles)
    if run.backend:
        project.settings.set_backend(detector.backend, detector.precision)
    given = given_options(args, ScoreSettings)
    if "classes" in given:
        project.settings.set_scored_classes(given["classes"])
    if "class_weights" in given:
        project.settings.set_class_weights(given["class_weights"])


def scorers(options: dict[str, Any], strategy: str) -> dict[str, FrameScorer]:
    """By signal of a strategy what scores it. Raises InputError for an unknown strategy."""
    from framesift.scores import FrameScorer
    from framesift.scores.strategies import strategy_named

    return {
        signal: FrameScorer(**{**options, "method": signal})
        for signal in strategy_named(strategy).signals
    }


def plain_scores(
    options: dict[str, Any], strategy: str, detector: Any
) -> dict[str, dict[str, Any]]:
    """By signal of a strategy what recipes with this detector hold of FrameScorer options:
    without the mask, which each camera has its own."""
    made = scorers({**options, "mask": None}, strategy)
    return {signal: scorer.settings(detector) for signal, scorer in made.items()}


def open_detector(project: Project, args: argparse.Namespace, *, exact: bool = False) -> Any:
    """The project's current detector, or the one that --detector names; `exact`: never in 8
    bits."""
    from framesift.loop import current_detector

    run = options.run_settings(args)
    options.use_threads(run)
    return current_detector(
        project,
        device=run.device,
        precision=run.precision,
        backend=run.backend,
        name=args.detector or None,
        tiles=run.tiles,
        exact=exact,
    )
