"""Measures this machine: what the method costs beside the detector it watches.

Ratios are taken between runs that alternate within one process, so that a machine whose
speed drifts still gives an honest figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.bench.row import Row as Row
    from framesift.bench.rows import measure as measure
else:
    __getattr__ = lazily(__name__, {"Row": "row", "measure": "rows"})

__all__ = ["Row", "measure"]
