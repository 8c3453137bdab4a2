"""A project whose one drive is scored."""

from __future__ import annotations

from pathlib import Path


def scored_week(folder: Path, footage: Path, detector: Path) -> Path:
    """Makes it in a folder, as the commands do; gives the folder back."""
    from framesift.cli import main

    for words in (
        ["init", folder, "--classes", "pedestrian", "--detector", detector],
        ["add", folder, footage],
        ["score", "--project", folder, "--every", 1],
    ):
        assert main([str(word) for word in words]) == 0
    return folder
