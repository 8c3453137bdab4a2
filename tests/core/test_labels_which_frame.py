"""Labels go to the frame and video that the file means, and the import says by which rule."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framesift.boxes import Box
from framesift.formats import FORMATS, told_apart
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project

_spec = importlib.util.spec_from_file_location(
    "labels_project", Path(__file__).with_name("labels_project.py")
)
assert _spec is not None
assert _spec.loader is not None
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)

Command = Callable[..., str]
PERSON = given.PERSON


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("videos")
    return given.make_videos(folder, clip=30, other=20, a__front=30, b__front=20)


@pytest.fixture(scope="module")
def made(videos: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Projects, to be copied: of clip, of clip and other, of the two called front."""
    folder = tmp_path_factory.mktemp("made")
    for name, of in (("lone", ["clip"]), ("two", ["clip", "other"])):
        given.make_project(folder / name, *(videos[video] for video in of))
    given.make_project(folder / "twins", videos["a__front"], videos["b__front"])
    return folder


@pytest.fixture
def lone(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "lone", tmp_path / "lone"))


@pytest.fixture
def two(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "two", tmp_path / "two"))


@pytest.fixture
def twins(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "twins", tmp_path / "twins"))


def imported(command: Command, project: Path, file: Path, *words: object) -> tuple[str, Any]:
    said = command("labels", "import", project, file, *words)
    return said, given.found(project)


# --- two videos of one file name --------------------------------------------------------------


def test_names_that_tell_videos_apart() -> None:
    paths = [Path("/d/a/front.mp4"), Path("/d/b/front.mp4"), Path("/d/clip.mp4")]
    assert told_apart(paths) == ["a_front.mp4", "b_front.mp4", "clip.mp4"]
    assert told_apart([Path("x/1/f.mp4"), Path("y/1/f.mp4")]) == ["x_1_f.mp4", "y_1_f.mp4"]
    assert told_apart([Path("/f.mp4"), Path("/f.avi")]) == ["f_mp4.mp4", "f_avi.avi"]
    assert told_apart([Path("a/F.mp4"), Path("b/f.mp4")]) == ["a_F.mp4", "b_f.mp4"]
    for few in (paths[:1], []):
        assert told_apart(few) == [path.name for path in few]


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("which", [("b",), ("a", "b")])
def test_twins_survive_every_format(
    command: Command, twins: Path, name: str, which: tuple[str, ...], tmp_path: Path
) -> None:
    """Whether both have labels or one alone: a name never depends on what is exported."""
    with Project.open(twins) as project:
        ids = {path.parent.name: v.id for v in project.videos.all() if (path := v.path)}
        for folder in which:
            left = 10.0 if folder == "a" else 30.0
            labels = FrameLabels.of([Box(left, 12, left + 8, 36)])
            project.labels.change({FrameKey(ids[folder], 5): labels})
    before = given.found(twins)
    out = tmp_path / "out"
    command("labels", "export", twins, "--format", name, "--out", out, "--pictures")
    with Project.open(twins) as project:
        for _ in which:
            project.journal.undo()
    assert given.found(twins) == {}
    command("labels", "import", twins, out)
    assert given.found(twins) == before


def test_a_name_that_twins_share_is_neither(
    command: Command, twins: Path, tmp_path: Path
) -> None:
    file = tmp_path / "in.json"
    file.write_text(given.coco(["front_000005.jpg"]))
    assert "which video is meant" in command("labels", "import", twins, file, status=2)
    videos = [{"id": 1, "name": "front.mp4"}]
    images = [{"id": 1, "file_name": "x.jpg", "video_id": 1, "frame_index": 3}]
    file.write_text(given.coco(["x.jpg"], images=images, videos=videos))
    assert "under that name alone" in command("labels", "import", twins, file, status=2)
    command("labels", "import", twins, file, "--video", "front-2")
    assert list(given.found(twins)) == [("front-2", 3)]


# --- CVAT's projects -------------------------------------------------------------------------


def cvat_task(number: int, name: str, source: str, size: int, extra: str = "") -> str:
    return (
        f"<task><id>{number}</id><name>{name}</name><size>{size}</size>"
        f"<start_frame>0</start_frame><stop_frame>{size - 1}</stop_frame>{extra}"
        + (f"<source>{source}</source>" if source else "")
        + "</task>"
    )


def cvat(tasks: str, body: str) -> str:
    return (
        "<annotations><version>1.1</version><meta><project><id>1</id><name>p</name>"
        f"<tasks>{tasks}</tasks><labels><label><name>pedestrian</name></label></labels>"
        f"</project></meta>{body}</annotations>"
    )


def cvat_image(task: int, frame: int) -> str:
    return (
        f'<image id="{frame}" name="frame_{frame:06d}" task_id="{task}" width="64" height="48">'
        '<box label="pedestrian" occluded="0" xtl="10" ytl="12" xbr="30" ybr="36"/></image>'
    )


def cvat_track(task: int, frame: int) -> str:
    shapes = "".join(
        f'<box frame="{frame + n}" keyframe="1" outside="{n}" occluded="0" xtl="10" ytl="12" '
        'xbr="30" ybr="36"/>'
        for n in (0, 1)
    )
    return f'<track id="0" label="pedestrian" task_id="{task}">{shapes}</track>'


@pytest.mark.parametrize("entry", [cvat_image, cvat_track])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("other.mp4", "other.mp4"), ("clip.mp4", "clip.mp4")),
        (("monday", "other.mp4"), ("tuesday", "clip.mp4")),
        (("other.mp4", ""), ("clip.mp4", "")),
        (("other.mp4", "upload1.mp4"), ("clip.mp4", "upload2.mp4")),
    ],
)
def test_cvat_projects_count_on(
    command: Command,
    two: Path,
    entry: Callable[[int, int], str],
    first: tuple[str, str],
    second: tuple[str, str],
    tmp_path: Path,
) -> None:
    tasks = cvat_task(7, *first, 20) + cvat_task(8, *second, 30)
    file = tmp_path / "in.xml"
    file.write_text(cvat(tasks, entry(7, 3) + entry(8, 24)))
    _, labels = imported(command, two, file)
    assert labels == {("other", 3): [PERSON], ("clip", 4): [PERSON]}


def test_cvat_projects_count_anew_for_a_subset_and_by_the_frame_step(
    command: Command, two: Path, tmp_path: Path
) -> None:
    """A task of every second frame takes twice its size; another subset begins at 0 again."""
    step = "<subset>train</subset><frame_filter>step=2</frame_filter>"
    tasks = cvat_task(7, "t", "other.mp4", 10, step)
    file = tmp_path / "in.xml"
    train = tasks + cvat_task(8, "u", "clip.mp4", 30, "<subset>train</subset>")
    file.write_text(cvat(train, cvat_image(7, 4) + cvat_image(8, 26)))
    assert imported(command, two, file)[1] == {("other", 4): [PERSON], ("clip", 6): [PERSON]}
    val = tasks + cvat_task(8, "u", "clip.mp4", 30, "<subset>val</subset>")
    file.write_text(cvat(val, cvat_image(8, 26)))
    assert set(imported(command, two, file)[1]) == {("other", 4), ("clip", 6), ("clip", 26)}


# --- names that other tools change ------------------------------------------------------------

HASH = "5f3ab2c19de07f4410aa2b7c88e1df42"


@pytest.mark.parametrize(
    "name",
    [
        f"clip_000005_jpg.rf.{HASH}.jpg",
        f"clip_000005_png.rf.{HASH[:20]}.jpg",
        "0f6142fb-clip_000005.jpg",
        f"0f6142fb-clip_000005_jpg.rf.{HASH}.jpg",
    ],
)
def test_names_made_by_other_tools(
    command: Command, two: Path, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "in.json"
    file.write_text(given.coco([name, "other_000006.jpg"]))
    said, labels = imported(command, two, file)
    assert labels == {("clip", 5): [PERSON], ("other", 6): [PERSON]}
    assert f"{name} is frame 5" in said


def test_a_date_is_no_upload_prefix(
    command: Command, videos: dict[str, Path], tmp_path: Path
) -> None:
    """Eight digits before a hyphen may be a video's own name."""
    day = tmp_path / "20240101-clip.mp4"
    day.write_bytes(videos["clip"].read_bytes())
    project = given.make_project(tmp_path / "p", day, videos["other"])
    file = tmp_path / "in.json"
    file.write_text(given.coco(["20240101-clip_000005.jpg"]))
    assert set(imported(command, project, file)[1]) == {("20240101-clip", 5)}


def studio(*data: dict[str, Any]) -> str:
    value = {"x": 25, "y": 25, "width": 25, "height": 50, "rectanglelabels": ["pedestrian"]}
    region = {
        "id": "r",
        "type": "rectanglelabels",
        "original_width": 64,
        "original_height": 48,
        "value": value,
    }
    return json.dumps(
        [
            {"id": n, "data": each, "annotations": [{"result": [region]}]}
            for n, each in enumerate(data)
        ]
    )


def test_label_studio_text_before_the_picture(
    command: Command, two: Path, tmp_path: Path
) -> None:
    file = tmp_path / "in.json"
    upload = "/data/upload/18/0f6142fb-clip_000005.jpg"
    file.write_text(
        studio(
            {"caption": "see frame 7 at night", "img": upload},
            {"note": "other_000009", "image": "/data/upload/18/1a2b3c4d-other_000006.jpg"},
        )
    )
    assert set(imported(command, two, file)[1]) == {("clip", 5), ("other", 6)}


@pytest.mark.parametrize("listed", [True, False])
def test_yolo_by_label_studio_and_by_supervision(
    command: Command, lone: Path, listed: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "set"
    line = "0 0.3125 0.5 0.3125 0.5\n"
    if listed:  # Label Studio: a list of COCO's categories beside classes.txt
        files = {
            "classes.txt": "pedestrian\n",
            "notes.json": '{"categories": [{"id": 0, "name": "pedestrian"}], "info": {}}',
            "labels/0f6142fb-clip_000005.txt": line,
        }
    else:  # supervision: names only, no parts
        files = {"data.yaml": "nc: 1\nnames: [pedestrian]\n"}
        files["train/labels/clip_000005.txt"] = line
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    if not listed:
        (folder / "train/images").mkdir()
        given.media.PIL.Image.new("RGB", (64, 48)).save(folder / "train/images/clip_000005.jpg")
    assert imported(command, lone, folder)[1] == {("clip", 5): [("pedestrian", 10, 12, 30, 36)]}


# --- the rule is said -------------------------------------------------------------------------


def test_numbers_in_names_count_from_0_or_1(
    command: Command, lone: Path, tmp_path: Path
) -> None:
    file = tmp_path / "in.json"
    file.write_text(given.coco(["clip_1.jpg", "clip_10.jpg"]))
    said, labels = imported(command, lone, file)
    assert set(labels) == {("clip", 1), ("clip", 10)}
    assert "counted from 0 (--count-from 1 counts from 1): clip_1.jpg is frame 1." in said
    command("labels", "import", lone, file, "--count-from", "2", status=2)
    with Project.open(lone) as project:
        project.journal.undo()
    said, labels = imported(command, lone, file, "--count-from", "1")
    assert set(labels) == {("clip", 0), ("clip", 9)}
    assert "counted from 1: clip_1.jpg is frame 0." in said


def test_every_rule_is_said(command: Command, lone: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    image = {"id": 1, "file_name": "x.jpg", "frame_index": 3}
    file.write_text(given.coco(["x.jpg"], images=[image]))
    assert "1 picture of clip.mp4 by the frame numbers in the file: x.jpg" in imported(
        command, lone, file
    )[0].replace("frame 3 is", "x.jpg is")
    file.write_text(
        given.coco([f"{chr(97 + n // 26)}{chr(97 + n % 26)}.jpg" for n in range(30)])
    )
    assert (
        "30 pictures of clip.mp4 by their order in the file: aa.jpg is frame 0."
        in imported(command, lone, file)[0]
    )


def test_pictures_of_a_video_that_is_not_here(
    command: Command, lone: Path, tmp_path: Path
) -> None:
    """Their numbers are not those of the one that is here."""
    file = tmp_path / "in.json"
    file.write_text(given.coco(["clip_000003.jpg", "night_000004.jpg"]))
    said = command("labels", "import", lone, file)
    assert set(given.found(lone)) == {("clip", 3)}
    assert "1 picture of clip.mp4" in said
    file.write_text(given.coco(["day_000003.jpg", "night_000004.jpg"]))
    said = command("labels", "import", lone, file, status=2)
    assert "named after “day”, which is not here" in said
    assert "named after “night”, which is not here" in said
    file.write_text(given.coco(["day_000007.jpg"]))
    assert "day_000007.jpg is frame 7" in command("labels", "import", lone, file)


# --- MOT's seqinfo.ini ------------------------------------------------------------------------


def mot(folder: Path, info: str | None) -> Path:
    (folder / "gt").mkdir(parents=True)
    (folder / "gt/gt.txt").write_text("5,1,10,12,20,24,1,1,1\n")
    (folder / "gt/labels.txt").write_text("pedestrian\n")
    if info is not None:
        (folder / "seqinfo.ini").write_text(f"[Sequence]\n{info}\n")
    return folder


def test_mot_without_seqinfo_is_of_the_only_video(
    command: Command, lone: Path, tmp_path: Path
) -> None:
    assert imported(command, lone, mot(tmp_path / "export", None))[1] == {("clip", 4): [PERSON]}


@pytest.mark.parametrize(
    ("info", "frame", "note"),
    [
        ("name=clip\nframeRate=10\nseqLength=30", 4, ""),
        ("name=clip\nframeRate=10\nseqLength=12", 4, "12 frames at 10 a second, and clip.mp4"),
        ("name=clip\nframeRate=2\nseqLength=6", 20, ""),
    ],
)
def test_mot_rate_and_length_are_compared(
    command: Command, lone: Path, info: str, frame: int, note: str, tmp_path: Path, capsys: Any
) -> None:
    from framesift.loop import Imported, import_labels

    with Project.open(lone) as project:
        *_, result = import_labels(project, mot(tmp_path / "clip", info))
    assert isinstance(result, Imported)
    assert set(given.found(lone)) == {("clip", frame)}
    assert any(note in said for said in result.notes) if note else not result.notes


def test_our_seqinfo_is_true(command: Command, lone: Path, tmp_path: Path) -> None:
    with Project.open(lone) as project:
        project.labels.change({FrameKey("clip", 4): FrameLabels.of([Box(1, 1, 9, 9)])})
    command("labels", "export", lone, "--format", "mot", "--out", tmp_path / "out")
    info = (tmp_path / "out/clip/seqinfo.ini").read_text().splitlines()
    assert {"frameRate=10", "seqLength=30", "imWidth=64", "imHeight=48"} <= set(info)
