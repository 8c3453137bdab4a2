"""`select --project`: a selection from stored scores, as a dry run."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options, projects

if TYPE_CHECKING:
    from framesift.loop import Offer
    from framesift.project import Project
    from framesift.report import SelectionReport


def select_from_project(args: argparse.Namespace) -> int:
    """Selects, prints, and writes --json and --out; the project is only read."""
    from framesift.cli.selecting import deliver, rules_of
    from framesift.loop import selection

    with (
        projects.reading(args.project) as project,
        console.Shown() as shown,
        contextlib.ExitStack() as stack,
    ):
        rules = rules_of(args, project)
        args.detector = "" if args.detector == "pedestrian" else args.detector
        detector = projects.open_detector(project, args)
        scoring = projects.project_score_settings(project, detector, args, rules.strategy)
        offer = selection(
            project,
            rules,
            detector=detector.identity(),
            scores=projects.plain_scores(scoring, rules.strategy, detector),
            grid=options.which_frames(args).grid_of_all(),
            damaged=args.damaged,
        )
        report = project_report(project, offer, stack, shown)
        scorers = projects.scorers(scoring, rules.strategy)
        deliver(report, args, shown, detector, next(iter(scorers.values()), None))
        console.say("Nothing was taken; `framesift cycle` takes.")
    return 0


def project_report(
    project: Project, offer: Offer, stack: contextlib.ExitStack, shown: console.Shown
) -> SelectionReport:
    """The report of an offer, whose notices are told; videos are opened on `stack`."""
    from framesift.project.missing import open_or_stand_in
    from framesift.report import SelectionReport
    from framesift.video import Drive

    for text in offer.notices:
        shown.notice(text)
    drives: list[Any] = []
    maxima: dict[str, Any] = {}
    for stored in offer.inputs.drives:
        clips = tuple(open_or_stand_in(project.videos, clip, stack) for clip in stored.clips)
        drives.append(Drive(stored.key, clips))
        of_drive = maxima.setdefault(stored.key, {})
        for pick in offer.choice.selection:
            if pick.video == stored.key:
                clip, frame = stored.locate(pick.frame)
                series = offer.inputs.series_of(stored.clips[clip].id)
                if series is not None:
                    of_drive[pick.frame] = project.series.maxima(series, [frame]).get(frame, ())
    return SelectionReport(
        drives,
        offer.choice.selection,
        offer.choice.raw,
        offer.choice.smoothed,
        maxima,
        {**offer.settings(), "detector": offer.detector},
        tuple(shown.notices),
        title=f"{project.name} · frames worth labelling",
        by_score=offer.choice.signal is not None,
    )
