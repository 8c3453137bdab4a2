"""Work past one process: units of work, a folder that all workers see, and what starts workers.

A unit's result is one file that is named by the unit's key and appears whole. Whoever makes it
twice makes the same file again, so retries, duplicates and workers that were given up and come
back do no harm. What is in a unit, and what a result means, this package does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.cluster.board import Board as Board
    from framesift.cluster.running import Landed as Landed
    from framesift.cluster.running import run_units as run_units
    from framesift.cluster.units import Handler as Handler
    from framesift.cluster.units import Made as Made
    from framesift.cluster.units import Unit as Unit
    from framesift.cluster.where import Where as Where
    from framesift.cluster.working import work as work
else:
    __getattr__ = lazily(
        __name__,
        {
            "Board": "board",
            "Handler": "units",
            "Landed": "running",
            "Made": "units",
            "Unit": "units",
            "Where": "where",
            "run_units": "running",
            "work": "working",
        },
    )

__all__ = ["Board", "Handler", "Landed", "Made", "Unit", "Where", "run_units", "work"]
