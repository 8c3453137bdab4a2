"""From scores to a series, and from a pool to a selection that can be looked at."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.loop.drives import Scores
from framesift.loop.given import preset_of
from framesift.project.video_records import drive_keys
from framesift.records.settings import made, settings_of, union
from framesift.scores import FrameScorer, ScoreSettings, score_params
from framesift.scores.settings import PRESETS as SCORE_PRESETS
from framesift.scores.strategies import reads, strategy_named
from framesift.selection import Pool, PoolDrive, Rules, Selection, choose
from framesift.selection.rules import NOUN
from framesift.selection.source import Source, seconds_of
from framesift.series import ScoreSeries, is_even, usual_distance

if TYPE_CHECKING:
    from framesift.video import Drive


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """By signal of a strategy what scores it; none where it looks at no score."""

    scorers: Mapping[str, FrameScorer]

    def reads(self, rules: Rules) -> tuple[str, ...]:
        """The names of the descriptors that a selection by these rules reads."""
        return reads(rules)


def score_options(
    strategy: str,
    given: Mapping[str, Any],
    preset: str | None,
    mask: NDArray[np.bool_] | None,
) -> ScoreOptions:
    """The scorers of a strategy under settings that are given over those of a preset. A warning
    names what is given and no score of the strategy has. Raises InputError for settings that
    make no sense."""
    signals = strategy_named(strategy).signals
    _tell_unused(strategy, signals, given)
    options = {**preset_of(preset, SCORE_PRESETS), **given, "mask": mask}
    return ScoreOptions({signal: FrameScorer(method=signal, **options) for signal in signals})


def _tell_unused(strategy: str, signals: Sequence[str], given: Mapping[str, Any]) -> None:
    shared = {row.name for row in settings_of(ScoreSettings)}
    for row, names in union(score_params()).items():
        if row.name in given and row.name not in shared and not {*names} & {*signals}:
            warnings.warn(
                f"{row.name} is a setting of {', '.join(names)}; the strategy {strategy} looks "
                f"at {', '.join(signals) or 'no score'}, which has none.",
                UserWarning,
                stacklevel=4,
            )


def series_of(drive: Drive, signal: str, scores: Scores) -> ScoreSeries:
    """The scores of one drive by one signal."""
    return ScoreSeries(
        scores.signals[signal][drive.key],
        scores.recipes[signal][drive.key],
        name=drive.key,
        seconds=seconds_of(drive),
        drive=drive,
        descriptors={name: of[drive.key] for name, of in scores.descriptors.items()},
        maxima=scores.maxima[drive.key],
        damaged=frozenset(scores.damaged[drive.key]),
    )


def choose_from(drives: Sequence[Drive], pool: Pool, rules: Rules) -> Selection:
    """The selection from a pool, with what it was made from."""
    return _chosen(
        pool,
        rules,
        {drive.key: drive for drive in drives},
        {drive.key: seconds_of(drive) for drive in drives},
    )


def _chosen(
    pool: Pool,
    rules: Rules,
    drives: Mapping[str, Drive],
    seconds: Mapping[str, NDArray[np.float64] | None],
) -> Selection:
    """The selection with its source; what the strategy has to say of it is a warning each."""
    choice = choose(pool, rules)
    for text in choice.selection.notes:
        warnings.warn(text, UserWarning, stacklevel=4)
    source = Source(drives, seconds, choice.raw, choice.rules, choice.signal)
    return replace(choice.selection, source=source)


def choose_from_series(
    items: Sequence[Any],
    given: Mapping[str, Any],
    *,
    taken: Mapping[str, Sequence[int]] | None,
    damaged: bool,
) -> Selection:
    """The selection from series of one drive each, by the score that they hold unless a
    strategy is given. Raises InputError where they do not go together."""
    series = _checked(items)
    drives = {entry.name: [s for s in series if s.name == entry.name] for entry in series}
    signals = tuple(dict.fromkeys(entry.signal for entry in series))
    strategy = str(given.get("strategy") or signals[0].replace("_", "-"))
    _check_strategy(strategy, signals)
    rules = made(Rules, given, {"strategy": strategy}, noun=NOUN)
    drawn_by = drive_keys([_path(of[0]) for of in drives.values()])
    pool = Pool(
        tuple(
            _pool_drive(of, name, tuple((taken or {}).get(key, ())), damaged)
            for (key, of), name in zip(drives.items(), drawn_by, strict=True)
        )
    )
    known: dict[str, Any] = {key: of[0].drive for key, of in drives.items()}
    return _chosen(
        pool,
        rules,
        {key: drive for key, drive in known.items() if drive is not None},
        {key: of[0].seconds for key, of in drives.items()},
    )


def _checked(items: Sequence[Any]) -> list[ScoreSeries]:
    if not all(isinstance(item, ScoreSeries) for item in items):
        raise InputError("Series and videos do not mix; score the videos with score_video.")
    known: dict[tuple[str, str], ScoreSeries] = {}
    for item in items:
        if known.setdefault((item.name, item.signal), item) is not item:
            raise InputError(
                f"Two series of {item.name!r} by {item.signal} are given; give one, or "
                "rename one with dataclasses.replace(series, name=…)."
            )
    return list(items)


def _check_strategy(strategy: str, signals: Sequence[str]) -> None:
    if strategy.replace("-", "_") in signals:
        return
    missing = [name for name in strategy_named(strategy).signals if name not in signals]
    if missing:
        raise InputError(
            f"The strategy {strategy} ranks by {missing[0]}, and the series hold "
            f"{', '.join(signals)}; score with score_video(…, method={missing[0]!r}), or leave "
            "strategy out."
        )


def _path(series: ScoreSeries) -> Path:
    return series.drive.clips[0].path if series.drive is not None else Path(series.name)


def _pool_drive(
    series: Sequence[ScoreSeries], drawn_by: str, taken: Sequence[int], damaged: bool
) -> PoolDrive:
    first = series[0]
    more: dict[str, Any] = {
        "drawn_by": drawn_by,
        "signals": {entry.signal: entry.values for entry in series},
        "descriptors": first.descriptors,
        "candidates": first.scored,
        "taken": taken,
        "excluded": () if damaged else sorted(first.damaged),
    }
    if first.drive is not None:
        # A series may be called otherwise than the drive that it is of.
        return replace(PoolDrive.of(first.drive, **more), key=first.name)
    if first.seconds is None:
        return PoolDrive(first.name, len(first), **more)
    step = usual_distance(first.seconds)
    return PoolDrive(
        first.name,
        len(first),
        fps=1 / step,
        seconds=len(first) * step,
        times=None if is_even(first.seconds) else first.seconds,
        **more,
    )
