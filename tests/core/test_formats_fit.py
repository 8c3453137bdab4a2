"""Reducing labels to what a format can hold, comparing, and putting exports in place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framesift.boxes import Box
from framesift.errors import EnvironmentProblem, InputError
from framesift.formats import (
    ANY_CLASS,
    FORMATS,
    Capability,
    LabelFile,
    LabelledImage,
    differences,
    fit,
    read,
    write,
)

A = Box(1, 2, 30, 40, "a")
FILE = LabelFile(
    ("a", "b"),
    (
        LabelledImage("clip.mp4", 3, None, 64, 48, (A, Box(5, 5, 9, 9, "b", ignore=True))),
        LabelledImage("clip.mp4", 4, None, 64, 48),
    ),
)


def change(**fields: object) -> LabelFile:
    item = replace(FILE.items[0], **fields)  # type: ignore[arg-type]
    return replace(FILE, items=(item, *FILE.items[1:]))


def test_everything_that_may_differ_is_seen() -> None:
    everything = Capability(timestamps=True)
    assert differences(FILE, FILE, everything) == []
    b = FILE.items[0].boxes
    for other, word in (
        (replace(FILE, classes=("b", "a")), "classes"),
        (change(frame=5), "missing"),
        (change(timestamp=1), "timestamp"),
        (change(width=65), "size"),
        (change(boxes=b[:1]), "1 boxes, not 2"),
        (change(boxes=b[::-1]), "a box of"),
        *(
            (change(boxes=(replace(A, **{f: v}), b[1])), "a box of")
            for f, v in (
                ("x1", 1.00001),
                ("y1", 1.9),
                ("x2", 30.1),
                ("y2", 41.0),
                ("category", "b"),
                ("ignore", True),
                ("occluded", True),
                ("truncated", True),
                ("track", 3),
                ("origin", "confirmed"),
            )
        ),
        (replace(FILE, items=FILE.items[:1]), "frame 4 of clip.mp4 is missing"),
        (replace(FILE, items=(*FILE.items, FILE.items[0])), "twice"),
    ):
        assert word in " ".join(differences(FILE, other, everything)), word
    assert "should not be" in differences(replace(FILE, items=()), FILE, everything)[0]
    assert differences(FILE, change(boxes=(replace(A, x1=1.0000001), b[1])), everything) == []
    by_track = replace(everything, tracks="several")
    assert differences(FILE, change(boxes=b[::-1]), by_track) == []
    assert differences(FILE, change(boxes=(b[0], b[0])), by_track) != []
    many = replace(FILE, items=tuple(LabelledImage("c", n) for n in range(50)))
    assert len(differences(many, replace(FILE, items=()), everything)) == 20


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_fitting_twice_changes_nothing_more(name: str) -> None:
    format_ = FORMATS[name]
    once = fit(FILE, format_.capability, format_.title)
    twice = fit(once.labels, format_.capability, format_.title)
    assert twice.labels == once.labels
    assert twice.lost.total() == 0
    assert once.origins == FILE.items[: len(once.labels.items)]


@pytest.mark.parametrize(
    ("labels", "word"),
    [
        (replace(FILE, classes=("a", "b", "a")), "twice"),
        (replace(FILE, classes=("a",)), "class “b”, which is not among"),
        (change(boxes=(Box(1, 1, 1, 5, "a"),)), "no area"),
        (change(boxes=(Box(1, 1, float("nan"), 5, "a"),)), "no area"),
        (change(boxes=(Box(1, 1, float("inf"), 5, "a"),)), "no area"),
        (change(boxes=(Box(1, 1, 4, 5, ANY_CLASS),)), "not among"),
        (replace(FILE, items=(FILE.items[0], FILE.items[0])), "two entries for frame 3"),
        (replace(FILE, items=(LabelledImage(),)), "neither"),
        (change(video="a\nb"), "cannot be written as a name"),
        *(
            (replace(FILE, items=(LabelledImage(image=n),)), "cannot be a file inside")
            for n in ("../a.jpg", "/a.jpg", "a\\b.jpg", "C:/a.jpg", "a//b.jpg", " a.jpg")
        ),
    ],
)
def test_labels_that_no_format_should_be_given(labels: LabelFile, word: str) -> None:
    with pytest.raises(InputError, match=word):
        fit(labels, FORMATS["coco"].capability, "COCO")


@pytest.mark.parametrize("name", ["mot", "cvat-video", "kitti-tracking"])
def test_formats_of_videos_take_no_stills(name: str, tmp_path: Path) -> None:
    stills = LabelFile(("a",), (LabelledImage(image="x.jpg", boxes=(A,)),))
    with pytest.raises(InputError, match="frames of videos only"):
        write(stills, tmp_path / "out", format=name)


@pytest.mark.parametrize("name", ["yolo", "yolo-ultralytics", "label-studio"])
def test_formats_of_shares_need_the_size(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the size of"):
        write(change(width=None), tmp_path / "out", format=name)
    assert write(change(width=None, boxes=()), tmp_path / "out", format=name).pictures == 2


@pytest.mark.parametrize("name", ["yolo", "yolo-ultralytics", "voc", "kitti"])
def test_pictures_that_would_share_a_file(name: str, tmp_path: Path) -> None:
    for pair in (("a.jpg", "a.png"), ("x/A.jpg", "x/a.jpg")):
        stills = LabelFile(
            ("a",), tuple(LabelledImage(None, None, n, 64, 48, (A,)) for n in pair)
        )
        with pytest.raises(InputError, match=r"as one file|two entries"):
            write(stills, tmp_path / "out", format=name)


def test_two_entries_that_become_one(tmp_path: Path) -> None:
    labels = LabelFile(("a",), tuple(LabelledImage("c", 3, n, 64, 48, (A,)) for n in "xy"))
    write(labels, tmp_path / "coco", format="coco")
    with pytest.raises(InputError, match="two entries for frame 3 of c"):
        write(labels, tmp_path / "mot", format="mot")


def test_videos_of_one_name_get_different_files(tmp_path: Path) -> None:
    names = ("one/clip.mp4", "two/clip.mp4", "CLIP.avi", "con", "a:b?.mp4")
    labels = LabelFile(("a",), tuple(LabelledImage(n, 3, None, 64, 48, (A,)) for n in names))
    for name in ("cvat-video", "cvat-images", "mot", "coco", "csv"):
        write(labels, tmp_path / name, format=name)
        found = read(tmp_path / name)
        assert {i.video for i in found.items} == set(names)
        assert {i.frame for i in found.items} == {3}
    assert write(labels, tmp_path / "yolo", format="yolo").pictures == 5


def test_numpy_numbers_are_numbers(tmp_path: Path) -> None:
    values = np.array([1.5, 2, 30, 40], np.float32)
    labels = change(boxes=(Box(*values, "a"),))
    for name in FORMATS:
        write(labels, tmp_path / name, format=name)


def test_validation_split(tmp_path: Path) -> None:
    for name, marks in (
        ("yolo", ("obj_valid_data/clip_000004.txt", "valid.txt")),
        ("yolo-ultralytics", ("labels/val/clip_000004.txt", "val.txt")),
        ("voc", ("Annotations/clip_000004.xml", "ImageSets/Main/val.txt")),
    ):
        write(FILE, tmp_path / name, format=name, validation=lambda item: item.frame == 4)
        for mark in marks:
            assert (tmp_path / name / mark).is_file()
        assert len(read(tmp_path / name, size=(64, 48)).items) == 2


def test_ultralytics_reads_folders_of_pictures(tmp_path: Path) -> None:
    """The layout of its own documentation, with a background picture and odd parts."""
    from PIL import Image

    (tmp_path / "data.yaml").write_text(
        "path: ../datasets/mine\ntrain: ../train/images\nval: valid/images\ntest:\n"
        "names:\n  0: car\n"
    )
    for part, name in (("train", "a"), ("train", "b"), ("valid", "c")):
        folder = tmp_path / part / "images"
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 10)).save(folder / f"{name}.png")
        (tmp_path / part / "labels").mkdir(exist_ok=True)
    (tmp_path / "train/labels/a.txt").write_text("0 0.1 0.2 0.2 0.2")
    (tmp_path / "valid/labels/c.txt").write_text("")
    labels = read(tmp_path)
    assert [(i.image, i.state) for i in labels.items] == [
        ("a.png", "labelled"),
        ("b.png", "nothing"),
        ("c.png", "nothing"),
    ]
    assert "1 pictures without a label file" in labels.notes[0]


def test_ultralytics_images_named_like_parts(tmp_path: Path) -> None:
    labels = LabelFile(
        ("a",),
        tuple(
            LabelledImage(None, None, n, 64, 48, (A,))
            for n in ("train/x.jpg", "images/x.jpg", "x.jpg")
        ),
    )
    for name in ("yolo", "yolo-ultralytics"):
        write(labels, tmp_path / name, format=name)
        assert {i.image for i in read(tmp_path / name, size=(64, 48)).items} == {
            i.image for i in labels.items
        }


def test_exports_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("a file")
    with pytest.raises(InputError, match="no folder"):
        write(FILE, out, format="coco", overwrite=True)
    out.unlink()

    def fails(item: LabelledImage, name: str) -> bytes:
        if item.frame == 4:
            raise RuntimeError("a decoder's bug")
        return b"x"

    with pytest.raises(RuntimeError):
        write(FILE, out, format="voc", pictures=fails)
    assert list(tmp_path.iterdir()) == []
    out.mkdir()
    assert write(FILE, out, format="coco").path == out
    assert out.stat().st_mode & 0o500 == 0o500


def test_a_full_disk_during_the_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write(FILE, out, format="coco")
    before = (out / "annotations/instances_default.json").read_bytes()
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target == out and self.name != "old":
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr("framesift.files.folders._exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        write(change(frame=9), out, format="coco", overwrite=True)
    assert (out / "annotations/instances_default.json").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*arguments: object, **more: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", denied)
    with pytest.raises(EnvironmentProblem, match="permission is denied"):
        write(FILE, tmp_path / "out", format="coco")
