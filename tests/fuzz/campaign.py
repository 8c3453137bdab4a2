"""So many mutated files of a kind, each read by a watched child."""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.mutating import mutated
from tests.fuzz.samples import NAMES, STRUCTURAL, make
from tests.helpers.watched import Verdict, Watched

CHILD = Path(__file__).with_name("reading.py")


@dataclass
class Found:
    """Inputs by how they were taken, the longest time and the most memory, and what should not
    have been."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    megabytes: float = 0.0
    failures: list[str] = field(default_factory=list)

    def add(self, name: str, verdict: Verdict, *, must_refuse: bool) -> None:
        self.outcomes[verdict.outcome] += 1
        self.seconds = max(self.seconds, verdict.seconds)
        self.megabytes = max(self.megabytes, verdict.megabytes)
        if verdict.outcome not in (("refused",) if must_refuse else ("refused", "taken")):
            last = verdict.text.strip().splitlines()[-4:]
            self.failures.append(f"{name}: {verdict.outcome} {' | '.join(last)}")

    def __str__(self) -> str:
        parts = ", ".join(f"{n} {outcome}" for outcome, n in sorted(self.outcomes.items()))
        return (
            f"{sum(self.outcomes.values())} inputs, {len(self.failures)} failures ({parts}); "
            f"at most {self.seconds:.1f} s and {self.megabytes:.0f} MB"
        )


def campaign(kind: str, folder: Path, number: int, seed: int = 0) -> Found:
    """Reads a sound file, each structural mutation, and `number` mutations of its bytes."""
    found, path = Found(), folder / "in" / NAMES[kind]
    path.parent.mkdir(parents=True)
    make(kind, path)
    data = path.read_bytes()
    chance = random.Random(f"{kind} {seed}")
    with Watched([sys.executable, str(CHILD), kind]) as child:
        sound = child.ask(str(path))
        if sound.outcome != "taken":
            found.failures.append(f"the sound one: {sound.outcome} {sound.text[-400:]}")
        for name, change in STRUCTURAL[kind].items():
            _fresh(path, data)
            change(path)
            found.add(name, child.ask(str(path)), must_refuse=True)
        for place in range(number):
            _fresh(path, mutated(data, chance))
            found.add(f"mutation {place}", child.ask(str(path)), must_refuse=False)
    return found


def _fresh(path: Path, data: bytes) -> None:
    for left in path.parent.iterdir():
        left.unlink()
    path.write_bytes(data)
