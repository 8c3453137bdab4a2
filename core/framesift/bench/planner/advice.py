"""Which b to take, and why."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.bench.planner.model import (
    EPOCHS,
    Completion,
    Costs,
    check_budget,
    round_numbers,
    time_to_completion,
)

ENOUGH_CYCLES = 10
"""Cycles from which the detector's knowledge guides most picks. The paper's gain showed from
the fourth of fourteen cycles on, and was gone with five (b = 1500)."""

CURVE_CYCLES = 75
"""The most cycles that a plan's options and curve go up to."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Options for one budget, b ascending: round numbers to choose from, and every number of
    cycles for a curve; the recommended one, and why."""

    frames: int
    budget: int
    costs: Costs
    epochs: int
    options: tuple[Completion, ...]
    curve: tuple[Completion, ...]
    recommended: Completion
    reason: str


def make_plan(
    frames: int,
    budget: int,
    costs: Costs,
    epochs: int = EPOCHS,
    *,
    hours: float | None = None,
    labelled: int = 0,
    every: int = 1,
) -> Plan:
    """Options and a recommendation for `budget` picks from `frames` frames.

    `hours`: machine time that may be spent, None: as long as it takes; the others as in
    `time_to_completion`. Raises InputError.
    """
    check_budget(frames, budget, labelled, every)

    def at(per_cycle: int) -> Completion:
        return time_to_completion(
            frames,
            budget,
            per_cycle,
            costs.score_ms,
            costs.step_ms,
            epochs,
            label_seconds=costs.label_s,
            labelled=labelled,
            every=every,
        )

    usual = at(max(round_numbers(1, budget / ENOUGH_CYCLES), default=1))
    sizes = {*round_numbers(max(1.0, budget / CURVE_CYCLES), budget), budget}
    options = {size: at(size) for size in sizes} | {usual.per_cycle: usual}
    if hours is None or usual.machine_s <= hours * 3600:
        chosen, why = usual, _why_usual(usual, options)
    else:
        # Equal cycles, as many as there is time for.
        fewer = [at(-(-budget // cycles)) for cycles in range(usual.cycles - 1, 0, -1)]
        fitting = [option for option in fewer if option.machine_s <= hours * 3600]
        chosen = fitting[0] if fitting else fewer[-1] if fewer else usual
        why = _why_other(chosen, usual, hours, fits=bool(fitting))
        options[chosen.per_cycle] = chosen
    ordered = tuple(options[size] for size in sorted(options))
    curve = tuple(
        at(size)
        for size in sorted(
            {-(-budget // cycles) for cycles in range(1, CURVE_CYCLES + 1)} | options.keys()
        )
    )
    return Plan(
        frames,
        budget,
        costs,
        epochs,
        ordered,
        curve,
        chosen,
        f"{_facts(chosen)} {why}{_caveat(costs)}",
    )


def _why_usual(usual: Completion, options: dict[int, Completion]) -> str:
    if usual.cycles < ENOUGH_CYCLES:
        return "The budget is too small for more cycles."
    why = (
        f"That is the most at a time that still leaves {ENOUGH_CYCLES} cycles or more, so "
        "that most picks are made by a detector that has seen this footage"
    )
    finer = max((size for size in options if size < usual.per_cycle), default=None)
    return (
        f"{why}."
        if finer is None
        else (f"{why}; b = {finer} would take {spell(options[finer])}.")
    )


def _why_other(chosen: Completion, usual: Completion, hours: float, *, fits: bool) -> str:
    if not fits:
        return (
            f"Not even one cycle fits into {in_words(hours)}; take a smaller budget, fewer "
            "epochs or a faster machine."
        )
    why = f"More cycles do not fit into {in_words(hours)}"
    if chosen.cycles >= ENOUGH_CYCLES:
        return f"{why}; b = {usual.per_cycle} would take {spell(usual)}."
    return (
        f"{why}, and with so few the choice comes closer to a random one; "
        f"b = {usual.per_cycle} would take {spell(usual)}."
    )


def _facts(option: Completion) -> str:
    cycles = "1 cycle" if option.cycles == 1 else f"{option.cycles} cycles"
    return (
        f"b = {option.per_cycle}: {cycles}, {spell(option)} of machine time "
        f"({in_words(option.scoring_s / 3600)} scoring, {in_words(option.training_s / 3600)} "
        f"training) beside {in_words(option.labelling_s / 3600)} of labelling."
    )


def _caveat(costs: Costs) -> str:
    if costs.labels_measured:
        return ""
    return f" Labelling is assumed at {costs.label_s:g} s a frame until it is measured."


def spell(option: Completion) -> str:
    """The machine time, as one says it."""
    return in_words(option.machine_s / 3600)


def in_words(hours: float) -> str:
    """A time in the unit that suits it."""
    if hours >= 100:
        return f"{hours:,.0f} h"
    if hours >= 1:
        return f"{hours:.3g} h"
    if hours * 60 >= 1:
        return f"{hours * 60:.0f} min"
    return f"{hours * 3600:.0f} s"
