"""Writes a selection's folder, in one step: it is prepared beside and then renamed."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from framesift._version import __version__
from framesift.files import cell, make_folder
from framesift.files.folders import replacing_folder
from framesift.files.printable import printable, utf8
from framesift.formats import told_apart
from framesift.formats.names import stem
from framesift.product.resources import resource
from framesift.records import Progress, RateMeter
from framesift.report.model import PickRow, SelectionReport, clock, rows
from framesift.report.pictures import data_uri, heat_overlay, save, shrink
from framesift.report.timeline import GROUND, HEIGHT, NOTCH, WIDTH, timelines

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.scores import FrameScorer

HEAT_WIDTH = 240


@dataclass(frozen=True, slots=True)
class Written:
    """A finished report: its folder, and the page to open."""

    folder: Path
    page: Path


def selection_document(report: SelectionReport) -> dict[str, Any]:
    """The JSON form of a selection (see resources/docs/selection.md).

    Args:
        report: a selection with what explains it.

    Returns:
        A dictionary of texts, numbers and lists.

    Example:
        >>> from framesift.video import Drive
        >>> drive = Drive("clip", (video,))
        >>> picks = framesift.select_frames(drive, budget=2, strategy="uniform")
        >>> values = {"clip": np.zeros(12)}
        >>> report = SelectionReport([drive], picks, values, values, {}, {})
        >>> len(selection_document(report)["picks"])
        2
    """
    videos = [
        {
            "path": str(video.path),
            "frames": len(video),
            "fps": None if math.isnan(video.fps) else video.fps,
        }
        for video in report.videos
    ]
    picks = [
        {
            "video": row.video,
            "frame": row.frame,
            "time_s": row.time_s,
            "score": row.score,
            "smoothed": row.smoothed,
            "rank": row.rank,
            "maxima": [list(maximum) for maximum in row.maxima],
            **({"without_boxes": True} if row.boxless else {}),
        }
        for row in rows(report)
    ]
    return {
        "framesift": __version__,
        "videos": videos,
        "settings": dict(report.settings),
        "picks": picks,
        "blocked": _blocked(report),
        "notices": list(report.notices),
        "requested": report.selection.requested,
        "selectable": report.selection.selectable,
    }


def _blocked(report: SelectionReport) -> list[dict[str, list[Any]]]:
    blocked: list[dict[str, list[Any]]] = []
    for drive in report.drives:
        per_clip: list[dict[str, list[Any]]] = [{} for _ in drive.clips]
        for frame, (rule, by) in report.selection.blocked(drive.key).items():
            clip, number = drive.locate(frame)
            per_clip[clip][str(number)] = [rule, by]
        blocked += per_clip
    return blocked


def write_selection(
    report: SelectionReport,
    out: str | PathLike[str],
    *,
    detector: Detector | None = None,
    scorer: FrameScorer | None = None,
    suffix: str = ".png",
    overwrite: bool = False,
) -> Iterator[Progress | Written]:
    """Writes a folder with frames/ (the picks at native size, named by video and frame number),
    selection.json, picks.csv and report.html.

    Args:
        report: a selection with what explains it.
        out: the folder; it must not exist or be empty, unless `overwrite`.
        detector: with a scorer, the page shows where each pick's pixel score lay.
        scorer: what scored the frames.
        suffix: the file ending of the frames, with its dot.
        overwrite: whether an earlier report may be replaced, if it is as it was written.

    Yields:
        Progress per pick, and last Written.

    Raises:
        InputError: `out` holds something else.
        EnvironmentProblem: the disk refuses.

    Example:
        >>> from framesift.video import Drive
        >>> drive = Drive("clip", (video,))
        >>> picks = framesift.select_frames(drive, budget=2, strategy="uniform")
        >>> values = {"clip": np.zeros(12)}
        >>> report = SelectionReport([drive], picks, values, values, {}, {})
        >>> framesift.last(write_selection(report, Path("report")), Written).page.name
        'report.html'
    """
    out = Path(out)
    with replacing_folder(out, overwrite=overwrite) as part:
        names = yield from _write_pictures(report, part, detector, scorer, suffix)
        _write_tables(report, part, names)
    yield Written(out, out / "report.html")


@dataclass(slots=True)
class _Names:
    picture: str
    plain: Any
    heat: Any


def _write_pictures(
    report: SelectionReport,
    part: Path,
    detector: Detector | None,
    scorer: FrameScorer | None,
    suffix: str,
) -> Generator[Progress, None, list[_Names]]:
    videos = report.videos
    stems = [stem(name) for name in told_apart(video.path for video in videos)]
    make_folder(part / "frames")
    picked = rows(report)
    meter = RateMeter(len(picked), "pictures", "writing the report")
    names: list[_Names] = []
    for row in picked:
        image = videos[row.video][row.frame]
        name = f"{stems[row.video]}_{row.frame:06d}{suffix}"
        save(image, part / "frames" / name)
        heat = None
        if detector is not None and scorer is not None:
            pixels, _ = scorer.pixel_scores(detector, image[None])
            full = pixels[0].float().cpu().numpy()
            size = (HEAT_WIDTH, max(1, round(full.shape[0] * HEAT_WIDTH / full.shape[1])))
            heat = cv2.resize(full, size, interpolation=cv2.INTER_AREA)
        names.append(_Names(name, shrink(image), heat))
        yield meter.advance()
    return names


def _write_tables(report: SelectionReport, part: Path, names: list[_Names]) -> None:
    picked = rows(report)
    document = selection_document(report)
    for pick, name in zip(document["picks"], names, strict=True):
        pick["picture"] = f"frames/{name.picture}"
    (part / "selection.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    # Names of files may be no UTF-8, and hold what a browser or terminal would obey.
    table, page = utf8(_csv(report, picked, names)), printable(_page(report, picked, names))
    (part / "picks.csv").write_text(table, encoding="utf-8", newline="")
    (part / "report.html").write_text(page, encoding="utf-8")


def _csv(report: SelectionReport, picked: list[PickRow], names: list[_Names]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["rank", "video", "frame", "time_s", "score", "smoothed", "picture"])
    for row, name in zip(picked, names, strict=True):
        time = "" if row.time_s is None else f"{row.time_s:.6f}"
        scores = [
            f"{row.score:.9g}" if report.by_score and not row.boxless else "",
            f"{row.smoothed:.9g}" if report.by_score else "",
        ]
        table.writerow(
            [
                row.rank,
                cell(str(report.videos[row.video].path)),
                row.frame,
                time,
                *scores,
                cell(f"frames/{name.picture}"),
            ]
        )
    return text.getvalue()


def _page(report: SelectionReport, picked: list[PickRow], names: list[_Names]) -> str:
    pages = Environment(
        loader=FileSystemLoader(resource("report")),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    heats = [name.heat for name in names if name.heat is not None]
    top = float(np.quantile(np.concatenate([h.ravel() for h in heats]), 0.999)) if heats else 0
    cards = [
        {
            "row": row,
            "video": report.videos[row.video],
            "clock": clock(row.time_s),
            "picture": name.picture,
            "plain": data_uri(name.plain),
            "heat": data_uri(heat_overlay(name.plain, name.heat, top))
            if name.heat is not None
            else None,
            "box": report.videos[row.video],
        }
        for row, name in zip(picked, names, strict=True)
    ]
    return pages.get_template("selection.html").render(
        report=report,
        cards=cards,
        timelines=timelines(report),
        width=WIDTH,
        height=HEIGHT,
        ground=GROUND,
        notch=NOTCH,
        version=__version__,
        why=report.selection.why_short(),
    )
