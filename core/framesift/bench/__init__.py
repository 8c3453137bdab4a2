"""Measures this machine: what the method costs beside the detector it watches.

Ratios are taken between runs that alternate within one process, so that a machine whose
speed drifts still gives an honest figure.
"""

from framesift.bench.rows import Row, measure

__all__ = ["Row", "measure"]
