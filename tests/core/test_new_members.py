"""A strategy and a score, each its one file and one line of the family's dict: commands,
simulations and the pages of the documentation know it. (Its row in the window:
tests/app/test_setting_rows.py.)"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from far_apart import FarApart

from framesift.cli import main
from framesift.cli.parser import build_parser
from framesift.records.settings import check, setting
from framesift.scores import SCORES
from framesift.scores.pixel_entropy import Entropy
from framesift.selection import STRATEGIES
from framesift.simulate import Row, load_experiment, simulate

ROOT = Path(__file__).resolve().parents[2]


def helped(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        build_parser().parse_args([command, "--help"])
    # A line may end behind the hyphen of a name.
    return " ".join(capsys.readouterr().out.split()).replace("- ", "-")


def simulated(path: Path, detector: Path, variant: str, cycles: int = 2) -> list[Row]:
    """The rows of a small experiment of one variant, run in this process."""
    path.write_text(
        f"""
budget = 3
cycles = {cycles}
seeds = 1
rules = {{ delta1 = "4", delta2 = "1" }}
initial = {{ source = "checkpoint", detector = {json.dumps(str(detector))} }}
training = {{ epochs = 1, batch = 2, min_height = 5.0, augmentation = {{ crop = [64, 64] }} }}
measuring = {{ min_height = 5.0 }}

[pool]
kind = "synthetic"
paths = ["look=target,seed=46-47,frames=32,size=128x96,scenario=busy"]
every = 2

[evaluation]
kind = "synthetic"
paths = ["look=target,seed=62,frames=10,size=128x96,scenario=busy"]
every = 5

{variant}"""
    )
    records = simulate(load_experiment(path), path.with_suffix(""), devices=["cpu"])
    return [one for one in records if isinstance(one, Row) and one.cycle]


@pytest.fixture(scope="module")
def detector(
    tmp_path_factory: pytest.TempPathFactory, make_detector: Callable[..., Path]
) -> Path:
    path = tmp_path_factory.mktemp("initial") / "first.safetensors"
    return make_detector(path, width=0.125, height=96, spread=True)


@pytest.fixture
def far_apart(monkeypatch: pytest.MonkeyPatch) -> FarApart:
    strategy = FarApart()
    monkeypatch.setitem(STRATEGIES, strategy.name, strategy)
    return strategy


def test_a_strategy_that_reads_thumbnails(
    far_apart: FarApart,
    tmp_path: Path,
    detector: Path,
    small_drive: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for command in ("select", "score", "cycle"):
        assert "far-apart" in helped(command, capsys)
    assert main(["strategies", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert listed["far-apart"]["descriptors"] == ["thumbnail"]
    monkeypatch.syspath_prepend(str(ROOT / "packaging" / "docs"))
    import commands

    assert "far-apart" in commands.page()

    rows = simulated(
        tmp_path / "far.toml", detector, '[[variants]]\nname = "far"\nstrategy = "far-apart"\n'
    )
    assert far_apart.seen == [(2, 0), (2, 3)]
    picked = [place for row in rows for place in row.picked]
    assert len({*picked}) == 6

    far_apart.seen.clear()
    words = ["--strategy", "far-apart", "--budget", "2", "--json", str(tmp_path / "own.json")]
    # One drive has no other one to be unlike; a second file is its drive.
    other = tmp_path / "other.mp4"
    other.write_bytes(small_drive.read_bytes())
    assert main(["select", str(small_drive), str(other), "--separate", *words]) == 0
    assert far_apart.seen == [(2, 0)]
    document = json.loads((tmp_path / "own.json").read_text())
    assert document["settings"]["strategy"] == "far-apart"


@dataclass(frozen=True, slots=True)
class GainParams:
    gain: float = setting(1.5, title="Gain", help="factor of the numbers", above=0)

    def __post_init__(self) -> None:
        check(self, "score")


class Gain(Entropy):
    """A score with a setting of its own: entropy, louder."""

    name, title, params = "gain", "Louder entropy", GainParams

    def stacks(self, detector: Any, frames: Any, params: Any) -> Any:
        return [detector.infer(frames).maps]

    def pixels(self, stacks: Any, params: Any, *, mask: Any, weights: Any) -> Any:
        return params.gain * super().pixels(stacks, params, mask=mask, weights=weights)


def test_a_score_with_a_setting(
    tmp_path: Path, detector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCORES, "gain", Gain())
    asked: list[float] = []
    pixels = Gain.pixels

    def watched(self: Gain, stacks: Any, params: Any, **more: Any) -> Any:
        asked.append(params.gain)
        return pixels(self, stacks, params, **more)

    monkeypatch.setattr(Gain, "pixels", watched)
    own = '[[variants]]\nname = "loud"\nstrategy = "gain"\nscore = { gain = 3.0 }\n'
    (row,) = simulated(tmp_path / "loud.toml", detector, own, cycles=1)
    assert {*asked} == {3.0}
    assert len({*row.picked}) == 3


def test_a_spread_and_a_strategy_from_a_file_are_simulated(
    tmp_path: Path, detector: Path
) -> None:
    (tmp_path / "mine.toml").write_text(
        'signals = ["divergence", "entropy"]\nspread = "core-set"\nrandom_share = 0\n'
    )
    own = "".join(
        f'[[variants]]\nname = "{name}"\nstrategy = "{strategy}"\n'
        for name, strategy in (("lined", "timeline"), ("mine", "mine.toml"))
    )
    rows = simulated(tmp_path / "spread.toml", detector, own, cycles=1)
    assert [len(row.picked) for row in rows] == [3, 3]
    # Both read the first detector's embeddings, made once.
    (kept,) = (tmp_path / "spread" / "scores").glob("embedding-*.npz")
    with np.load(kept) as arrays:
        assert {arrays[name].dtype for name in arrays.files} == {np.dtype(np.float16)}
        lengths = [np.linalg.norm(arrays[n].astype(float), axis=1) for n in arrays.files]
    for length in lengths:
        np.testing.assert_allclose(length[::2], 1, atol=2e-3)
