"""Labelled footage, reader by reader: parts, clips that are asked for, damage, real files."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from framesift import synth
from framesift.boxes import Box
from framesift.datasets import DATASETS, LabelledDataset, open_dataset
from framesift.datasets.classes import PEOPLE, ClassTable
from framesift.datasets.presets import PAPER, Tally, tally
from framesift.errors import InputError
from framesift.formats import ANY_CLASS

samples = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parents[1] / "footage_samples.py"))
)


def names(footage: LabelledDataset) -> list[str]:
    with footage:
        return [clip.name for clip in footage.clips]


def boxes(footage: LabelledDataset, name: str) -> dict[int, tuple[Box, ...]]:
    clip = footage.clip(name)
    return {frame: found for frame in range(len(clip)) if (found := clip.boxes(frame))}


# Caltech


def test_caltech_parts(tmp_path: Path) -> None:
    sample = samples.caltech(tmp_path)
    assert names(open_dataset("caltech", tmp_path, split="train")) == ["set00/V000"]
    assert names(open_dataset("caltech", tmp_path, split="test")) == ["set06/V003"]
    assert names(open_dataset("caltech", tmp_path, split="set06")) == ["set06/V003"]
    assert names(open_dataset("caltech", tmp_path, only="*/V000")) == ["set00/V000"]
    with pytest.raises(InputError, match="no part “val”"):
        open_dataset("caltech", tmp_path, split="val")
    with pytest.raises(InputError, match=r"no setXX/VYYY\.seq of the part"):
        open_dataset("caltech", tmp_path, split="set01")
    assert sample.lengths["set00/V000"] == 4


def test_caltech_every_30th_is_the_benchmarks(tmp_path: Path) -> None:
    """Frames 30, 60 … counted from 1, as the benchmark's own evaluation takes them."""
    samples.save_seq(tmp_path / "set06/V000.seq", 3)
    path = tmp_path / "set06/V000.seq"
    one = samples.media.jpeg(samples.grey(80))
    samples.media.sequence(path, [one] * 65, (64, 48))
    samples.save_vbb(tmp_path / "annotations/set06/V000.vbb", [[]] * 65, ["person"])
    with open_dataset("caltech", tmp_path, every=30) as footage:
        assert np.flatnonzero(footage.clip("set06/V000").labelled).tolist() == [29, 59]
        assert [key.frame for key in footage.keys()] == [29, 59]  # noqa: SIM118


def test_caltech_cut_off(tmp_path: Path) -> None:
    """Of a damaged sequence the whole frames stay, with their labels, and both are said."""
    samples.caltech(tmp_path)
    path = tmp_path / "set00/V000.seq"
    path.write_bytes(path.read_bytes()[:-600])
    with open_dataset("caltech", tmp_path, only="set00/*") as footage:
        clip = footage.clip("set00/V000")
        assert len(clip) == 3
        assert list(boxes(footage, "set00/V000")) == [1, 2]
        assert any("annotations of 4 frames and pictures of 3" in w for w in footage.warnings)
        assert any("3 of 4 frames can be read" in w for w in footage.warnings)


def test_caltech_annotations_end_early(tmp_path: Path) -> None:
    """Frames beyond the annotations are frames that nobody looked at."""
    samples.caltech(tmp_path)
    with open_dataset("caltech", tmp_path) as footage:
        assert footage.clip("set06/V003").labelled.tolist() == [True, True, False]


def test_caltech_layouts(tmp_path: Path) -> None:
    """Videos and annotations in two places; one set alone; a set inside a set."""
    samples.save_seq(tmp_path / "videos/set02/V000.seq", 2)
    samples.save_seq(tmp_path / "videos/set02/set02/V001.seq", 2)
    for clip in ("V000", "V001"):
        samples.save_vbb(tmp_path / f"notes/set02/{clip}.vbb", [[], []], [])
    both = open_dataset("caltech", tmp_path / "notes", pictures=tmp_path / "videos")
    assert names(both) == ["set02/V000", "set02/V001"]
    assert names(open_dataset("caltech", tmp_path)) == ["set02/V000", "set02/V001"]
    one = open_dataset("caltech", tmp_path / "notes/set02", pictures=tmp_path / "videos/set02")
    assert names(one) == ["set02/V000", "set02/V001"]
    with pytest.raises(InputError, match="holds no annotations"):
        open_dataset("caltech", tmp_path / "videos")
    (tmp_path / "notes/set02/V001.vbb").unlink()
    with open_dataset("caltech", tmp_path) as footage:
        assert "1 of 2 clips have no annotations" in footage.warnings[0]
    samples.save_seq(tmp_path / "copy/set02/V000.seq", 2)
    with pytest.raises(InputError, match="copy"):
        open_dataset("caltech", tmp_path)


@pytest.mark.parametrize(
    ("objects", "changes", "match"),
    [
        (
            [{"id": 2, "pos": [1, 1, 4, 4]}],
            {},
            r"V000\.vbb, frame 2 \(from 1\): 2 stands where",
        ),
        ([{"id": 1.5, "pos": [1, 1, 4, 4]}], {}, "1.5 stands where"),
        ([{"id": 1, "pos": [1, 1, 4]}], {}, "3 columns where 4"),
        ([{"id": 1, "pos": [1, 1, -4, 4]}], {}, "negative width"),
        ([{"id": 1, "pos": [1, 1, np.nan, 4]}], {}, "out of range"),
        ([{"id": 1, "pos": [1, 1, 1e300, 4]}], {}, "out of range"),
        ([], {"nFrame": 5.0}, "lists 2 frames and says that it has 5"),
        ([], {"nFrame": "two"}, "numbers are due"),
        ([], {"objLists": 3.0}, "cell array is due"),
        ([{"id": 1, "pos": [1, 1, 4, 4]}], {"objLbl": samples.cell([7.0])}, "text is due"),
        (
            [],
            {"objLists": samples.cell([np.zeros((0, 0)), samples.cell([1.0])])},
            "struct is due",
        ),
    ],
)
def test_vbb_that_cannot_be_right(
    objects: Any,
    changes: Any,
    match: str,
    tmp_path: Path,
) -> None:
    samples.save_seq(tmp_path / "set00/V000.seq", 2)
    samples.save_vbb(tmp_path / "set00/V000.vbb", [[], objects], ["person"], **changes)
    with pytest.raises(InputError, match=match):
        open_dataset("caltech", tmp_path)


def test_vbb_of_something_else(tmp_path: Path) -> None:
    samples.save_seq(tmp_path / "set00/V000.seq", 2)
    samples.savemat(tmp_path / "set00/V000.vbb", {"B": 1.0}, appendmat=False)
    with pytest.raises(InputError, match="no annotation called A"):
        open_dataset("caltech", tmp_path)


def test_hidden_people(tmp_path: Path) -> None:
    """Occluded is who shows less than 65 %; a visible box like the whole one shows nothing."""
    samples.save_seq(tmp_path / "set00/V000.seq", 1)
    whole = [11, 6, 10, 20]
    samples.save_vbb(
        tmp_path / "set00/V000.vbb",
        [
            [
                {"id": 1, "pos": whole},
                {"id": 1, "pos": whole, "posv": [11, 6, 10, 13]},
                {"id": 1, "pos": whole, "posv": [11, 6, 10, 12]},
                {"id": 1, "pos": whole, "posv": whole},
                {"id": 1, "pos": whole, "posv": [0, 0, 0, 0]},
            ]
        ],
        ["person"],
    )
    with open_dataset("caltech", tmp_path) as footage:
        found = boxes(footage, "set00/V000")[0]
    assert [box.occluded for box in found] == [False, False, True, True, False]


# CityPersons


def test_citypersons_parts(tmp_path: Path) -> None:
    samples.citypersons(tmp_path)
    assert names(open_dataset("citypersons", tmp_path, split="val")) == ["val/lindau"]
    assert names(open_dataset("citypersons", tmp_path, split="train")) == [
        "train/aachen",
        "train/zurich",
    ]
    file = open_dataset(
        "citypersons",
        tmp_path / "annotations/anno_val.mat",
        pictures=tmp_path / "leftImg8bit/val",
    )
    assert names(file) == ["val/lindau"]
    with pytest.raises(InputError, match="no part “test”"):
        open_dataset("citypersons", tmp_path, split="test")


def test_citypersons_riders_can_count(tmp_path: Path) -> None:
    samples.citypersons(tmp_path)
    with open_dataset("citypersons", tmp_path, classes=("pedestrian", "rider")) as footage:
        first = boxes(footage, "train/aachen")[0]
    assert [(box.category, box.ignore) for box in first] == [
        ("pedestrian", False),
        ("rider", False),
        ("pedestrian", True),
        ("rider", True),
    ]


def test_citypersons_pictures_that_are_gone(tmp_path: Path) -> None:
    samples.citypersons(tmp_path)
    folder = tmp_path / "leftImg8bit/train/aachen"
    (folder / "aachen_000000_000019_leftImg8bit.png").unlink()
    with open_dataset("citypersons", tmp_path, split="train") as footage:
        assert len(footage.clip("train/aachen")) == 1
        assert footage.clip("train/aachen").boxes(0) == ()
        assert "1 of 2 labelled pictures of train/aachen" in footage.warnings[0]
    (tmp_path / "leftImg8bit/val/lindau/lindau_000000_000019_leftImg8bit.png").unlink()
    with pytest.raises(InputError, match="are not found, leftImg8bit/val/lindau"):
        open_dataset("citypersons", tmp_path, split="val")


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([[6, 4, 5, 8, 20, 1, 4, 5, 8, 10]], r"picture 1 \(from 1\): 6 is none of the classes"),
        ([[1, 4, 5, 8, 20, 1, 4, 5, 8]], "9 columns where 10"),
    ],
)
def test_citypersons_that_cannot_be_right(rows: Any, match: str, tmp_path: Path) -> None:
    picture = {"cityname": "x", "im_name": "x.png", "bbs": np.array(rows, np.uint16)}
    path = tmp_path / "anno_train.mat"
    samples.savemat(path, {"anno_train_aligned": samples.cell([picture])})
    with pytest.raises(InputError, match=match) as caught:
        open_dataset("citypersons", tmp_path)
    assert str(path) in str(caught.value)


def test_citypersons_names_stay_inside(tmp_path: Path) -> None:
    """A file's names never lead out of the pictures' folder."""
    samples.save_pictures(tmp_path, ["secret.png"])
    samples.save_citypersons(tmp_path / "a/anno_train.mat", [("../..", "secret.png", [])])
    with pytest.raises(InputError):
        open_dataset("citypersons", tmp_path / "a")


# BDD100K


def test_bdd100k_stills(tmp_path: Path) -> None:
    sample = samples.bdd100k_stills(tmp_path)
    for path in (tmp_path, tmp_path / "labels", tmp_path / "labels/det_20/det_val.json"):
        with open_dataset("bdd100k", path) as footage:
            clip = footage.clip("val")
            assert clip.kind == "stills"
            assert [clip.boxes(frame) for frame in range(len(clip))] == [
                sample.boxes["val"][frame] for frame in range(2)
            ]
            assert [samples.number_of(image) for image in clip.video] == [0, 1]
            assert any("1 of 3 labelled pictures" in text for text in footage.warnings)
            assert any("without a list of labels" in text for text in footage.warnings)
    with pytest.raises(InputError, match="no label files of the part “train”"):
        open_dataset("bdd100k", tmp_path, split="train")


def test_bdd100k_both_sets_are_a_choice(tmp_path: Path) -> None:
    samples.bdd100k(tmp_path)
    samples.bdd100k_stills(tmp_path)
    with pytest.raises(InputError, match="of single pictures and of videos"):
        open_dataset("bdd100k", tmp_path)
    video = open_dataset("bdd100k", tmp_path / "labels/box_track_20", split="train")
    assert names(video) == ["0000f77c-6257be58"]


def test_bdd100k_frames_without_labels_are_not_labelled(tmp_path: Path) -> None:
    samples.bdd100k(tmp_path)
    with open_dataset("bdd100k", tmp_path, fps=30) as footage:
        clip = next(footage.clips)
        assert clip.labelled.tolist() == [True, True, True, False]
        assert clip.fps == 30


# KITTI and MOT


def test_kitti_finds_itself(tmp_path: Path) -> None:
    samples.kitti(tmp_path)
    (tmp_path / "training/label_02/0007.txt").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="put the pictures of 0007 there"):
        open_dataset("kitti", tmp_path)
    for path in (tmp_path, tmp_path / "training", tmp_path / "training/label_02"):
        with open_dataset("kitti", path, only="0001", fps=5) as footage:
            assert footage.clip("0001").labelled.all()
            assert footage.clip("0001").fps == 5
            assert "labels of 1 frames whose pictures are not there" in footage.warnings[0]
    samples.save_pictures(tmp_path / "training/image_02/0007", ["000000.png"])
    with open_dataset("kitti", tmp_path) as footage:
        assert footage.clip("0007").boxes(0) == ()
    with pytest.raises(InputError, match="no part"):
        open_dataset("kitti", tmp_path, split="train")


def test_kitti_cars(tmp_path: Path) -> None:
    samples.kitti(tmp_path)
    with open_dataset("kitti", tmp_path, classes=("car",)) as footage:
        found = boxes(footage, "0001")
    assert found == {
        0: (Box(40.5, 5, 60, 25, "car", ignore=True),),
        2: (Box(1, 1, 9, 9, "car", track=3),),
    }


def test_mot_takes_each_sequence_once(tmp_path: Path) -> None:
    samples.mot(tmp_path)
    assert names(open_dataset("mot", tmp_path)) == ["MOT17-02-DPM"]
    assert names(open_dataset("mot", tmp_path, only="*-SDP")) == ["MOT17-02-SDP"]
    assert names(open_dataset("mot", tmp_path / "train/MOT17-02-SDP")) == ["MOT17-02-SDP"]
    with pytest.raises(InputError, match=r"holds no sequence with gt/gt\.txt"):
        open_dataset("mot", tmp_path, split="val")


def test_two_pictures_of_one_number(tmp_path: Path) -> None:
    samples.mot(tmp_path)
    samples.save_pictures(tmp_path / "train/MOT17-02-DPM/img1", ["1.jpg"])
    with pytest.raises(InputError, match="carry the same number"):
        open_dataset("mot", tmp_path)


# COCO


def test_coco_pictures(tmp_path: Path) -> None:
    """The usual layout: annotations/instances_PART.json over a folder PART."""
    samples.save_pictures(tmp_path / "val2017", ["a.jpg", "b.jpg"])
    (tmp_path / "annotations").mkdir()
    data = {
        "categories": [{"id": 3, "name": "person"}],
        "images": [
            {"id": 9, "file_name": "b.jpg", "width": 64, "height": 48},
            {"id": 4, "file_name": "a.jpg", "width": 64, "height": 48},
        ],
        "annotations": [{"id": 1, "image_id": 9, "category_id": 3, "bbox": [1, 2, 3, 4]}],
    }
    for part in ("val2017", "train2017"):
        (tmp_path / f"annotations/instances_{part}.json").write_text(json.dumps(data))
    with open_dataset("coco", tmp_path, split="val2017") as footage:
        (clip,) = footage.clips
        assert (clip.name, clip.kind) == ("annotations/instances_val2017", "stills")
        assert [samples.number_of(image) for image in clip.video] == [1, 0]
        assert boxes(footage, clip.name) == {0: (Box(1, 2, 4, 6),)}
    with pytest.raises(InputError, match=r"train2017\.json are not found"):
        open_dataset("coco", tmp_path, split="train2017")
    with open_dataset(
        "coco", tmp_path, split="train2017", pictures=tmp_path / "val2017"
    ) as footage:
        assert len(footage) == 2
    with pytest.raises(InputError, match="no COCO file of the part “test”"):
        open_dataset("coco", tmp_path, split="test")


def test_coco_names_its_videos(tmp_path: Path) -> None:
    """Videos and folders of frames that the file names, one clip each."""
    samples.save_video(tmp_path / "one.mp4", 3)
    samples.save_pictures(tmp_path / "two", ["000000.png", "000001.png"])
    data = {
        "categories": [{"id": 1, "name": "pedestrian"}],
        "videos": [{"id": 1, "name": "one.mp4"}, {"id": 2, "name": "two"}],
        "images": [
            {"id": i, "video_id": v, "frame_index": f, "file_name": f"{i}.png"}
            for i, (v, f) in enumerate([(1, 2), (2, 0), (2, 7)])
        ],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [n, 2, 3, 4]} for n in range(3)
        ],
    }
    (tmp_path / "all.json").write_text(json.dumps(data))
    with open_dataset("coco", tmp_path / "all.json", fps=5) as footage:
        assert boxes(footage, "one") == {2: (Box(0, 2, 3, 6),)}
        assert boxes(footage, "two") == {0: (Box(1, 2, 4, 6),)}
        assert footage.clip("two").labelled.tolist() == [True, False]
        assert footage.clip("two").fps == 5
        assert any("frame numbers go beyond" in text for text in footage.warnings)


def test_coco_of_another_video(tmp_path: Path) -> None:
    samples.coco(tmp_path)
    samples.save_video(tmp_path / "one.mp4", 6, size=(32, 32))
    with pytest.raises(InputError, match="None of the labels of one"):
        open_dataset("coco", tmp_path)


def test_several_paths_are_one_footage(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        samples.coco(tmp_path / name)
    with pytest.raises(InputError, match="Two clips are called one"):
        open_dataset("coco", [tmp_path / "a", tmp_path / "b"])
    (tmp_path / "b/one.mp4").rename(tmp_path / "b/two.mp4")
    (tmp_path / "b/one.coco.json").rename(tmp_path / "b/two.json")
    both = open_dataset("coco", [tmp_path / "a", tmp_path / "b/two.json"])
    assert names(both) == ["one", "two"]


def test_camvid(shared_data: Path) -> None:
    """Counts as in the data's own table: boxes that touch, and bicyclists, are regions."""
    with open_dataset("coco", shared_data / "camvid", only=("0016E5a*", "0016E5c*")) as footage:
        found = {
            clip.name: (
                len(clip),
                int(clip.labelled.sum()),
                round(clip.fps),
                sum(not box.ignore for frame in range(len(clip)) for box in clip.boxes(frame)),
                sum(box.ignore for frame in range(len(clip)) for box in clip.boxes(frame)),
            )
            for clip in footage.clips
        }
    assert found == {
        "0016E5a_1hz": (68, 68, 1, 131 - 15, 15 + 40),
        "0016E5c_15hz": (101, 101, 15, 204 - 6, 6 + 198),
    }


# Synthetic


def test_synthetic_as_a_mapping() -> None:
    told = {
        "look": "source",
        "seed": 3,
        "frames": 5,
        "size": [128, 96],
        "pedestrian_share": 0.5,
    }
    with open_dataset("synthetic", [told, "seed=4,frames=3,size=128x96"]) as footage:
        assert {clip.name: len(clip) for clip in footage.clips} == {
            "synthetic-source-drive-3": 5,
            "synthetic-source-drive-4": 3,
        }
        made = synth.drive(3, "source", 5, (96, 128), None, 0.5)
        assert np.array_equal(footage.clip("synthetic-source-drive-3").video[2], made[2])


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("frames=many", "no whole number"),
        ("size=640", "no picture size"),
        ("seed=5-2", "range"),
        ("hue=3", "no “hue”"),
        ("pedestrian_share=all", "no number"),
        ("seed=0-99999", "range"),
        ("look=mars", "look"),
        ("scenario=rain", "scenario"),
        ("size=99999x9", "no picture size"),
    ],
)
def test_synthetic_that_cannot_be(text: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        open_dataset("synthetic", text)


# What is asked


def test_a_wish_that_cannot_be(tmp_path: Path) -> None:
    samples.coco(tmp_path)
    for options, match in (
        ({"every": 0}, "no rule"),
        ({"classes": ()}, "classes"),
        ({"fps": float("nan")}, "frame rate"),
        ({"fps": 0.0}, "frame rate"),
        ({"classes": ("car", "car")}, "each once"),
    ):
        with pytest.raises(InputError, match=match):
            open_dataset("coco", tmp_path, **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="No footage is given"):
        open_dataset("coco", [])
    with pytest.raises(InputError, match="given by its path"):
        open_dataset("coco", {"look": "source"})


def test_videos_are_closed_when_something_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples.caltech(tmp_path)
    samples.save_vbb(tmp_path / "annotations/set06/V003.vbb", [[]], [], nFrame=9.0)
    opened = []
    reader = DATASETS["caltech"]

    def watched(request: Any) -> Iterator[Any]:
        for record in type(reader).read(reader, request):
            if hasattr(record, "video"):
                opened.append(record.video)
            yield record

    monkeypatch.setattr(reader, "read", watched)
    with pytest.raises(InputError, match="says that it has 9"):
        open_dataset("caltech", tmp_path)
    assert len(opened) == 1
    with pytest.raises(ValueError, match="closed"):
        opened[0][0]


# Classes


def test_roles() -> None:
    table = ClassTable({"Person": "pedestrian"}, {"pedestrian": ("Sitting_Person",)})
    roles = table.roles(("pedestrian",))
    given = [Box(0, 0, 1, 1, name) for name in ("person", "sitting person", "dog", ANY_CLASS)]
    assert roles.apply(given) == (
        Box(0, 0, 1, 1),
        Box(0, 0, 1, 1, ignore=True),
        Box(0, 0, 1, 1, ignore=True),
    )


def test_roles_of_several_classes() -> None:
    """An open table counts what it does not know under its own name; what counts itself is no
    region of another class; a region of no class is one of each."""
    roles = PEOPLE.roles(("pedestrian", "bicyclist"), known=("bicyclist", "rider", "person"))
    found = roles.apply(
        Box(0, 0, 1, 1, name) for name in ("person", "bicyclist", "rider", "tree", ANY_CLASS)
    )
    assert [(box.category, box.ignore) for box in found] == [
        ("pedestrian", False),
        ("bicyclist", False),
        ("pedestrian", True),
        ("pedestrian", True),
        ("bicyclist", True),
    ]


def test_a_classs_own_regions_stay_regions() -> None:
    roles = PEOPLE.roles(("pedestrian",), ignore=("car",))
    assert roles.apply(
        [
            Box(0, 0, 1, 1, "person", ignore=True),
            Box(0, 0, 1, 1, "car"),
            Box(0, 0, 1, 1, "rider"),
        ]
    ) == (Box(0, 0, 1, 1, ignore=True), Box(0, 0, 1, 1, ignore=True))


# What the paper does with them


def test_paper_presets_open_what_they_say(tmp_path: Path) -> None:
    made = {
        "caltech": samples.caltech,
        "citypersons": samples.citypersons,
        "bdd100k": samples.bdd100k_stills,
    }
    assert {preset.kind for preset in PAPER.values()} == set(made)
    for kind, make in made.items():
        (tmp_path / kind).mkdir()
        make(tmp_path / kind)
    for name, expected in (
        ("citypersons", ["train/aachen", "train/zurich"]),
        ("caltech", ["set00/V000"]),
        ("caltech-test", ["set06/V003"]),
        ("bdd100k-val", ["val"]),
    ):
        preset = PAPER[name]
        assert (
            names(open_dataset(preset.kind, tmp_path / preset.kind, **preset.options()))
            == expected
        )


def test_tally(tmp_path: Path) -> None:
    """Of six boxes in four pictures of height 48 the regions, the low and the wide go."""
    samples.save_seq(tmp_path / "set00/V000.seq", 4)
    samples.save_vbb(
        tmp_path / "set00/V000.vbb",
        [
            [
                {"id": 1, "pos": [1, 1, 2, 6]},
                {"id": 1, "pos": [1, 1, 2, 5]},
                {"id": 1, "pos": [1, 1, 2, 4]},
            ],
            [{"id": 1, "pos": [1, 1, 5, 6]}, {"id": 2, "pos": [1, 1, 2, 6]}],
            [{"id": 1, "pos": [1, 1, 13, 20]}],
            [],
        ],
        ["person", "people"],
    )
    with open_dataset("caltech", tmp_path) as footage:
        *_, filtered = tally(footage)
        *_, native = tally(footage, min_height=6, aspect=None, working_height=None)
    assert filtered == Tally(images=4, people=3, with_people=2)
    assert native == Tally(images=4, people=3, with_people=3)
