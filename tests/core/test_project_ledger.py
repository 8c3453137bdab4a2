"""The ledger: cycles that can be made again, checkpoints, the split, the training set."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels, Picture
from framesift.project import PickRecord, Project, SelectionInputs, by_drive, training_set

RECIPE = {"detector": "first", "score": {"method": "divergence"}}
BOX = Box(10, 20, 30, 60)


class Clip:
    kind, fps, width, height = "file", 10.0, 640, 480
    times = None

    def __init__(self, path: Path, frames: int = 300) -> None:
        self.path, self.frames, self.fingerprint = path, frames, path.stem
        path.write_text(path.stem)

    def __len__(self) -> int:
        return self.frames


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is such a place: a busy disk takes long to flush."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project") as opened:
        opened.videos.add_drive(
            [Clip(tmp_path / "a1.mp4"), Clip(tmp_path / "a2.mp4", 200)], key="a"
        )
        opened.videos.add(Clip(tmp_path / "b.mp4"))
        opened.videos.add(Clip(tmp_path / "sunday.mp4"), role="evaluation")
        yield opened


def score(
    project: Project,
    video: str,
    frames: range,
    recipe: dict[str, object] = RECIPE,
) -> None:
    chance = np.random.default_rng(len(video))
    values = chance.random(1000)
    with project.series.writer(video, recipe) as writer:
        for frame in frames:
            writer.add(
                frame,
                float(values[frame]),
                ((1.0, 2.0, 0.5),),
                {"thumbnail": np.full(8, frame % 251, np.uint8)},
            )


def best(inputs: SelectionInputs, count: int) -> list[PickRecord]:
    """A selection: the highest values first, nothing blocked twice."""
    found = []
    for drive in inputs.drives:
        values = inputs.signals["divergence"][drive.key].copy()
        values[list(inputs.blocked()[drive.key])] = np.nan
        found += [(float(v), drive.key, n) for n, v in enumerate(values) if not np.isnan(v)]
    return [
        inputs.pick(drive, frame, rank=rank, score=value, raw=value / 3)
        for rank, (value, drive, frame) in enumerate(sorted(found, reverse=True)[:count])
    ]


def cycle(project: Project, count: int = 5) -> list[PickRecord]:
    inputs = project.ledger.inputs({"divergence": {"detector": "first"}})
    picks = best(inputs, count)
    project.ledger.take(
        inputs, picks, detector="first", checkpoint="pedestrian", settings={"budget": count}
    )
    return picks


def test_inputs_are_the_pool_on_the_timelines_of_its_drives(project: Project) -> None:
    score(project, "a2", range(0, 200, 2))
    score(project, "sunday", range(10))
    project.labels.change(
        {FrameKey("a1", 5): FrameLabels.of([BOX]), FrameKey("a2", 6): FrameLabels("skipped")}
    )
    inputs = project.ledger.inputs({"divergence": {}})
    assert [drive.key for drive in inputs.drives] == ["a", "b"]
    assert list(inputs.series["divergence"]) == ["a2"]
    assert np.isnan(inputs.signals["divergence"]["a"][:300]).all()
    assert np.isnan(inputs.signals["divergence"]["a"][301])
    assert (
        inputs.signals["divergence"]["a"][302]
        == project.series.values(inputs.series["divergence"]["a2"])[2]
    )
    assert np.isnan(inputs.signals["divergence"]["b"]).all()
    assert list(inputs.descriptors["thumbnail"]) == ["a"]
    assert inputs.descriptors["thumbnail"]["a"][302].tolist() == [2] * 8
    assert inputs.excluded == {"a": (5, 306)}
    assert inputs.taken == {}
    pick = inputs.pick("a", 306, rank=1, score=0.5, raw=0.4, reason={"maxima": []})
    assert pick.key == FrameKey("a2", 6)


def test_frames_of_keys_are_frames_of_drives(project: Project) -> None:
    keys = [
        FrameKey("a2", 3),
        FrameKey("a1", 7),
        FrameKey("b", 1),
        FrameKey("sunday", 1),
        FrameKey("a1", 300),
    ]
    assert by_drive(keys, project.videos.drives()) == {"a": (7, 303), "b": (1,)}


def test_a_cycle_takes_frames_for_good(project: Project) -> None:
    for video in ("a1", "a2", "b"):
        score(project, video, range(200))
    first = cycle(project)
    second = cycle(project)
    assert not {p.key for p in first} & {p.key for p in second}
    assert len(project.ledger) == 2
    kept = project.ledger.cycle(1)
    assert kept.picks == tuple(first)
    assert (kept.detector, kept.checkpoint, kept.settings) == (
        "first",
        "pedestrian",
        {"budget": 5},
    )
    assert [c.number for c in project.ledger.cycles()] == [1, 2]
    assert sum(map(len, project.ledger.taken().values())) == 10
    assert sum(map(len, project.ledger.inputs().taken.values())) == 10
    status = project.status()
    assert (status.cycles, status.picks, status.scored) == (2, 10, 600)
    with pytest.raises(ValueError, match="taken before"):
        project.ledger.take(
            project.ledger.inputs(), first, detector="", checkpoint="", settings={}
        )
    with pytest.raises(ValueError, match="measuring only"):
        project.ledger.take(
            project.ledger.inputs(),
            [PickRecord(FrameKey("sunday", 1), 0, 1.0, 1.0)],
            detector="",
            checkpoint="",
            settings={},
        )
    assert len(project.ledger) == 2
    with pytest.raises(InputError, match="no cycle 3; it has 2"):
        project.ledger.cycle(3)


def test_a_cycle_is_made_again_whatever_happened_since(
    project: Project, tmp_path: Path
) -> None:
    score(project, "a1", range(0, 300, 3))
    score(project, "b", range(100))
    first = cycle(project)
    then = project.ledger.cycle(1)
    before = project.ledger.replay_inputs(1)
    # More scores by the same recipe, another detector's, labels, samples, videos, a cycle.
    score(project, "a1", range(300))
    score(project, "a2", range(200))
    score(project, "a1", range(300), {**RECIPE, "detector": "second"})
    project.labels.change({pick.key: FrameLabels.of([BOX]) for pick in first})
    project.evaluation.sample(20)
    project.videos.add_drive([Clip(tmp_path / "a3.mp4")], key="c")
    project.videos.arrange({"a": ["a1", "a2", "a3"]})
    cycle(project)
    again = project.ledger.replay_inputs(1)
    assert again.hash() == before.hash() == then.hash
    assert best(again, 5) == first
    assert project.ledger.cycle(1) == then
    folder = project.folder
    project.close()
    with Project.open(folder) as reopened:
        assert best(reopened.ledger.replay_inputs(1), 5) == first
        assert reopened.ledger.replay_inputs(2).taken.keys() == {"a", "b"}


def test_a_replay_notices_what_is_no_longer_as_it_was(project: Project) -> None:
    score(project, "b", range(100))
    cycle(project)
    series = project.series.best()["b"]
    with pytest.raises(InputError, match="its replay needs them"):
        project.series.remove(series)
    with pytest.raises(sqlite3.IntegrityError, match="selected from this series"):
        project._database.run("DELETE FROM series")
    values = project.series.values(series)
    values[7] += 1
    chunk = np.full(4096, np.nan, np.float32)
    chunk[:300] = values
    project._database.run("UPDATE scores SET data = ?", (chunk.tobytes(),))
    with pytest.raises(InputError, match="have changed since"):
        project.ledger.replay_inputs(1)


def test_a_cycle_is_made_again_without_its_videos(project: Project) -> None:
    score(project, "a1", range(50))
    score(project, "b", range(100))
    first = cycle(project, 40)
    project.labels.change({pick.key: FrameLabels.of([BOX]) for pick in first})
    project.videos.remove("b", "a1")
    assert [v.id for v in project.videos.all()] == ["a2", "sunday"]
    assert best(project.ledger.replay_inputs(1), 40) == first
    assert project.ledger.cycle(1).picks == tuple(first)
    assert project.ledger.cycle(1).to_label == ()
    assert project.labels.all() == {}
    assert project.labels.pictures.missing() == ()
    assert project.split.assign() == {}
    project.journal.undo()
    assert set(project.labels.all()) == {pick.key for pick in first}
    assert project.ledger.cycle(1).to_label == tuple(first)


def test_the_ledger_only_grows(project: Project) -> None:
    score(project, "b", range(100))
    cycle(project)
    project.ledger.record("note", {"text": "rain"})
    project.labels.change({FrameKey("b", 1): FrameLabels.of([BOX])})
    project.evaluation.sample(1)
    project.split.assign()
    file = project.checkpoint_folder / "new.safetensors"
    file.write_bytes(b"weights")
    project.checkpoints.adopt(file, identity="second", classes=["pedestrian"])
    for table in (
        "cycles",
        "cycle_series",
        "picks",
        "events",
        "checkpoints",
        "edits",
        "split",
        "evaluation_frames",
        "journal",
        "versions",
    ):
        column = project._database.rows(f"SELECT name FROM pragma_table_info('{table}')")[0][0]
        for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
            with pytest.raises(sqlite3.IntegrityError, match=f"{table} can only grow"):
                project._database.run(sql)
            assert project._database.value(f"SELECT count(*) FROM {table}")


def test_picks_can_be_dropped_and_added(project: Project) -> None:
    score(project, "b", range(100))
    project.evaluation.sample(5)
    first = cycle(project)
    project.ledger.drop_pick(1, first[2].key)
    free = next(
        frame
        for frame in range(250, 300)
        if FrameKey("b", frame) not in project.evaluation.sampled()
    )
    added = PickRecord(FrameKey("b", free), None, None, None, origin="hand")
    project.ledger.add_pick(1, added)
    now = project.ledger.cycle(1)
    assert now.picks == (*first, added)
    assert now.to_label == (*first[:2], *first[3:], added)
    with pytest.raises(InputError, match="no pick of cycle 1"):
        project.ledger.drop_pick(1, first[2].key)
    for key in (
        first[2].key,
        added.key,
        project.evaluation.sampled()[0],
        FrameKey("sunday", 3),
    ):
        with pytest.raises(InputError, match="choose another one"):
            project.ledger.add_pick(1, PickRecord(key, None, None, None, origin="hand"))
    assert sum(map(len, project.ledger.taken().values())) == 6


def test_what_happens_around_cycles_is_kept(project: Project) -> None:
    project.ledger.record("evaluation", {"miss_rate": 0.5})
    score(project, "b", range(100))
    cycle(project)
    project.ledger.record("report", {"path": "reports/one.html"})
    project.ledger.record("report", {"path": "reports/two.html"})
    assert [(e.cycle, e.kind) for e in project.ledger.events()] == [
        (0, "evaluation"),
        (1, "report"),
        (1, "report"),
    ]
    assert project.ledger.events(0, "evaluation")[0].data == {"miss_rate": 0.5}
    assert project.ledger.events(kind="evaluation")[0].cycle == 0
    assert project.ledger.cycle(1).report == "reports/two.html"


def test_checkpoints_are_moved_in_and_listed(project: Project, tmp_path: Path) -> None:
    assert project.detector == "pedestrian"
    score(project, "b", range(100))
    cycle(project)
    file = tmp_path / "elsewhere.safetensors"
    file.write_bytes(b"weights")
    one = project.checkpoints.adopt(
        file,
        identity="abcdef0123",
        classes=["pedestrian"],
        parent="first",
        lineage={"epochs": 50},
    )
    assert not file.exists()
    assert one.path == project.folder / "checkpoints" / "001-abcdef01.safetensors"
    assert one.path.read_bytes() == b"weights"
    assert (one.cycle, one.parent, one.lineage) == (1, "first", {"epochs": 50})
    assert project.detector == str(one.path)
    assert project.ledger.cycle(1).detector_out == one
    file.write_bytes(b"more")
    two = project.checkpoints.adopt(file, identity="abcdef4567", classes=["pedestrian"])
    assert project.checkpoints.all() == (one, two)
    assert project.checkpoints.find("1") == one
    assert project.checkpoints.find("abcdef01") == one
    assert project.checkpoints.find("002-abcdef45") == two
    for text in ("3", "abc", "nothing"):
        with pytest.raises(InputError, match="no checkpoint"):
            project.checkpoints.find(text)
    with pytest.raises(InputError, match="no checkpoint at"):
        project.checkpoints.adopt(file, identity="x", classes=[])


def test_a_checkpoint_that_cannot_be_listed_stays_where_it_was(
    project: Project, tmp_path: Path
) -> None:
    file = tmp_path / "new.safetensors"
    file.write_bytes(b"weights")
    with pytest.raises(TypeError):
        project.checkpoints.adopt(file, identity="abcdef", classes=[], lineage={"a": object()})
    project._database.run(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON checkpoints "
        "BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        project.checkpoints.adopt(file, identity="abcdef", classes=[])
    assert file.read_bytes() == b"weights"
    assert list(project.checkpoint_folder.iterdir()) == []


def test_the_split_is_never_redrawn(project: Project) -> None:
    from framesift.training.data import SplitRule

    project.evaluation.sample(3)
    sampled = set(project.evaluation.sampled())
    project.labels.change(
        {
            FrameKey(v, n): FrameLabels.of([BOX])
            for v in ("a1", "sunday")
            for n in range(0, 300, 7)
        }
    )
    rule = SplitRule(fraction=0.3, by="segment", segment_s=5)
    first = project.split.assign(rule)
    assert set(first.values()) >= {"train", "validation"}
    assert {key.video for key in first} == {"a1"}
    project.labels.change({key: FrameLabels.of([BOX]) for key in sampled})
    project.labels.change(
        {
            FrameKey(v, n): FrameLabels("nothing")
            for v in ("a1", "a2", "b")
            for n in range(3, 200, 11)
            if FrameKey(v, n) not in sampled
        }
    )
    project.labels.change({FrameKey("a1", 7): FrameLabels("skipped")})
    more = project.split.assign()
    assert {key: more[key] for key in first if key in more} == {
        key: part for key, part in first.items() if key != FrameKey("a1", 7)
    }
    assert {key.video for key in more} == {"a1", "a2", "b"}
    assert not sampled & set(more)
    assert project.split.parts().keys() == {*more, FrameKey("a1", 7)}
    assert project.split.assign(rule) == more
    with pytest.raises(InputError, match="never redrawn"):
        project.split.assign(SplitRule(fraction=0.5))


def test_the_training_set_holds_what_may_train(project: Project, tmp_path: Path) -> None:
    from framesift.training.data import TrainingSet

    with pytest.raises(InputError, match="no labelled frame"):
        training_set(project)
    picture = Picture("ab" * 16, 320, 240, 99)
    project.labels.change(
        {
            FrameKey("a1", 3): FrameLabels.of([BOX]),
            FrameKey("b", 4): FrameLabels("nothing"),
            FrameKey("b", 5): FrameLabels("skipped"),
            FrameKey("sunday", 1): FrameLabels.of([BOX]),
        },
        pictures={FrameKey("a1", 3): picture},
    )
    made = training_set(project)
    assert {entry.key: entry.boxes for entry in made.entries} == {
        FrameKey("a1", 3): (BOX,),
        FrameKey("b", 4): (),
    }
    entry = next(e for e in made.entries if e.key.video == "a1")
    assert (entry.picture, entry.width, entry.timestamp) == (picture.hash, 320, 99)
    assert {v.id: v.path for v in made.videos} == {
        "a1": str(tmp_path / "a1.mp4"),
        "b": str(tmp_path / "b.mp4"),
    }
    assert made.evaluation_videos == {"sunday"}
    made.save(tmp_path / "set.json")
    assert TrainingSet.load(tmp_path / "set.json").identity() == made.identity()
    (tmp_path / "b.mp4").unlink()
    assert {entry.key.video for entry in training_set(project).entries} == {"a1"}
    (tmp_path / "a1.mp4").unlink()
    with pytest.raises(InputError, match=r"a1\.mp4 is not at.*b\.mp4 is not at"):
        training_set(project)
