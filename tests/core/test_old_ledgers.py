"""A ledger of the version before strategies decided the score is read and replays bit for bit.

`data/ledger-format-1.sqlite.gz` was made by that version's own commands over two drawn drives:
cycles of divergence, guided random, entropy and random, and a fifth as its window took it after
scoring by entropy (`strategy: divergence` beside the values of entropy).
"""

from __future__ import annotations

import contextlib
import gzip
import sqlite3
from pathlib import Path

import pytest

from framesift.cli import main
from framesift.loop import replay
from framesift.project import FILE, Project

PACKED = Path(__file__).parent / "data" / "ledger-format-1.sqlite.gz"
RANKED_BY = {1: "divergence", 2: None, 3: "entropy", 4: None, 5: "entropy"}
SAID = {1: "divergence", 2: "guided-random", 3: "entropy", 4: "random", 5: "divergence"}
PICKS = "SELECT video, frame, rank, score, raw FROM picks WHERE cycle = ? ORDER BY rank"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "week"
    made.mkdir()
    (made / FILE).write_bytes(gzip.decompress(PACKED.read_bytes()))
    return made


@pytest.mark.parametrize("number", RANKED_BY)
def test_its_cycles_replay_bit_for_bit(number: int, folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / FILE)) as before:
        assert before.execute("PRAGMA user_version").fetchone() == (1,)
        written = before.execute(PICKS, (number,)).fetchall()
    assert len(written) >= 2
    with Project.open(folder) as project:
        assert len(project.ledger) == len(RANKED_BY)
        cycle = project.ledger.cycle(number)
        assert [(p.key.video, p.key.frame, p.rank, p.score, p.raw) for p in cycle.picks] == (
            written
        )
        assert cycle.settings["strategy"] == SAID[number]
        again = replay(project, number)
        assert again.same
        assert again.choice.signal == RANKED_BY[number]
        chosen = [(p.video, p.frame, p.rank, p.score, p.raw) for p in again.choice.selection]
        assert chosen == written


def test_the_command_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Project.open(folder).close()
    for number in RANKED_BY:
        assert main(["cycle", str(folder), "--replay", str(number)]) == 0
        assert "bit for bit" in capsys.readouterr().out
