"""From a pool to a selection: smoothing, strategy, rules. Every door goes through `choose`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.selection.frame_rules import frame_rules
from framesift.selection.pick import Pick
from framesift.selection.pool import FloatSeries, Pool, PoolDrive
from framesift.selection.result import Selection
from framesift.selection.rules import Rules, fitting_length
from framesift.selection.saturation import saturation
from framesift.selection.strategies import STRATEGIES, Composed, Draws, Strategy
from framesift.selection.strategies.by_score import ByScore
from framesift.selection.strategies.spec import spec_from_text
from framesift.series import filled, smooth, without_boxes


@dataclass(frozen=True, slots=True)
class Choice:
    """A selection, the pool that it was made from, smoothed, and the rules, their distances
    filled in. signal: what the strategy ranks by, its first signal; None where it looks at
    none."""

    selection: Selection
    pool: Pool
    rules: Rules
    signal: str | None

    @property
    def raw(self) -> Mapping[str, NDArray[Any]]:
        """The signal's values by drive, NaN = not scored; without a signal 0 for every
        candidate."""
        return {drive.key: raw_values(drive, self.signal) for drive in self.pool}

    @property
    def smoothed(self) -> Mapping[str, FloatSeries]:
        """The same as they were ranked, after eq. 6."""
        if self.signal is None:
            return {key: np.asarray(values, np.float64) for key, values in self.raw.items()}
        return {drive.key: drive.smoothed[self.signal] for drive in self.pool}


def raw_values(drive: PoolDrive, signal: str | None) -> NDArray[Any]:
    """What a signal says of a drive; without a signal 0 for every candidate, NaN elsewhere."""
    if signal is not None:
        return drive.signals[signal]
    raw = np.zeros(drive.frames)
    if drive.candidates is not None:
        raw[~drive.candidates] = np.nan
    return raw


def strategy_for(pool: Pool, name: str) -> Strategy:
    """A strategy by its key; one that is called like a signal of the pool ranks by that.
    Raises InputError where there is none."""
    if name in STRATEGIES:
        return STRATEGIES[name]
    if name.startswith("{"):
        return Composed(spec_from_text(name))
    signal = name.replace("-", "_")
    if any(signal in drive.signals for drive in pool):
        return ByScore(name)
    raise InputError(f"There is no strategy {name!r}; choose one of {', '.join(STRATEGIES)}.")


def spacing(values: NDArray[Any]) -> int:
    """Distance between neighbouring scored frames: the `--every` of a series (1 where
    nothing is scored)."""
    scored = np.flatnonzero(~np.isnan(values))
    return int(np.diff(scored).min()) if len(scored) > 1 else 1


def smoothed_series(
    values: NDArray[Any], rules: Rules, times: FloatSeries | None = None
) -> FloatSeries:
    """Eq. 6 over one drive; with every s-th frame scored, Δt and σ stretch by s. `times`:
    seconds of the frames where the rate varies."""
    if not rules.smoothing:
        return np.asarray(values, np.float64)
    step = spacing(values)
    return np.asarray(
        smooth(values, rules.half_window * step, rules.sigma * step, times),
        np.float64,
    )


def smoothed(pool: Pool, rules: Rules) -> Pool:
    """The slow half of `choose`: the signals of the rules' strategy are smoothed, which depends
    on no rule but `strategy`, `smoothing`, `half_window` and `sigma`. Before, frames without
    boxes take the pool's median of a signal that measures boxes.

    Args:
        pool: what to choose from.
        rules: how.

    Returns:
        The pool with its smoothed signals.

    Raises:
        InputError: the strategy is unknown, or the pool lacks what it needs.

    Example:
        >>> drive = PoolDrive("drive", 2, fps=1.0, signals={"mine": np.array([0.5, 0.5])})
        >>> smoothed(Pool((drive,)), Rules(strategy="mine"))[0].smoothed["mine"].tolist()
        [0.5, 0.5]
    """
    strategy = strategy_for(pool, rules.strategy)
    _check(pool, strategy)
    pool = _with_medians(pool, strategy)
    return replace(pool, drives=tuple(_smoothed(drive, strategy, rules) for drive in pool))


def carried(pool: Pool, before: Pool | None) -> Pool | None:
    """The pool with what `smoothed` made of an earlier one with the same scores; None where
    that lacks a drive."""
    known = {drive.key: drive for drive in before or ()}
    if before is None or any(drive.key not in known for drive in pool):
        return None
    return replace(
        pool,
        kept=before.kept,
        drives=tuple(
            replace(
                drive,
                signals=known[drive.key].signals,
                smoothed=known[drive.key].smoothed,
                without_boxes=known[drive.key].without_boxes,
            )
            for drive in pool
        ),
    )


def _with_medians(pool: Pool, strategy: Strategy) -> Pool:
    whole = {
        signal: filled({drive.key: drive.signals[signal] for drive in pool})
        for signal in strategy.signals
    }
    return replace(
        pool,
        drives=tuple(
            replace(
                drive,
                signals={
                    **drive.signals,
                    **{name: of[drive.key] for name, of in whole.items()},
                },
                without_boxes={
                    name: empty
                    for name in whole
                    if (empty := without_boxes(drive.signals[name])).any()
                },
            )
            for drive in pool
        ),
    )


def _told(selection: Selection, pool: Pool, strategy: Strategy) -> Selection:
    """With a word in the reason of each pick whose value is the pool's median, and how many
    frames have it."""
    empty = {
        drive.key: {
            s: drive.without_boxes[s] for s in strategy.signals if s in drive.without_boxes
        }
        for drive in pool
    }
    if not any(empty.values()):
        return selection

    def reason(pick: Pick) -> Mapping[str, Any]:
        lacking = [signal for signal, of in empty[pick.video].items() if of[pick.frame]]
        if not lacking:
            return pick.reason
        # Of further signals it is said which: the value that is shown is the first one's.
        words = "median" if lacking[0] == strategy.signals[0] else f"median of {lacking[0]}"
        return {**pick.reason, "without_boxes": words}

    return replace(
        selection,
        notes=(*selection.notes, _without(pool, strategy)),
        picks=tuple(replace(pick, reason=reason(pick)) for pick in selection.picks),
    )


def _without(pool: Pool, strategy: Strategy) -> str:
    """How many frames have no boxes for the first of the strategy's signals that needs some."""
    signal = next(s for s in strategy.signals if any(s in d.without_boxes for d in pool))
    scored = sum(int(np.count_nonzero(~np.isnan(drive.signals[signal]))) for drive in pool)
    none = sum(
        int(np.count_nonzero(drive.without_boxes[signal]))
        for drive in pool
        if signal in drive.without_boxes
    )
    return (
        f"{none} of {scored} scored frames have no boxes to go by; they count as the median of "
        "the others."
    )


def _smoothed(drive: PoolDrive, strategy: Strategy, rules: Rules) -> PoolDrive:
    plain = drive.stills or not strategy.smoothing
    return replace(
        drive,
        smoothed={
            signal: np.asarray(drive.signals[signal], np.float64)
            if plain
            else smoothed_series(drive.signals[signal], rules, drive.times)
            for signal in strategy.signals
        },
    )


def _check(pool: Pool, strategy: Strategy) -> None:
    if not len(pool):
        raise InputError("There is no footage to select from; give a video or a folder.")
    for drive in pool:
        for signal in strategy.signals:
            if signal not in drive.signals:
                raise InputError(
                    f"The strategy {strategy.name} ranks by {signal}, which {drive.key} has "
                    f"no values of; score it with --strategy {strategy.name}."
                )
        for descriptor in strategy.descriptors:
            if descriptor not in drive.descriptors:
                raise InputError(
                    f"The strategy {strategy.name} compares frames by their {descriptor}, "
                    f"which {drive.key} lacks; score it with --strategy {strategy.name}."
                )


def choose_smoothed(pool: Pool, rules: Rules) -> Choice:
    """The quick half of `choose`.

    Args:
        pool: what `smoothed` gave for the same rules.
        rules: how to choose.

    Returns:
        A Choice: the selection, and the rules as they were fitted to the pool.

    Raises:
        InputError: the rules make no sense.

    Example:
        >>> drive = PoolDrive("drive", 2, fps=1.0, signals={"mine": np.array([0.5, 0.6])})
        >>> rules = Rules(budget=1, strategy="mine", delta1=1, delta2=1, smoothing=False)
        >>> choose_smoothed(smoothed(Pool((drive,)), rules), rules).selection[0].frame
        1
    """
    strategy, rules = strategy_for(pool, rules.strategy), fitted(pool, rules)
    keeping = frame_rules(pool, rules, strategy)
    selection = strategy.rank(pool, keeping, Draws(rules.seed))
    if strategy.signals and strategy.temporal_rules:
        selection = replace(selection, notes=(*selection.notes, *saturation(pool, keeping)))
    selection = _told(selection, pool, strategy)
    return Choice(selection, pool, rules, strategy.signals[0] if strategy.signals else None)


def fitted(pool: Pool, rules: Rules) -> Rules:
    """The rules with the distances that they leave open, as they fit the pool (see
    `fitting`)."""
    if rules.delta1 is not None and rules.delta2 is not None:
        return rules
    delta1, delta2 = fitting_length(
        sum(drive.seconds for drive in pool),
        rules.budget,
        sum(len(drive.taken) for drive in pool),
    )
    return replace(rules, delta1=rules.delta1 or delta1, delta2=rules.delta2 or delta2)


def choose(pool: Pool, rules: Rules) -> Choice:
    """Selects frames from a pool: the one way to do it, whoever asks. Stills take part without
    smoothing, distances or look-alikes.

    Args:
        pool: what to choose from.
        rules: how to choose.

    Returns:
        A Choice: the selection, and the rules as they were fitted to the pool.

    Raises:
        InputError: the strategy is unknown, the rules make no sense, or the pool lacks what the
            strategy needs.

    Example:
        >>> values = {"mine": np.array([0.1, 0.9, 0.8, 0.5])}
        >>> drive = PoolDrive("drive", 4, fps=1.0, signals=values)
        >>> rules = Rules(budget=1, strategy="mine", delta1=1, delta2=1, smoothing=False)
        >>> choose(Pool((drive,)), rules).selection[0].frame
        1
    """
    return choose_smoothed(smoothed(pool, rules), rules)
