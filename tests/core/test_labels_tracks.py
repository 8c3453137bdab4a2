"""Tracks through label files: who made a box, whose it is, and what lies between keyframes."""

from __future__ import annotations

import importlib.util
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from framesift.boxes import Box
from framesift.formats import FORMATS, LabelFile, LabelledImage, fit, read, write
from framesift.formats.differences import same_box
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HERE = Path(__file__).parent
labels_project = _load(HERE / "labels_project.py")
samples = _load(HERE.parent / "formats_samples.py")
Command = Callable[..., str]
TRACKING = [name for name, member in FORMATS.items() if member.capability.tracks]
ORIGINS = [name for name in TRACKING if FORMATS[name].capability.origins]
KEY = Box(10, 12, 30, 36, "pedestrian")


def moved(frame: int, origin: str = "person", track: int | None = 7) -> Box:
    shift = 0.5 * frame
    box = replace(KEY, x1=KEY.x1 + shift, x2=KEY.x2 + shift, track=track)
    return replace(box, origin=origin)  # type: ignore[arg-type]


def tracked_file() -> LabelFile:
    """Track 7 with keys in frames 2, 6 and 12, derived boxes between the first two, a tracked
    one behind; track 3, and a box of none."""
    origins = {2: "person", 6: "confirmed", 7: "tracked", 12: "person"}
    frames = {2, 3, 4, 5, 6, 7, 12}
    other = Box(40, 5, 50, 20, "car")
    items = []
    for frame in sorted(frames):
        boxes = [moved(frame, origins.get(frame, "interpolated"))]
        if frame in (2, 6):
            boxes = [replace(other, track=3), *boxes]
        if frame == 12:
            boxes.append(other)
        items.append(LabelledImage("clip.mp4", frame, None, 64, 48, tuple(boxes)))
    return LabelFile(("pedestrian", "car"), tuple(items))


def test_formats_with_tracks() -> None:
    assert {*TRACKING} >= {"cvat-video", "mot", "kitti-tracking", "label-studio-video", "coco"}
    assert {*ORIGINS} >= {"cvat-video", "label-studio-video", "coco"}


@pytest.mark.parametrize("name", TRACKING)
def test_ids_and_origins_come_back(name: str, tmp_path: Path) -> None:
    written = write(tracked_file(), tmp_path / "out", format=name)
    found = {item.frame: item.boxes for item in read(tmp_path / "out", size=(64, 48)).items}
    says = FORMATS[name].capability.origins
    for item in tracked_file().items:
        boxes = [b for b in item.boxes if says or b.origin not in ("interpolated", "tracked")]
        assert len(found.get(item.frame, ())) == len(boxes)
        for box in boxes:
            due = box if says else replace(box, origin="person")
            assert any(same_box(due, there) for there in found[item.frame])
    lost = "derived boxes, which nobody confirmed"
    assert written.lost[lost] == (0 if says else 4)


@pytest.mark.parametrize("name", [n for n in TRACKING if n not in ORIGINS])
def test_derived_boxes_go_along_when_asked_for(name: str, tmp_path: Path) -> None:
    written = write(tracked_file(), tmp_path / "out", format=name, derived=True)
    found = read(tmp_path / "out", size=(64, 48))
    assert [item.frame for item in found.items] == [2, 3, 4, 5, 6, 7, 12]
    assert all(b.origin == "person" for item in found.items for b in item.boxes)
    assert any("as if a person" in reason for reason in written.lost)


@pytest.mark.parametrize("name", [n for n in FORMATS if n not in TRACKING])
def test_other_formats_say_what_they_leave_out(name: str, tmp_path: Path) -> None:
    lost = write(tracked_file(), tmp_path / "out", format=name).lost
    assert (lost["tracks"], lost["derived boxes, which nobody confirmed"]) == (5, 4)
    assert len(read(tmp_path / "out", size=(64, 48)).items) == 3


def test_a_track_that_a_format_cannot_hold(tmp_path: Path) -> None:
    """Of two classes, twice in a picture, in one picture alone."""
    alone, double = moved(1, track=1), moved(1, track=2)
    file = LabelFile(
        ("pedestrian", "car"),
        (
            LabelledImage("c", 1, None, 64, 48, (alone, double, replace(double, y1=1))),
            LabelledImage("c", 2, None, 64, 48, (replace(double, category="car"), moved(2))),
            LabelledImage("c", 3, None, 64, 48, (moved(3), replace(double, x1=2))),
        ),
    )
    counts = {
        name: fit(file, FORMATS[name].capability, name).lost["tracks"]
        for name in ("mot", "cvat-video")
    }
    assert counts == {"mot": 2, "cvat-video": 3}
    write(file, tmp_path / "out", format="cvat-video")


def test_what_others_write_between_keyframes(tmp_path: Path) -> None:
    shapes = "".join(
        f'<box frame="{frame}" keyframe="{key}" outside="{gone}" occluded="0" xtl="{left}" '
        f'ytl="1" xbr="{left + 9}" ybr="9"/>'
        for frame, key, gone, left in ((1, 1, 0, 0), (3, 0, 0, 4), (5, 1, 0, 8), (6, 1, 1, 8))
    )
    text = samples.cvat(f'<track id="4" label="car">{shapes}</track>')
    boxes = [item.boxes[0] for item in read(samples.put(tmp_path, {"a.xml": text})).items]
    assert [(box.track, box.origin[0], box.x1) for box in boxes] == [
        (4, "p", 0), (4, "i", 2), (4, "i", 4), (4, "i", 6), (4, "p", 8),
    ]  # fmt: skip
    keys: Iterator[dict[str, object]] = (
        {"frame": f, "enabled": f < 5, "x": x} for f, x in ((1, 0), (5, 40))
    )
    studio = samples.studio_video(*keys, count=9, id="aXb3")
    boxes = [
        item.boxes[0] for item in read(samples.put(tmp_path / "l", {"a.json": studio})).items
    ]
    assert [(box.track, box.origin[0], box.x1) for box in boxes] == [
        (1, "p", 0), (1, "i", 2), (1, "i", 4), (1, "i", 6), (1, "p", 8),
    ]  # fmt: skip


def test_images_of_cvat_have_no_keyframes(tmp_path: Path) -> None:
    """Datumaro marks every box of its CVAT files as none; they are labels all the same."""
    box = samples.cvat_box('keyframe="0" outside="0"')
    body = f'<image id="0" name="a.jpg" width="20" height="10">{box}</image>'
    item = samples.only(read(samples.put(tmp_path, {"a.xml": samples.cvat(body)})))
    assert [(box.track, box.origin) for box in item.boxes] == [(None, "person")]


def test_derived_boxes_of_no_track_are_not_nothing_there(tmp_path: Path) -> None:
    one = samples.coco({"attributes": {"origin": "tracked"}})
    labels = read(samples.put(tmp_path, {"a.json": one}))
    assert labels.items == ()
    assert labels.left_out["boxes of the program's making that are of no track"] == 1


def test_coco_of_others(tmp_path: Path) -> None:
    one = samples.coco({"attributes": {"track_id": 5, "keyframe": False}})
    [box] = samples.only(read(samples.put(tmp_path, {"a.json": one}))).boxes
    assert (box.track, box.origin) == (5, "interpolated")
    two = samples.coco({"instance_id": 8})
    [box] = samples.only(read(samples.put(tmp_path, {"a.json": two}))).boxes
    assert (box.track, box.origin) == (8, "person")


def test_ids_count_within_a_video_and_a_file(tmp_path: Path) -> None:
    """Two files about one video that both call a track 0 mean two."""
    track = (
        '<track id="0" label="car">'
        + "".join(
            samples.cvat_box(marks=f'frame="{n}" outside="0" occluded="0"') for n in (0, 1)
        )
        + "</track>"
    )
    text = samples.cvat(track, "<source>v.mp4</source>")
    labels = read(
        samples.put(tmp_path, {"a.xml": text, "b.xml": text.replace('ytl="1"', 'ytl="2"')})
    )
    assert [sorted(b.track or 0 for b in i.boxes) for i in labels.items] == [[0, 1], [0, 1]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `framesift …` and gives all that it said, as one line."""
    from framesift.cli import main

    def run(*words: object, status: int = 0) -> str:
        ended = main([str(word) for word in words])
        said = capsys.readouterr()
        assert ended == status, said.err
        return " ".join(f"{said.out} {said.err}".split())

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    videos = labels_project.make_videos(tmp_path, clip=14)
    folder = labels_project.make_project(tmp_path / "p", *videos.values())
    with Project.open(folder) as opened:
        video = opened.videos.all()[0].id
        [track] = opened.tracks.new()
        for frame in (2, 6, 10):
            opened.tracks.put_key(track, FrameKey(video, frame), moved(frame, track=None))
        opened.labels.change({FrameKey(video, 8): FrameLabels("nothing")})
    return folder


def boxes_of(folder: Path) -> dict[int, tuple[FrameLabels, ...]]:
    with Project.open(folder, readonly=True) as opened:
        return {key.frame: value for key, value in opened.labels.all().items()}  # type: ignore[misc]


@pytest.mark.parametrize("name", ORIGINS)
def test_a_project_with_tracks_and_back(
    project: Path, name: str, tmp_path: Path, command: Command
) -> None:
    before = boxes_of(project)
    command("labels", "export", project, "--format", name, "--out", tmp_path / "out")
    said = command("labels", "import", project, tmp_path / "out")
    assert "no labels until somebody confirms" in said
    assert boxes_of(project) == before
    fresh = labels_project.make_project(tmp_path / "q", tmp_path / "clip.mp4")
    command("labels", "import", fresh, tmp_path / "out")
    after = boxes_of(fresh)
    nothing = () if FORMATS[name].capability.nothing else (8,)
    assert {*after} == {*before} - {*nothing}
    for frame, labels in after.items():
        theirs, ours = before[frame], labels
        pairs = itertools.chain(
            zip(theirs.boxes, ours.boxes, strict=True),
            zip(theirs.derived, ours.derived, strict=frame != 8),
        )
        assert all(same_box(a, b) for a, b in pairs)
        assert ours.state == theirs.state


def test_what_nobody_confirmed_never_takes_a_labels_place(
    project: Path, tmp_path: Path, command: Command
) -> None:
    out = tmp_path / "out"
    command("labels", "export", project, "--format", "cvat-video", "--out", out)
    with Project.open(project) as opened:
        video = opened.videos.all()[0].id
        opened.labels.change({FrameKey(video, 4): FrameLabels.of([KEY])})
    command("labels", "import", project, out)
    with Project.open(project, readonly=True) as opened:
        labels = opened.labels.get(FrameKey(video, 4))
    assert [box.origin for box in labels.boxes] == ["person"]
    assert [box.origin for box in labels.derived] == ["interpolated"]


def test_where_somebody_saw_nothing_no_derived_box_is_written(
    project: Path, tmp_path: Path, command: Command
) -> None:
    with Project.open(project) as opened:
        [track] = opened.tracks.all()
        opened.tracks.interpolate(track)
    told = command("labels", "export", project, "--format", "coco", "--out", tmp_path / "out")
    assert "derived boxes of frames with “nothing there” (1)" in told
    assert [i.state for i in read(tmp_path / "out").items if i.frame == 8] == ["nothing"]


def test_confirmed_on_the_way_in(project: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "out"
    command("labels", "export", project, "--format", "cvat-video", "--out", out)
    fresh = labels_project.make_project(tmp_path / "q", tmp_path / "clip.mp4")
    command("labels", "import", fresh, out, "--confirm")
    origins = [box.origin for value in boxes_of(fresh).values() for box in value.boxes]
    assert sorted({*origins}) == ["confirmed", "person"]
    assert len(origins) == 8, "frame 8 has nothing, which a person said"


def test_parts_of_a_project(project: Path, tmp_path: Path, command: Command) -> None:
    with Project.open(project) as opened:
        video = opened.videos.all()[0].id
        [drawn] = opened.evaluation.sample(1)
        opened.labels.change({drawn: FrameLabels.of([KEY])})
    frames = {}
    for part in ("training", "measuring", "both"):
        out = tmp_path / part
        command("labels", "export", project, "--format", "coco", "--out", out, "--part", part)
        frames[part] = {item.frame for item in read(out).items}
    assert frames["measuring"] == {drawn.frame}
    assert frames["training"] | {drawn.frame} == frames["both"]
    assert drawn.frame not in frames["training"]
    with Project.open(project) as opened:
        opened.labels.change({FrameKey(video, drawn.frame): FrameLabels("skipped")})
    command(
        "labels", "export", project, "--format", "coco", "--out", tmp_path / "none",
        "--part", "measuring", status=2,
    )  # fmt: skip


def test_labels_go_without_the_pictures_of_a_lost_clip(
    tmp_path: Path, command: Command
) -> None:
    videos = labels_project.make_videos(tmp_path, clip=4, other=5)
    folder = labels_project.make_project(tmp_path / "p", *videos.values())
    with Project.open(folder) as opened:
        opened.labels.change(
            {FrameKey(v.id, 1): FrameLabels.of([KEY]) for v in opened.videos.all()}
        )
    videos["other"].unlink()
    out = tmp_path / "out"
    said = command("labels", "export", folder, "--format", "coco", "--out", out, "--pictures")
    assert "go without these pictures" in said
    assert "other.mp4" in said
    assert len(read(out).items) == 2
    assert [path.name for path in out.rglob("*.jpg")] == ["clip_000001.jpg"]
    with (out / "annotations/instances_default.json").open() as file:
        assert len(json.load(file)["annotations"]) == 2
