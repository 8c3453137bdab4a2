"""Work past one process: units of work, a folder that all workers see, and what starts workers.

A unit's result is one file that is named by the unit's key and appears whole. Whoever makes it
twice makes the same file again, so retries, duplicates and workers that were given up and come
back do no harm. What is in a unit, and what a result means, this package does not know.
"""

from __future__ import annotations

from framesift.cluster.board import Board
from framesift.cluster.running import Landed, run_units
from framesift.cluster.units import Handler, Made, Unit
from framesift.cluster.where import Where
from framesift.cluster.working import work

__all__ = ["Board", "Handler", "Landed", "Made", "Unit", "Where", "run_units", "work"]
