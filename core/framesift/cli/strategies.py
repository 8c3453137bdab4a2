"""Lists the ways to choose frames: what each looks for, the kind of failure that it finds, what
a detector must have for it, and what it costs."""

from __future__ import annotations

import argparse
import json
from typing import Any

from framesift.cli import console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, on stdout")


def run(args: argparse.Namespace) -> int:
    rows = listed()
    if args.json:
        console.say(json.dumps(rows, indent=1))
        return 0
    console.table(
        ["strategy", "chooses", "failure", "needs", "passes a frame"],
        [
            (
                row["name"],
                row["description"],
                row["failure"],
                ", ".join(row["needs"]) or "no detector",
                row["cost"],
            )
            for row in rows
        ],
    )
    default = next(row["name"] for row in rows if row["default"])
    console.say(
        f"Where none is named: {default}; in a project that is scored by the divergence, with "
        "--preset paper, and with a setting of its own such as --radius: divergence."
    )
    return 0


def listed() -> list[dict[str, Any]]:
    """What is to be known of each strategy, JSON-able."""
    from framesift.scores.strategies import every_strategy
    from framesift.selection import Rules

    default = Rules().strategy
    return [
        {
            "name": name,
            "default": name == default,
            "title": strategy.title,
            "description": strategy.description,
            "failure": strategy.failure,
            "needs": list(strategy.needs),
            "cost": strategy.cost,
            "signals": list(strategy.signals),
            "descriptors": list(strategy.descriptors),
            "prefers": list(strategy.prefers),
            "spread": strategy.spread,
            "random_share": strategy.share_in(1),
            "smoothing": strategy.smoothing,
            "temporal_rules": strategy.temporal_rules,
        }
        for name, strategy in every_strategy().items()
    ]
