"""Picks of strategies that look at no score, and of frames that have none: nothing is named a
score that is none."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import framesift
from framesift.report import SelectionReport, Written, write_selection
from framesift.selection import Pool, PoolDrive, Rules, choose, select
from framesift.selection.strategies import Composed
from framesift.selection.strategies.spec import spec_from_text
from framesift.series import NO_BOXES
from framesift.video import Drive

Command = Callable[..., str]


def assert_no_scores(said: str, folder: Path) -> None:
    assert said.splitlines()[0].split() == ["rank", "video", "frame", "time"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<p>Chosen without scores.</p>" in page
    # Its settings are those of all strategies, and its styles have names.
    body = page.split("<main>")[1].split("<h2>Settings</h2>")[0]
    assert not re.search(r"scor(?!es\.</p>)|smoothed|unsure", re.sub(r'class="\w+"', "", body))
    with (folder / "picks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    assert {(row["score"], row["smoothed"]) for row in rows} == {("", "")}


@pytest.mark.parametrize("strategy", ["uniform", "guided-random", "random"])
def test_selecting_names_no_scores(
    command: Command, small_drive: Path, tmp_path: Path, strategy: str
) -> None:
    # More than there are, so that it is said why there are fewer.
    words = ("select", small_drive, "--strategy", strategy, "--every", 16, "--budget", 5)
    said = command(*words, "--out", tmp_path / "out")
    assert_no_scores(said, tmp_path / "out")
    assert "Only 3 frames are there to choose from." in said


def test_a_projects_picks_name_no_scores(
    command: Command, small_drive: Path, small_detector: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    command("init", project, "--detector", small_detector)
    command("add", project, small_drive)
    words = ("--strategy", "uniform", "--budget", 3)
    said = command("select", "--project", project, *words, "--out", tmp_path / "out")
    assert_no_scores(said, tmp_path / "out")
    command("cycle", project, *words)
    again = command("cycle", project, "--replay", 1)
    assert again.splitlines()[0].split() == ["rank", "video", "frame"]
    assert "the same 3 picks" in again


def test_scores_are_named_where_there_are_some(
    command: Command, small_drive: Path, small_detector: Path, tmp_path: Path
) -> None:
    words = ("select", small_drive, "--detector", small_detector, "--every", 16, "--budget", 2)
    said = command(*words, "--device", "cpu", "--out", tmp_path / "out")
    header = ["rank", "video", "frame", "time", "score", "smoothed"]
    assert said.splitlines()[0].split() == header
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Where the detector is unsure" in page
    assert "Chosen without scores" not in page


def test_frames_without_boxes_say_so(small_drive: Path, tmp_path: Path) -> None:
    values = np.full(48, np.nan, np.float32)
    values[::8] = [0.2, NO_BOXES, 0.4, 0.6, NO_BOXES, 0.8]
    with framesift.open_video(small_drive) as video:
        drive = Drive("small", (video,))
        pool = Pool((PoolDrive.of(drive, signals={"box_entropy": values}),))
        rules = Rules(budget=4, strategy="box-entropy", delta1=1, delta2=1, look_alike="off")
        chosen = choose(pool, rules)
        assert chosen.selection.notes == (
            "2 of 6 scored frames have no boxes to go by; they count as the median of the "
            "others.",
        )
        report = SelectionReport([drive], chosen.selection, chosen.raw, chosen.smoothed, {}, {})
        framesift.last(write_selection(report, tmp_path / "out"), Written)
    document = json.loads((tmp_path / "out" / "selection.json").read_text())
    empty = {pick["frame"] for pick in document["picks"] if pick.get("without_boxes")}
    assert empty
    assert empty == {pick.frame for pick in chosen.selection} & {8, 32}
    with (tmp_path / "out" / "picks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {int(row["frame"]) for row in rows if not row["score"]} == empty
    assert all(row["smoothed"] for row in rows)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("no boxes: the median of all") == len(empty)


def test_a_further_signal_without_boxes_hides_no_score() -> None:
    values = {
        "entropy": np.array([0.2, 0.9, 0.4, 0.6]),
        "box_entropy": np.array([0.2, NO_BOXES, 0.4, 0.6]),
    }
    strategy = Composed(
        spec_from_text(json.dumps({"name": "both", "signals": ["entropy", "box-entropy"]}))
    )
    pool = Pool((PoolDrive("d", 4, fps=1.0, signals=values),))
    rules = Rules(budget=4, strategy=strategy.key, delta1=0, delta2=0, look_alike="off")
    chosen = choose(pool, rules)
    said = {pick.frame: pick.reason.get("without_boxes") for pick in chosen.selection}
    assert said == {0: None, 1: "median of box_entropy", 2: None, 3: None}
    assert chosen.selection.notes[0].startswith("1 of 4 scored frames have no boxes")


def test_one_pick_is_spoken_of_as_one() -> None:
    filled = select({"drive": np.linspace(1, 0, 6)}, 2, 10, 0, fill=True)
    assert "1 of the 2 picks lies within Δt1 of a better one, to fill" in filled.why_short()
    by_time = replace(
        filled, picks=tuple(replace(pick, reason={"by": "time"}) for pick in filled)
    )
    assert "1 of the 2 picks lies within Δt1 of an earlier one, to fill" in by_time.why_short()
    assert (filled.by_score, by_time.by_score) == (True, False)
