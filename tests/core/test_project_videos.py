"""A project's videos: added once, found again, drives, masks, the evaluation set."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, FrameLabels
from framesift.project import CameraMask, Project, rectangle
from framesift.project.paths import Reference
from framesift.project.regrouping import join_clips, part_clips


class Clip:
    """What add() has to know of an opened video; the file's text is its content."""

    width, height = 640, 480

    def __init__(
        self,
        path: Path,
        frames: int = 100,
        *,
        kind: str = "file",
        fps: float = 30.0,
        content: str | None = None,
    ) -> None:
        self.path, self.frames, self.kind, self.fps = path, frames, kind, fps
        self.times = None
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "file":
            path.write_text(content or path.stem)
        self.fingerprint = content or path.stem

    def __len__(self) -> int:
        return self.frames


def content(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is such a place: what is tested is the order of writes, and a
    busy disk takes long to flush them."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "all" / "project") as opened:
        yield opened


def test_a_video_is_added_once(project: Project, tmp_path: Path) -> None:
    clip = Clip(tmp_path / "all" / "monday am.mp4")
    record = project.videos.add(clip)
    assert (record.id, record.name, record.path) == ("monday_am", "monday am.mp4", clip.path)
    assert (len(record), record.fps, record.width, record.height) == (100, 30.0, 640, 480)
    assert (record.role, record.drive, record.kind) == ("pool", "monday_am", "file")
    assert project.videos.add(clip) == record
    same_name = Clip(tmp_path / "other" / "monday am.mp4", content="another")
    assert project.videos.add(same_name).id == "monday_am-2"
    assert [v.id for v in project.videos.all()] == ["monday_am", "monday_am-2"]
    with pytest.raises(InputError, match="in the pool"):
        project.videos.add(clip, role="evaluation")
    project.videos.add(Clip(tmp_path / "sunday.mp4"), role="evaluation")
    with pytest.raises(InputError, match="only ever measured on"):
        project.videos.add(Clip(tmp_path / "sunday.mp4"))
    with pytest.raises(InputError, match="no frame"):
        project.videos.add(Clip(tmp_path / "empty.mp4", 0))
    with pytest.raises(InputError, match="Drawn footage"):
        project.videos.add(Clip(tmp_path / "drawn", kind="synthetic"))
    stills = project.videos.add(Clip(tmp_path / "stills", kind="stills", fps=math.nan))
    assert math.isnan(stills.fps)


def test_a_video_is_found_by_what_people_call_it(project: Project, tmp_path: Path) -> None:
    one = project.videos.add(Clip(tmp_path / "a" / "drive.mp4"))
    two = project.videos.add(Clip(tmp_path / "b" / "drive.mp4", content="two"))
    other = project.videos.add(Clip(tmp_path / "night.mkv"))
    assert project.videos.find("drive") == one
    assert project.videos.find("drive-2") == two
    assert project.videos.find("night") == project.videos.find("night.mkv") == other
    assert project.videos.find(str(tmp_path / "b" / "drive.mp4")) == two
    with pytest.raises(InputError, match=r"may mean drive .* drive-2"):
        project.videos.find("drive.mp4")
    with pytest.raises(InputError, match="no video 'day'"):
        project.videos.find("day")


def test_clips_of_one_drive_share_a_timeline(project: Project, tmp_path: Path) -> None:
    clips = [Clip(tmp_path / f"{n}.mp4", 10 * n) for n in (1, 2, 3)]
    drive = project.videos.add_drive(clips[:2], key="morning")
    assert (drive.key, [c.id for c in drive.clips]) == ("morning", ["1", "2"])
    longer = project.videos.add_drive(clips)
    assert (longer.key, len(longer), longer.offsets) == ("morning", 60, (0, 10, 30))
    assert longer.locate(29) == (1, 19)
    assert longer.key_of(30) == FrameKey("3", 0)
    assert longer.frame_of(2, 5) == 35
    assert longer.seconds_of(1, 15) == pytest.approx(25 / 30)
    with pytest.raises(IndexError):
        longer.locate(60)
    other = project.videos.add_drive([Clip(tmp_path / "4.mp4")], key="morning")
    assert other.key == "morning-2"
    assert [d.key for d in project.videos.drives()] == ["morning", "morning-2"]
    with pytest.raises(InputError, match="different drives"):
        project.videos.add_drive([clips[0], Clip(tmp_path / "4.mp4")])


def test_drives_can_be_arranged_anew(project: Project, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        project.videos.add(Clip(tmp_path / f"{name}.mp4"))
    project.videos.add(Clip(tmp_path / "e.mp4"), role="evaluation")
    project.videos.arrange({"day": ["b", "a"]})
    assert {d.key: [c.id for c in d.clips] for d in project.videos.drives(None)} == {
        "c": ["c"],
        "e": ["e"],
        "day": ["b", "a"],
    }
    with pytest.raises(InputError, match="keep them apart"):
        project.videos.arrange({"day": ["b", "e"]})
    with pytest.raises(InputError, match="no video 'x'"):
        project.videos.arrange({"day": ["x"]})
    assert [c.id for c in project.videos.drive("day").clips] == ["b", "a"]


def test_videos_are_found_when_everything_moved(tmp_path: Path) -> None:
    folder, footage = tmp_path / "all" / "project", tmp_path / "all" / "footage"
    with Project.create(folder) as project:
        near = project.videos.add(Clip(footage / "near.mp4")).id
        far = project.videos.add(Clip(tmp_path / "disk" / "far.mp4")).id
    (tmp_path / "all").rename(tmp_path / "moved")
    with Project.open(tmp_path / "moved" / "project") as project:
        found = project.videos.locate(near, fingerprint=content)
        assert found == tmp_path / "moved" / "footage" / "near.mp4"
        assert project.videos.locate(far) == tmp_path / "disk" / "far.mp4"
    # The project alone goes further away: the absolute path still holds.
    (tmp_path / "a" / "b").mkdir(parents=True)
    shutil.move(tmp_path / "moved" / "project", tmp_path / "a" / "b" / "project")
    with Project.open(tmp_path / "a" / "b" / "project") as project:
        assert project.videos.locate(far) == tmp_path / "disk" / "far.mp4"
        with pytest.raises(InputError, match=r"near\.mp4 is not at .*; put it back"):
            project.videos.locate(near)
        again = project.videos.locate(near, [tmp_path], fingerprint=content)
        assert again == tmp_path / "moved" / "footage" / "near.mp4"
        project.videos.relink(near, again, fingerprint=content)
        assert project.videos.locate(near) == again


def test_a_changed_video_is_noticed(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "drive.mp4"
    video = project.videos.add(Clip(path)).id
    os.utime(path, ns=(1, 1))
    assert project.videos.locate(video, fingerprint=content) == path
    path.write_text("another drive")
    with pytest.raises(InputError, match="no longer the video that was added"):
        project.videos.locate(video, fingerprint=content)
    with pytest.raises(InputError, match="its content is another"):
        project.videos.relink(video, path, fingerprint=content)
    with pytest.raises(InputError, match="nothing at"):
        project.videos.relink(video, tmp_path / "gone.mp4", fingerprint=content)
    good = Clip(tmp_path / "found" / "drive.mp4").path
    assert project.videos.locate(video, [tmp_path], fingerprint=content) == good


def test_references_far_away_have_no_relative_path(tmp_path: Path) -> None:
    file = tmp_path / "drive.mp4"
    file.write_text("x")
    assert Reference.to(file, tmp_path / "project").relative == "../drive.mp4"
    assert Reference.to(file, tmp_path.joinpath(*"abcdef")).relative is None


def test_a_removed_video_keeps_what_it_has_and_counts_nowhere(
    project: Project, tmp_path: Path
) -> None:
    clips = [Clip(tmp_path / f"{name}.mp4") for name in ("one", "two", "other")]
    project.videos.add_drive(clips[:2], key="day")
    project.videos.add(clips[2])
    with project.series.writer("one", {"detector": "d"}) as writer:
        writer.add(3, 0.5, ((1.0, 2.0, 0.5),), {"thumbnail": np.zeros(280, np.uint8)})
    project.labels.change({FrameKey("one", 1): FrameLabels.of([])})
    project.evaluation.sample(250)
    sampled = project.evaluation.sampled()
    with pytest.raises(InputError, match="no video 'x'"):
        project.videos.remove("x")
    project.videos.remove("one", "other")
    assert [v.id for v in project.videos.all()] == ["two"]
    assert {d.key: len(d) for d in project.videos.drives()} == {"day": 100}
    assert (project.labels.all(), project.labels.counts()) == ({}, ({}, 0))
    assert {key.video for key in project.evaluation.sampled()} == {"two"}
    assert (project.status().frames, project.status().scored) == (100, 0)
    for gone in ("one", "other"):
        with pytest.raises(InputError, match="no video"):
            project.videos.open(gone)
    assert project.check() == ()
    assert project.journal.undo_text == "Remove one.mp4, other.mp4"
    project.journal.undo()
    assert [c.id for c in project.videos.drive("day").clips] == ["one", "two"]
    assert project.labels.states() == {FrameKey("one", 1): "nothing"}
    assert project.evaluation.sampled() == sampled
    assert project.status().scored == 1


def test_a_removed_video_comes_back_when_it_is_added_again(
    project: Project, tmp_path: Path
) -> None:
    clip = Clip(tmp_path / "drive.mp4")
    project.videos.add(clip)
    project.labels.change({FrameKey("drive", 1): FrameLabels.of([])})
    project.videos.remove("drive")
    assert project.videos.add(clip).id == "drive"
    assert project.labels.states() == {FrameKey("drive", 1): "nothing"}
    assert project.journal.undo_text == "Bring back drive.mp4"
    project.journal.undo()
    assert project.videos.all() == ()


def test_a_drive_that_grows_is_no_edit(project: Project, tmp_path: Path) -> None:
    clips = [Clip(tmp_path / f"{n}.mp4") for n in "abcd"]
    project.videos.add_drive(clips[:2], key="day", role="evaluation")
    project.videos.remove("b")
    grown = project.videos.extend_drive("day", clips[2:])
    assert [clip.id for clip in grown.clips] == ["a", "c", "d"]
    assert {clip.role for clip in grown.clips} == {"evaluation"}
    assert project.journal.undo_text == "Remove b.mp4"
    project.journal.undo()
    assert [clip.id for clip in project.videos.drive("day").clips] == ["a", "b", "c", "d"]
    with pytest.raises(InputError, match=r"d\.mp4 is in the project already"):
        project.videos.extend_drive("day", [Clip(tmp_path / "e.mp4"), clips[3]])
    assert len(project.videos.drive("day").clips) == 4
    with pytest.raises(InputError, match="night"):
        project.videos.extend_drive("night", clips)


def test_drives_are_joined_and_parted(project: Project, tmp_path: Path) -> None:
    def drives() -> dict[str, list[str]]:
        return {d.key: [c.id for c in d.clips] for d in project.videos.drives(None)}

    clips = [Clip(tmp_path / f"{n}.mp4") for n in "abcd"]
    project.videos.add_drive(clips[:2], key="am")
    project.videos.add(clips[2])
    project.videos.add(Clip(tmp_path / "e.mp4"), role="evaluation")
    begun = drives()
    join_clips(project, ["c", "a", "b"])
    assert drives() == {"c": ["c", "a", "b"], "e": ["e"]}
    assert project.journal.undo_text == "Join c.mp4, a.mp4, b.mp4"
    part_clips(project, ["a", "b"])
    assert project.journal.undo_text == "Part a.mp4, b.mp4"
    parted = drives()
    assert parted == {"c": ["c"], "e": ["e"], "a": ["a"], "b": ["b"]}
    project.journal.undo()
    project.journal.undo()
    assert drives() == begun
    project.journal.redo()
    project.journal.redo()
    assert drives() == parted
    with pytest.raises(InputError, match="keep them apart"):
        join_clips(project, ["c", "e"])
    assert drives() == parted
    # A clip that is added to a known drive joins it, and undo parts it again.
    project.videos.add_drive([clips[1], clips[3]])
    assert drives()["b"] == ["b", "d"]
    assert project.journal.undo_text == "Add d.mp4 to b"
    project.journal.undo()
    assert drives() == {**parted, "d": ["d"]}
    project.journal.redo()
    # One that was removed comes back with the new one.
    project.videos.remove("d")
    project.videos.add_drive([clips[1], clips[3], Clip(tmp_path / "f.mp4")])
    assert drives()["b"] == ["b", "d", "f"]
    assert project.journal.undo_text == "Add d.mp4, f.mp4 to b"


def test_a_video_that_was_found_again_is_an_edit(project: Project, tmp_path: Path) -> None:
    project.videos.add(Clip(tmp_path / "drive.mp4"))
    before = project.videos.get("drive")
    there = Clip(tmp_path / "far" / "away.mp4", content="drive").path
    after = project.videos.relink("drive", there, fingerprint=content)
    assert (after.path, after.name) == (there, "away.mp4")
    project.journal.undo()
    assert project.videos.get("drive") == before
    project.journal.redo()
    assert project.videos.get("drive") == after


def test_masks_belong_to_cameras(project: Project, tmp_path: Path) -> None:
    one = project.videos.add(Clip(tmp_path / "one.mp4"))
    two = project.videos.add(Clip(tmp_path / "two.mp4"))
    assert project.masks.of(one) is None
    general = CameraMask(640, 480, (rectangle(0, 400, 640, 480),))
    special = CameraMask(640, 480, (((0, 0), (10, 0), (0, 10)),), drive="two")
    project.masks.set(general)
    project.masks.set(special)
    assert project.masks.of(one) == general
    assert project.masks.of(two) == special
    assert project.masks.all() == (general, special)
    raster = general.raster()
    assert raster.shape == (480, 640)
    assert raster[400:].all()
    assert not raster[:400].any()
    triangle = special.raster()
    assert [int(row.sum()) for row in triangle[:11]] == [*range(10, 0, -1), 0]
    project.masks.set(CameraMask(640, 480, (), drive="two"))
    assert project.masks.of(two) == general
    with pytest.raises(InputError, match="three corners"):
        project.masks.set(CameraMask(640, 480, (((0, 0), (1, 1)),)))
    with pytest.raises(InputError, match="whole picture"):
        project.masks.set(CameraMask(640, 480, (rectangle(-1, -1, 700, 500),)))


def test_recipes_name_a_mask_as_the_scores_do() -> None:
    from framesift.scores import FrameScorer

    mask = CameraMask(64, 48, (rectangle(0, 40, 64, 48), rectangle(2, 2, 9, 9)))
    assert mask.digest() == FrameScorer(mask=mask.raster()).settings()["mask"]
    nothing = CameraMask(64, 48, (rectangle(70, 0, 80, 10),))
    assert nothing.digest() is None
    assert "mask" not in FrameScorer(mask=nothing.raster()).settings()


def test_frames_for_measuring_are_drawn_once_and_for_good(tmp_path: Path) -> None:
    drawn = []
    for name in ("a", "b"):
        with Project.create(tmp_path / name) as project:
            for clip in ("one", "two"):
                project.videos.add(Clip(tmp_path / f"{clip}.mp4", 200))
            project.videos.add(Clip(tmp_path / "sunday.mp4", 50), role="evaluation")
            labelled = {FrameKey("one", n): FrameLabels.of([]) for n in range(0, 200, 2)}
            project.labels.change(labelled)
            first = project.evaluation.sample(100, seed=5)
            more = project.evaluation.sample(20, seed=5)
            drawn.append((first, more))
            assert len({*first, *more}) == 120
            assert not {*first, *more} & set(labelled)
            assert {key.video for key in first} == {"one", "two"}
            assert project.evaluation.sampled() == (*first, *more)
            assert project.evaluation.videos() == ("sunday",)
            assert project.status().evaluation_frames == 170
            with pytest.raises(InputError, match="Only 180 frames"):
                project.evaluation.sample(181)
            with pytest.raises(InputError, match="measure nothing"):
                project.evaluation.sample(0)
            project.labels.change(
                {
                    first[0]: FrameLabels.of([]),
                    first[1]: FrameLabels("skipped"),
                    FrameKey("sunday", 4): FrameLabels.of([Box(1, 1, 9, 9)]),
                }
            )
            assert set(project.evaluation.labelled(project.labels)) == {
                first[0],
                FrameKey("sunday", 4),
            }
    assert drawn[0] == drawn[1]
