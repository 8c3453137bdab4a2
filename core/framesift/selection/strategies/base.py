"""What a strategy is: what it needs, and how it chooses from a pool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from framesift.selection.draws import Draws as Draws

if TYPE_CHECKING:
    from framesift.selection.frame_rules import FrameRules
    from framesift.selection.pool import Pool
    from framesift.selection.result import Selection


class Strategy(ABC):
    """A member of the family.

    name: its key in STRATEGIES. title: its name in lists, description: what it looks for, one
    line. signals: the scores that it ranks by (names of framesift.scores' SCORES and
    BOX_SCORES), in order; () where it needs no detector. descriptors: those that it reads
    (names of DESCRIPTORS), prefers: those that it reads in their place where all frames have
    them. needs: what a detector or the footage must have for it ("maps", "boxes", "dropout",
    "proposals", "features": the backbone's last, "head", "checkpoints": others to compare with,
    "video"). cost: forward passes of the detector
    per frame, in words. failure: which kind of failure it looks for, in words. smoothing:
    whether eq. 6 applies to its signals. temporal_rules: whether Δt1, Δt2 and the look-alike
    rule apply (a frame once taken stays taken anyway). spread: how it chooses among the best (a
    name of SPREADS).
    """

    name: str
    title: str
    description: str
    signals: tuple[str, ...] = ()
    descriptors: tuple[str, ...] = ()
    prefers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    cost: str = "0"
    failure: str = "none"
    smoothing: bool = False
    temporal_rules: bool = True
    spread: str = "greedy"

    @property
    def key(self) -> str:
        """What rules, ledgers and experiments call it by: all that makes it again."""
        return self.name

    def share_in(self, cycle: int) -> float:
        """The share of a cycle's budget that is picked at random under the rules, where the
        rules say no other one."""
        return 0.0

    @abstractmethod
    def rank(self, pool: Pool, rules: FrameRules, rng: Draws) -> Selection:
        """The picks, best first, each with its reason, and why the others are not among them.

        pool: its drives hold the strategy's signals (smoothed where `smoothing` says so, see
        PoolDrive.values) and descriptors. rules: what the picks keep to; `rules.select` takes
        the highest values under all of them. rng: of the random ones. The same arguments give
        the same picks to the bit.
        """
