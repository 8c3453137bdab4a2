"""Says what a video really holds: its index, true frame count, rate, and warnings."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from framesift.cli import console, options

if TYPE_CHECKING:
    from framesift.video import Video


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "videos", nargs="+", metavar="VIDEO", help="video files, or folders of images"
    )
    parser.add_argument("--stills", action="store_true", help="folders of unordered images")
    options.add_footage_options(parser)
    parser.add_argument(
        "--verify", action="store_true", help="decode every frame to make sure of the count"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(args: argparse.Namespace) -> int:
    from framesift.cli import footage

    failed: dict[str, str] = {}
    with (
        footage.opened(
            args.videos, options.video_settings(args), stills=args.stills, failed=failed
        ) as videos,
        console.Shown() as shown,
    ):
        facts = [_facts(video, args.verify, shown) for video in videos]
    if args.json:
        bad = [{"path": path, "error": sentence} for path, sentence in failed.items()]
        console.say(json.dumps([*facts, *bad], indent=1))
    else:
        for entry in facts:
            _print(entry)
    return footage.tell_failed(failed)


def _facts(video: Video, verify: bool, shown: console.Shown) -> dict[str, Any]:
    from framesift.video.file import FileVideo, Verified
    from framesift.video.file import verify as verifying

    still = video.kind == "stills"
    facts: dict[str, Any] = {
        "path": str(video.path),
        "kind": video.kind,
        "frames": len(video),
        "width": video.width,
        "height": video.height,
        "fps": None if still else video.fps,
        "variable_rate": True if video.times is not None else None,
        "last_frame_s": None if still else video.index.seconds(len(video) - 1),
        "fingerprint": video.fingerprint,
    }
    if isinstance(video, FileVideo):
        table = video.table
        facts |= {
            "stream": table.stream,
            "container": table.container,
            "codec": table.codec,
            "frames_promised": table.promised or None,
            "rotation": 90 * table.turns or None,
            "mirrored": table.mirrored or None,
            "recorded": table.recorded or None,
            "damaged_frames": len(table.damaged) or None,
            "checked": "every frame" if table.checked == "all" else "samples",
        }
        if verify:
            done = [
                r for r in shown.drain(verifying(video), video.name) if isinstance(r, Verified)
            ]
            facts |= {
                "frames": done[-1].frames,
                "checked": "every frame",
                "damaged_frames": len(done[-1].damaged) or None,
            }
    facts["warnings"] = list(video.warnings)
    return facts


def _print(facts: dict[str, Any]) -> None:
    from framesift.report import clock
    from framesift.video import rate_text

    console.say(facts["path"])
    for name, value in facts.items():
        if name in ("path", "warnings", "variable_rate") or value is None:
            continue
        text = str(value)
        if name == "last_frame_s":
            text = clock(value)
        elif name == "fps":
            text = rate_text(value, varies=bool(facts["variable_rate"]))
        console.say(f"  {name.removesuffix('_s').replace('_', ' '):<16} {text}")
    for text in facts["warnings"]:
        console.say(f"  warning          {text}")
