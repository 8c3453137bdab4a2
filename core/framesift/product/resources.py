"""Where the bundled data lies: in the wheel, in the checkout or in the frozen bundle."""

from __future__ import annotations

import sys
from pathlib import Path

from framesift.errors import EnvironmentProblem


def resource(*parts: str) -> Path:
    """The path of a bundled file or folder, e.g. `resource("detectors", "pedestrian.json")`.

    Raises EnvironmentProblem when the installation lacks it.
    """
    package = Path(__file__).resolve().parents[1]
    roots = [package / "resources", package.parents[1] / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        roots.insert(0, Path(frozen) / "framesift" / "resources")
    for root in roots:
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise EnvironmentProblem(
        f"The installation lacks the file {'/'.join(parts)}; install Framesift again."
    )
