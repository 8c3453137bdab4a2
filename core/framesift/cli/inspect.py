"""Says what a video really holds: its index, true frame count, rate, and warnings."""

from __future__ import annotations

import argparse
import json

from framesift.cli import console, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("videos", nargs="+", metavar="VIDEO",
                        help="video files, or folders of images")
    parser.add_argument("--stills", action="store_true", help="folders of unordered images")
    parser.add_argument("--stream", type=options.whole(0), metavar="N",
                        help="which video stream (default: the best one)")
    parser.add_argument("--verify", action="store_true",
                        help="decode every frame and compare with the index")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(args: argparse.Namespace) -> int:
    from framesift.cli import footage
    from framesift.report import clock

    found = []
    with footage.opened(args.videos, stills=args.stills, stream=args.stream) as videos, \
            console.Shown() as shown:
        for video in videos:
            if args.verify:
                list(shown.drain(video.verify(), video.name))
            still = video.kind == "stills"
            seconds = None if still else video.index.seconds(len(video) - 1)
            found.append({
                "path": str(video.path), "kind": video.kind, "frames": len(video),
                "width": video.width, "height": video.height,
                "fps": None if still else video.fps,
                "last_frame_s": seconds, "fingerprint": video.fingerprint,
                "warnings": list(video.warnings), **video.details()})
    if args.json:
        console.say(json.dumps(found, indent=1))
        return 0
    for one in found:
        console.say(str(one["path"]))
        for name, value in one.items():
            if name in ("path", "warnings") or value is None:
                continue
            shown_value = clock(value) if name == "last_frame_s" else value
            if isinstance(value, float) and name == "fps":
                shown_value = f"{value:.6g}"
            console.say(f"  {name.replace('_', ' '):<18} {shown_value}")
        for text in one["warnings"]:
            console.say(f"  warning            {text}")
    return 0
