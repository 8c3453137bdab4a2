"""Measures this machine: what scoring and selection cost beside the detector."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.cli import console, options

if TYPE_CHECKING:
    from framesift.bench import Row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON")
    parser.add_argument(
        "--picture", metavar="FILE", help="write what is quicker than whom as PNG"
    )
    parser.add_argument("--quick", action="store_true", help="within about a minute")
    options.add_device_option(parser)


def run(args: argparse.Namespace) -> int:
    from framesift.bench import Row, measure
    from framesift.loop.cluster_rows import cluster_rows

    device = options.run_settings(args).device
    rows: list[Row] = []
    with console.Shown() as shown:
        # Workers and projects take minutes, however few their frames.
        further = () if args.quick else (cluster_rows,)
        for row in shown.drain(measure(args.quick, device, further)):
            assert isinstance(row, Row)
            shown.line(f"{row.name}: {row.value:.4g} {row.unit}")
            # A run that is stopped keeps what it measured.
            rows.append(row)
            _write(args, rows)
    console.table(
        ["figure", "value", "unit", "against", "ratio", "of CPU time", "bounded by"],
        [
            (
                row.name,
                f"{row.value:.4g}",
                row.unit,
                row.against,
                "" if row.ratio is None else f"{row.ratio:.3g}",
                "" if row.cpu_ratio is None else f"{row.cpu_ratio:.3g}",
                row.bounded_by,
            )
            for row in rows
        ],
    )
    return 0


def _write(args: argparse.Namespace, rows: Sequence[Row]) -> None:
    from framesift.bench.picture import peers_png
    from framesift.files import write_bytes, write_text

    if args.json:
        document = {"rows": [row.document() for row in rows]}
        write_text(Path(args.json), json.dumps(document, indent=1) + "\n")
    if args.picture:
        write_bytes(Path(args.picture), peers_png(rows))
