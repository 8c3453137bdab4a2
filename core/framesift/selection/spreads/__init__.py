"""How picks are chosen among the frames that pass the gate.

A new spread is one class in a file of its own and one line here.
"""

from framesift.selection.spreads.base import Field, Objects, Places, Spread
from framesift.selection.spreads.classes import Classes
from framesift.selection.spreads.core_set import CoreSet
from framesift.selection.spreads.greedy import Greedy
from framesift.selection.spreads.k_means import KMeansPlusPlus
from framesift.selection.spreads.ppal import Ppal
from framesift.selection.spreads.timeline import Timeline

SPREADS: dict[str, Spread] = {
    spread.name: spread
    for spread in (Greedy(), CoreSet(), KMeansPlusPlus(), Ppal(), Timeline(), Classes())
}

__all__ = ["SPREADS", "Field", "Objects", "Places", "Spread"]
