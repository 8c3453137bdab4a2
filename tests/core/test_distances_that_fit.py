"""Δt1 and Δt2 where nobody asked for others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from framesift.selection import Pool, PoolDrive, Rules, choose, fitting


@dataclass(frozen=True)
class Clip:
    frames: int
    fps: float = 30.0
    kind: str = "file"
    times: None = None

    def __len__(self) -> int:
        return self.frames


@dataclass(frozen=True)
class Footage:
    key: str
    clips: tuple[Clip, ...]


def drives(*seconds: float, fps: float = 30.0) -> list[Footage]:
    return [Footage(str(n), (Clip(round(one * fps), fps),)) for n, one in enumerate(seconds)]


@pytest.mark.parametrize(
    ("footage", "budget", "taken", "found"),
    [
        (drives(3600.0), 200, 0, ("3s", "1s")),
        (drives(1000.0, 200.0), 200, 0, ("3s", "1s")),
        (drives(600.0, 390.0), 200, 0, ("2.4s", "0.776s")),
        (drives(30.0), 12, 0, ("1.2s", "0.328s")),
        (drives(30.0), 20, 0, ("0.7s", "0.142s")),
        (drives(5.0), 20, 0, ("0.5s", "0.067s")),
        (drives(240.0, fps=15.0), 60, 0, ("2s", "0.627s")),
        (drives(240.0), 30, 90, ("2s", "0.627s")),
        (drives(3600.0), 200, 3000, ("1.5s", "0.44s")),
        ([Footage("a", (Clip(600), Clip(600)))], 10, 0, ("2s", "0.627s")),
        ([Footage("a", (Clip(900, float("nan"), "stills"),))], 10, 0, ("0.5s", "0.067s")),
        ([*drives(40.0), Footage("a", (Clip(9000, 1.0, "stills"),))], 10, 0, ("2s", "0.627s")),
        ([], 10, 0, ("0.5s", "0.067s")),
    ],
)
def test_known_footage(
    footage: list[Footage], budget: int, taken: int, found: tuple[str, str]
) -> None:
    assert tuple(str(one) for one in fitting(footage, budget, taken)) == found


@given(
    st.lists(st.floats(1, 60), min_size=1, max_size=5),
    st.integers(1, 40),
    st.integers(0, 2**32 - 1),
)
def test_the_budget_is_filled_where_there_is_a_second_for_each_pick(
    seconds: list[float], budget: int, seed: int
) -> None:
    footage = drives(*seconds)
    assume(sum(seconds) >= budget * 1.1)
    delta1, delta2 = fitting(footage, budget)
    random = np.random.default_rng(seed)
    pool = Pool(
        tuple(
            PoolDrive.of(drive, signals={"entropy": random.random(len(drive.clips[0]))})
            for drive in footage
        )
    )
    chosen = choose(pool, Rules(budget=budget, smoothing=False))
    assert (chosen.rules.delta1, chosen.rules.delta2) == (delta1, delta2)
    assert len(chosen.selection) == budget
