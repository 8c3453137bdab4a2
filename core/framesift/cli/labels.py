"""Labels in and out, in the formats of other tools: export, import."""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options, projects
from framesift.cli.settings import add_options, given_options
from framesift.errors import InputError

FORMATS = {
    "cvat": "cvat-video",
    "yolo-v8": "yolo-ultralytics",
    "ultralytics": "yolo-ultralytics",
    "pascal-voc": "voc",
}
"""Short names that people use, by what they mean here."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from framesift.project.exchange_settings import INTO, OUT, ExportSettings, ImportSettings

    parts = parser.add_subparsers(title="actions", metavar="export|import", required=True)
    out = parts.add_parser("export", help="write the project's labels")
    out.add_argument("project", metavar="DIR")
    out.add_argument(
        "--format",
        required=True,
        metavar="NAME",
        help="coco, yolo, yolo-ultralytics, voc, cvat-video, cvat-images, "
        "label-studio, label-studio-video, labelme, "
        "datumaro, via, mot, kitti, kitti-tracking, bdd100k, csv",
    )
    out.add_argument("--out", required=True, metavar="DIR")
    add_options(out, ExportSettings, OUT)
    out.set_defaults(labels=_export)
    into = parts.add_parser("import", help="bring labels made elsewhere")
    into.add_argument("project", metavar="DIR")
    into.add_argument("file", metavar="FILE", help="a file, folder or .zip of labels")
    into.add_argument("--format", metavar="NAME", help="(default: recognised)")
    into.add_argument(
        "--video", metavar="NAME", help="the video, where the file does not say which"
    )
    into.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        help="rename a class (may be repeated)",
    )
    into.add_argument(
        "--ignore-classes",
        action="append",
        default=[],
        metavar="THEIRS[=OURS]",
        help="classes of the file that become ignore regions, of OURS or of "
        "every class: rider,group or rider=pedestrian (may be repeated)",
    )
    add_options(into, ImportSettings, INTO)
    into.set_defaults(labels=_import)


def run(args: argparse.Namespace) -> int:
    status: int = args.labels(args)
    return status


def _export(args: argparse.Namespace) -> int:
    from framesift.loop import Exported, export_labels
    from framesift.project.exchange_settings import ExportSettings

    name = FORMATS.get(args.format, args.format)
    with projects.reading(args.project) as project, console.Shown() as shown:
        for record in shown.drain(
            export_labels(
                project,
                Path(args.out),
                format=name,
                **given_options(args, ExportSettings),
            )
        ):
            assert isinstance(record, Exported)
            console.say(
                f"{record.folder}: {record.boxes} boxes in {record.frames} frames as "
                f"{record.format}, read back and compared."
            )
            if record.to_label:
                console.say(
                    f"{record.to_label} frames without a box lie beside them as pictures, to "
                    "be labelled."
                )
            for reason, count in record.left_out.items():
                console.warn(f"{name} cannot hold: {reason} ({count})")
    return 0


def _import(args: argparse.Namespace) -> int:
    from framesift.loop import Imported, import_labels
    from framesift.project.exchange_settings import ImportSettings

    name = None if args.format is None else FORMATS.get(args.format, args.format)
    with projects.writing(args.project) as project, console.Shown() as shown:
        for record in shown.drain(
            import_labels(
                project,
                Path(args.file),
                format=name,
                video=args.video,
                class_map=options.renamed(args.map),
                ignore_classes=_ignored(args.ignore_classes),
                **given_options(args, ImportSettings),
            )
        ):
            assert isinstance(record, Imported)
            console.say(
                f"{args.file}: {record.boxes} boxes in {record.frames} frames; "
                f"{record.changed} frames changed."
            )
            if record.derived:
                console.warn(
                    f"{record.derived} more boxes lie between the keyframes of tracks: no "
                    "labels until somebody confirms them (--confirm takes them as labels)."
                )
            for sentence in record.found_by:
                console.say(sentence)
            for note in record.notes:
                console.warn(note)
            for reason, count in record.left_out.items():
                console.warn(f"left out: {reason} ({count})")
    return 0


def _ignored(given: list[str]) -> dict[str, str | None]:
    ignored: dict[str, str | None] = {}
    for entry in (part.strip() for text in given for part in text.split(",")):
        theirs, equals, ours = (part.strip() for part in entry.partition("="))
        if not theirs or (equals and not ours):
            raise InputError(
                f"--ignore-classes {','.join(given)} says nothing; write it as "
                "--ignore-classes rider,group."
            )
        ignored[theirs] = ours or None
    return ignored
