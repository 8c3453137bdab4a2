"""Weights that others publish: list them, fetch them, take in a file that was brought by hand.

`get` is the only command of Framesift that uses the network. What it fetches is checked
against its hash and kept in the cache folder; then `--detector NAME` takes it. Proxies come
from HTTPS_PROXY and NO_PROXY. Without a network, fetch the file elsewhere and `import` it.

`import FILE --architecture NAME --classes a,b` makes a detector of Framesift's out of the state
dict of a network of torchvision's that you trained yourself.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from framesift.cli import console, options
from framesift.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(
        title="actions", metavar="list|get|import|remove", required=True
    )
    shown = parts.add_parser("list", help="what there is, and what is here")
    shown.add_argument("--classes", action="store_true", help="name all classes")
    shown.add_argument("--json", action="store_true", help="answer in JSON")
    shown.set_defaults(weights=_list)
    get = parts.add_parser("get", help="fetch weights (uses the network)")
    get.add_argument("name", nargs="+", metavar="NAME")
    get.set_defaults(weights=_get)
    into = parts.add_parser("import", help="take in a file")
    into.add_argument("file", metavar="FILE")
    into.add_argument(
        "--architecture",
        metavar="NAME",
        help="for weights of your own: the network that they are for",
    )
    into.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        help="for weights of your own: their classes in the order of the "
        "network's outputs, without the background",
    )
    into.add_argument(
        "--working-height",
        type=options.whole(16),
        metavar="PIXELS",
        help="for weights of your own: the height that frames are resized to",
    )
    into.add_argument(
        "--out",
        metavar="FILE.safetensors",
        help="for weights of your own: the detector to write (default: beside the file)",
    )
    options.add_overwrite(into)
    into.set_defaults(weights=_import)
    remove = parts.add_parser("remove", help="delete fetched weights")
    remove.add_argument("name", nargs="+", metavar="NAME")
    remove.set_defaults(weights=_remove)


def run(args: argparse.Namespace) -> int:
    status: int = args.weights(args)
    return status


def _list(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from framesift.detectors.files.available import available_detectors
    from framesift.detectors.weights import folder

    detectors = available_detectors()
    if args.json:
        console.say(json.dumps([asdict(detector) for detector in detectors], indent=1))
        return 0
    rows = [("name", "size", "here", "mAP", "frames/s", "classes")]
    rows += [
        (
            detector.name,
            f"{detector.size / 1e6:.0f} MB" if detector.size else "",
            "yes" if detector.downloaded else "no",
            "" if detector.precision is None else f"{detector.precision:.1f}",
            "" if detector.speed is None else f"{detector.speed:.1f}",
            ", ".join(detector.classes)
            if args.classes and detector.classes
            else _few(detector.classes),
        )
        for detector in detectors
    ]
    # Names are there to be copied, so a narrow terminal may break lines but not columns.
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        console.say(
            "  ".join(
                text.ljust(width) for text, width in zip(row, widths, strict=True)
            ).rstrip()
        )
    for detector in detectors:
        if detector.reason or detector.recommended:
            console.say(f"{detector.name}: {detector.reason or detector.recommended}")
    console.say()
    console.say(
        "mAP: COCO's, in percent, at the publisher's picture size. frames/s: scoring "
        "640×480 by one thread of a processor (see the page on detectors)."
    )
    for licence in dict.fromkeys(detector.licence for detector in detectors):
        names = [detector.name for detector in detectors if detector.licence == licence]
        console.say(f"Licence: {licence}: {', '.join(names)}.")
    console.say(f"Kept in {folder()}.")
    return 0


def _few(classes: tuple[str, ...]) -> str:
    if not classes:
        return "any, to be trained"
    return ", ".join(classes) if len(classes) < 4 else f"{len(classes)} (person, bicycle, car…)"


def _get(args: argparse.Namespace) -> int:
    from framesift.detectors.weights import download, entry, is_stored, stored_path

    entries = [entry(name) for name in args.name]
    with console.Shown() as shown:
        for weights in entries:
            here = is_stored(weights)
            for _ in shown.drain(download(weights), weights.name):
                pass
            console.say(
                f"{weights.name}: {'was here already' if here else 'fetched'} "
                f"({stored_path(weights)}). {weights.licence}."
            )
    return 0


def _import(args: argparse.Namespace) -> int:
    if args.architecture is None and args.classes is None:
        from framesift.detectors.weights import adopt_file, stored_path

        weights = adopt_file(args.file)
        console.say(
            f"{args.file} is {weights.name}; it is kept as {stored_path(weights)}. "
            f"{weights.licence}."
        )
        return 0
    if not (args.architecture and args.classes):
        raise InputError("Weights of your own need both --architecture and --classes.")
    from framesift.detectors.files.checkpoint import save_checkpoint, with_settings
    from framesift.detectors.files.published import import_state

    classes = [name for text in args.classes for name in text.split(",") if name]
    detector = import_state(args.file, args.architecture, classes)
    if args.working_height:
        detector = with_settings(detector, {"working_height": args.working_height})
    path = Path(args.file)
    out = Path(args.out) if args.out else path.with_name(f"{path.stem}.framesift.safetensors")
    options.check_new(args, out)
    save_checkpoint(out, detector)
    console.say(
        f"{out}: {detector.architecture} for {', '.join(detector.classes)}; use it as "
        f"--detector {out}."
    )
    return 0


def _remove(args: argparse.Namespace) -> int:
    from framesift.detectors.weights import entry, remove

    for name in args.name:
        freed = remove(entry(name))
        console.say(f"{name}: {freed / 1e6:.0f} MB freed.")
    return 0
