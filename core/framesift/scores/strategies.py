"""The strategies that there are, with one for each score: what a command or a window offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from framesift.errors import InputError
from framesift.records.settings import union
from framesift.selection import STRATEGIES, Rules, Strategy
from framesift.selection.rules import EARLIER_STRATEGY
from framesift.selection.strategies.by_score import ByScore
from framesift.selection.strategies.composed import Composed
from framesift.selection.strategies.spec import StrategySpec, load_spec, spec_from_text


def every_strategy() -> dict[str, Strategy]:
    """STRATEGIES, and for each score that none of them ranks by alone one that does, called
    like it."""
    from framesift.scores.family import every_score

    ranked_by = {strategy.signals for strategy in STRATEGIES.values()}
    others = (
        ByScore(
            name.replace("_", "-"),
            score.title,
            score.description,
            needs=score.needs,
            failure=score.failure,
            cost=score.cost,
        )
        for name, score in every_score().items()
        if (name,) not in ranked_by
    )
    return {**STRATEGIES, **{strategy.name: strategy for strategy in others}}


def strategy_named(name: str) -> Strategy:
    """A strategy by its name, by the path of a TOML file that describes one, or by its key (see
    Strategy.key). Raises InputError where there is none, and for signals that nothing gives."""
    if name.startswith("{"):
        return _composed(spec_from_text(name))
    if name.endswith(".toml"):
        return _composed(load_spec(Path(name)))
    family = every_strategy()
    if name not in family:
        raise InputError(f"There is no strategy {name!r}; choose one of {', '.join(family)}.")
    return family[name]


def _composed(spec: StrategySpec) -> Strategy:
    """A strategy of somebody's own, with what its signals need and cost."""
    family = {strategy.signals: strategy for strategy in reversed(every_strategy().values())}
    parts = []
    for signal in (*spec.signals, *spec.gate_by):
        if (signal,) not in family:
            known = (name for signals in family for name in signals if len(signals) == 1)
            raise InputError(
                f"The strategy {spec.name} ranks by {signal!r}, which is no signal; choose of "
                f"{', '.join(sorted({*known}))}."
            )
        parts.append(family[(signal,)])
    return Composed(
        spec,
        needs=tuple(dict.fromkeys(need for part in parts for need in part.needs)),
        failure="; ".join(dict.fromkeys(part.failure for part in parts)),
        cost=" + ".join(dict.fromkeys(part.cost for part in parts)),
    )


def strategy_of_signal(signal: str) -> str:
    """The name of the strategy that ranks by a signal alone. Raises InputError where none
    does."""
    family = every_strategy()
    for name, strategy in family.items():
        if strategy.signals == (signal,) and not strategy.descriptors:
            return name
    raise InputError(f"No strategy ranks by {signal!r}; choose one of {', '.join(family)}.")


def usual_strategy(settings: Iterable[str] = ()) -> str:
    """The name of the strategy where nobody names one: the default, or the default of before
    where settings of a score (by name) are given that it has and the default lacks."""
    from framesift.scores.family import score_params

    default = Rules().strategy
    owners = [
        names
        for setting, names in union(score_params()).items()
        if setting.name in {*settings} and not {*names} & {*strategy_named(default).signals}
    ]
    earlier = any(EARLIER_STRATEGY in names for names in owners)
    return EARLIER_STRATEGY if earlier else default


def refuse_contradiction(stated: Mapping[str, str], strategies: Sequence[str]) -> None:
    """Raises InputError where somebody said a setting that only other scores have than those
    that the strategies look at. stated: by a setting's name what a sentence calls it. What a
    preset or a project holds and nobody said now is no contradiction."""
    from framesift.scores.family import score_params

    signals = {name: strategy_named(name).signals for name in strategies}
    looked_at = dict.fromkeys(signal for each in signals.values() for signal in each)
    for setting, owners in union(score_params()).items():
        if setting.name in stated and not looked_at.keys() & {*owners}:
            whose = "what is chosen by" if len(signals) > 1 else "the strategy"
            raise InputError(
                f"{stated[setting.name]} is a setting of {_listed(owners)}, but {whose} "
                f"{_listed(tuple(signals))} looks at "
                f"{_listed(tuple(looked_at)) or 'no score'}; leave it out, or "
                f"choose {_listed(tuple(map(strategy_of_signal, owners)))}."
            )


def _listed(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def reads(rules: Rules) -> tuple[str, ...]:
    """The names of the descriptors that a selection by these rules reads. Raises InputError
    for an unknown strategy."""
    from framesift.selection.frame_rules import descriptors_of

    return descriptors_of(strategy_named(rules.strategy), rules)
