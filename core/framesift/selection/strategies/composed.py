"""Strategies put together: signals, a combination, a gate, a spread, a random share."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.selection.combining import combined
from framesift.selection.spreads import SPREADS
from framesift.selection.strategies.base import Draws, Strategy
from framesift.selection.strategies.spec import StrategySpec, spec_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.frame_rules import FrameRules
    from framesift.selection.pool import Pool
    from framesift.selection.result import Selection

    Floats = NDArray[np.float64]
    Parts = tuple[Floats, ...]
    Values = Callable[[NDArray[np.int64] | None], Parts]
else:
    np = lazy_module("numpy")
UNKNOWN_COST = "as its signals"


class Composed(Strategy):
    """What a StrategySpec says. in_family: a member of STRATEGIES, told by its name alone.

    Where signals are brought into 0 to 1 by their range in the gate, a frame that a signal has
    nothing to tell of (it holds no box, or none that two looks share) takes the gate's median.
    """

    smoothing = True

    def __init__(
        self,
        spec: StrategySpec,
        description: str = "",
        *,
        needs: tuple[str, ...] = (),
        failure: str = "wherever its signals are high",
        cost: str = UNKNOWN_COST,
        in_family: bool = False,
    ) -> None:
        self.spec, self.name = spec, spec.name
        self.title = spec.title or spec.name
        self.description = description or _described(spec)
        self.spread = spec.spread
        self.needs, self.failure, self.cost = needs, failure, cost
        self.signals = tuple(dict.fromkeys([*spec.signals, *spec.gate_by]))
        self._in_family = in_family
        steps = [spec, *(spec.at(step["from_cycle"]) for step in spec.schedule)]
        compared = {what for step in steps for what in SPREADS[step.spread].compares}
        self.descriptors = ("thumbnail",) if compared else ()
        self.prefers = tuple(
            name
            for name, what in (("frame_embedding", "frames"), ("object_embedding", "objects"))
            if what in compared
        )

    @property
    def key(self) -> str:
        return self.name if self._in_family else spec_text(self.spec)

    def share_in(self, cycle: int) -> float:
        return self.spec.at(cycle).random_share

    def rank(self, pool: Pool, rules: FrameRules, rng: Draws) -> Selection:
        from framesift.selection.gated import gated

        spec = self.spec.at(pool.cycle)
        by_drive = {name: pool.values(name) for name in self.signals}
        gate_values, values = self._combined(pool, spec, by_drive)
        return gated(
            pool,
            rules,
            gate_values,
            values,
            spread=SPREADS[spec.spread],
            gate_size=spec.gate,
            rng=rng.of(f"spread {spec.spread}"),
            raw={drive.key: drive.signals[spec.signals[0]] for drive in pool},
            reason=self._reason(spec),
        )

    def _combined(
        self, pool: Pool, spec: StrategySpec, by_drive: Mapping[str, Parts]
    ) -> tuple[Parts, Values]:
        """What the gate goes by, and what the spread does among the frames that pass it."""
        if len(self.signals) == 1 and spec.normalise != "gate":
            # Alone it is ranked as it is, and nothing is missing but what it lacks.
            (alone,) = by_drive.values()
            return alone, lambda _: alone
        made_of = tuple((name, *parts) for name, parts in by_drive.items())

        def before() -> tuple[dict[str, Floats], NDArray[np.bool_], Parts]:
            by_name = {name: np.concatenate(parts) for name, parts in by_drive.items()}
            missing = functools.reduce(np.logical_or, map(np.isnan, by_name.values()))
            flat = self._values(spec, spec.gate_by or spec.signals, by_name, missing)
            return by_name, missing, _split(flat, pool)

        by_name, missing, gate_values = pool.kept.get(
            "combined", (spec_text(spec), made_of), before
        )

        def values(index: NDArray[np.int64] | None) -> Parts:
            if spec.normalise != "gate" and not spec.gate_by:
                return gate_values
            inside = ~np.isnan(np.concatenate(gate_values))
            if index is not None:
                inside[:] = False
                inside[index] = True
            told = {name: _with_median(pool, name, of, inside) for name, of in by_name.items()}
            of_gate = told if spec.normalise == "gate" else by_name
            return _split(self._values(spec, spec.signals, of_gate, missing, inside), pool)

        return gate_values, values

    def _values(
        self,
        spec: StrategySpec,
        names: tuple[str, ...],
        by_name: Mapping[str, Floats],
        missing: NDArray[np.bool_],
        inside: NDArray[np.bool_] | None = None,
    ) -> Floats:
        # Before the gate there is no range in it.
        before = inside is None and spec.normalise == "gate"
        combination = combined(
            [by_name[name] for name in names],
            [spec.weight_of(name) for name in names],
            how=spec.combine,
            normalise="ranks" if before else spec.normalise,
            inside=inside,
        )
        # A single signal lacks just what it lacks.
        return combination if len(self.signals) == 1 else np.where(missing, np.nan, combination)

    def _reason(self, spec: StrategySpec) -> dict[str, Any]:
        by = spec.signals[0] if len(spec.signals) == 1 else self.name
        more = {"signals": list(spec.signals)} if len(spec.signals) > 1 else {}
        spread = {} if spec.spread == "greedy" else {"spread": spec.spread}
        return {"by": by, **more, **spread}


def _split(flat: Floats, pool: Pool) -> Parts:
    """Values of all drives in a row, by drive."""
    edges = [0, *itertools.accumulate(map(len, pool))]
    return tuple(flat[start:stop] for start, stop in itertools.pairwise(edges))


def _with_median(pool: Pool, signal: str, values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """A signal's values with the median of those inside for frames that hold nothing."""
    if not any(signal in drive.without_boxes for drive in pool):
        return values
    empty = np.concatenate(
        [drive.without_boxes.get(signal, np.zeros(len(drive), np.bool_)) for drive in pool]
    )
    among = values[inside & ~empty & ~np.isnan(values)]
    return np.where(empty, np.median(among) if len(among) else 0.0, values)


def _described(spec: StrategySpec) -> str:
    """One line on what a strategy of somebody's own does."""
    how = f"{spec.combine} of " if len(spec.signals) > 1 else ""
    gate = f", the best {spec.gate} budgets of frames" if spec.gate else ""
    return f"{how}{', '.join(spec.signals)}{gate}; {SPREADS[spec.spread].title}"
