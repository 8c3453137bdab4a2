"""Files as other tools give them: .zip, outlines, video keyframes, columns of their own; and
files that would take for ever."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from framesift.errors import InputError
from framesift.formats import read, sniff

_spec = importlib.util.spec_from_file_location(
    "formats_samples", Path(__file__).parents[1] / "formats_samples.py"
)
assert _spec is not None
assert _spec.loader is not None
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
put, only, corners = samples.put, samples.only, samples.corners
CAR = samples.CAR


# --- archives --------------------------------------------------------------------------------


def pack(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("name", sorted(samples.FOREIGN))
@pytest.mark.parametrize("below", ["", "export/"])
def test_every_format_out_of_a_zip(name: str, below: str, tmp_path: Path) -> None:
    files = {below + file: text for file, text in samples.FOREIGN[name].items()}
    path = pack(tmp_path / "download.zip", files)
    assert sniff(path) == name
    box = only(read(path, size=(20, 10))).boxes[0]
    assert corners(box) == pytest.approx((0, 1, 4, 3), abs=1e-9)
    assert [p.name for p in tmp_path.iterdir()] == ["download.zip"]


def test_a_zip_never_leaves_its_folder(tmp_path: Path) -> None:
    bad = {
        "../../escaped.json": "{}",
        "/abs.json": "{}",
        "labels.csv": samples.table("a,,,,,,,,"),
    }
    path = pack(tmp_path / "x.zip", bad)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert len(read(path, format="csv").items) == 1
    assert not list(tmp_path.parent.glob("escaped.json"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framesift.formats.archive.MOST_BYTES", 1_000_000)
    path = pack(tmp_path / "x.zip", {"a.json": " " * 1_000_001})
    with pytest.raises(InputError, match="unpacks to more than"):
        read(path)


# --- outlines --------------------------------------------------------------------------------

SQUARE = [[1, 2], [5, 2], [5, 8], [1, 8]]
OUTLINES: list[tuple[str, dict[str, str]]] = [
    ("coco", {"a.json": json.dumps({
        "images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}],
        "categories": [{"id": 1, "name": CAR}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1,
                         "segmentation": [[v for p in SQUARE for v in p]]}],
    })}),
    ("coco", {"a.json": json.dumps({
        "images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}],
        "categories": [{"id": 1, "name": CAR}],
        # Columns of ten pixels: the object in rows 2 to 7 of columns 1 to 4.
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": {
            "size": [10, 20], "counts": [12, 6, 4, 6, 4, 6, 4, 6, 152]}}],
    })}),
    ("yolo", {"classes.txt": CAR, "a.txt": "0 .05 .2 .25 .2 .25 .8 .05 .8\n"}),
    ("cvat-images", {"a.xml": samples.cvat(
        '<image id="0" name="a.jpg" width="20" height="10">'
        f'<polygon label="{CAR}" occluded="0" points="1,2;5,2;5,8;1,8"/></image>')}),
    ("cvat-images", {"a.xml": samples.cvat(
        '<image id="0" name="a.jpg" width="20" height="10">'
        f'<ellipse label="{CAR}" occluded="0" cx="3" cy="5" rx="2" ry="3"/></image>')}),
    ("cvat-images", {"a.xml": samples.cvat(
        '<image id="0" name="a.jpg" width="20" height="10"><mask '
        f'label="{CAR}" occluded="0" rle="0,24" left="1" top="2" width="4" height="6"/>'
        "</image>")}),
    ("label-studio", {"a.json": samples.studio(
        polygonlabels=[CAR], points=[[x * 5, y * 10] for x, y in SQUARE]
    ).replace('"type": "rectanglelabels"', '"type": "polygonlabels"')}),
    ("labelme", {"a.json": samples.labelme(shape_type="polygon", points=SQUARE)}),
    ("datumaro", {"a.json": samples.datumaro(
        type="polygon", points=[v for p in SQUARE for v in p])}),
    ("via", {"a.json": samples.via({
        "name": "polygon", "all_points_x": [p[0] for p in SQUARE],
        "all_points_y": [p[1] for p in SQUARE]})}),
    ("bdd100k", {"a.json": samples.bdd(box2d=None, poly2d=[{"vertices": SQUARE}])}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "files"), OUTLINES)
def test_outlines_become_boxes_when_asked(
    name: str, files: dict[str, str], tmp_path: Path
) -> None:
    folder = put(tmp_path, files)
    box = only(read(folder, format=name, size=(20, 10), outlines=True)).boxes[0]
    assert corners(box) == pytest.approx((1, 2, 5, 8), abs=1e-9)
    without = read(folder, format=name, size=(20, 10))
    assert without.items == ()
    assert without.left_out.total() == 2


# --- Label Studio's video --------------------------------------------------------------------


def video(count: int, *keys: tuple[int, bool, float]) -> str:
    sequence: list[dict[str, Any]] = [
        {"frame": f, "enabled": on, "rotation": 0, "x": x, "y": 10, "width": 20, "height": 20}
        for f, on, x in keys
    ]
    value = {"framesCount": count, "duration": 2.4, "sequence": sequence, "labels": [CAR]}
    result = {"id": "r", "type": "videorectangle", "value": value}
    data = {"video": "/data/upload/1/0f6142fb-clip.mp4"}
    return json.dumps([{"id": 1, "data": data, "annotations": [{"result": [result]}]}])


def lefts(text: str, folder: Path, **options: Any) -> dict[int | None, float]:
    labels = read(put(folder, {"a.json": text}), size=(20, 10), **options)
    assert {item.video for item in labels.items} <= {"clip.mp4"}
    return {item.frame: item.boxes[0].x1 for item in labels.items}


def test_label_studio_video_keyframes(tmp_path: Path) -> None:
    """Frames count from 1; a key that is not enabled ends the span, the last that is holds."""
    keys = ((2, True, 0), (6, False, 40), (9, True, 50))
    assert lefts(video(12, *keys), tmp_path) == pytest.approx(
        {1: 0, 2: 2, 3: 4, 4: 6, 5: 8, 8: 10, 9: 10, 10: 10, 11: 10}
    )


def test_label_studio_counts_at_a_rate_of_its_own(tmp_path: Path) -> None:
    """60 of its frames over a video of 24: ours are at every 2.5th of its."""
    found = lefts(video(60, (1, True, 0), (51, False, 100)), tmp_path, lengths={"clip.mp4": 24})
    assert found == pytest.approx({n: n for n in range(20)} | {20: 20})


# --- CSV -------------------------------------------------------------------------------------


def test_csv_with_the_columns_of_others(tmp_path: Path) -> None:
    text = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,20,10,car,0,1,4,3\n"
    item = only(read(put(tmp_path, {"a.csv": text})))
    assert (item.image, item.size, corners(item.boxes[0])) == ("a.jpg", (20, 10), (0, 1, 4, 3))


# --- what would take for ever ----------------------------------------------------------------


def test_a_track_over_millions_of_frames_is_left_out(tmp_path: Path) -> None:
    box = '<box frame="{}" outside="{}" xtl="1" ytl="1" xbr="9" ybr="9"/>'
    track = '<track label="car">{}</track>'
    long = track.format(box.format(0, 0) + box.format(5_000_000, 1))
    short = track.format(box.format(3, 0) + box.format(4, 1))
    labels = read(put(tmp_path, {"a.xml": f"<annotations>{long}{short}</annotations>"}))
    assert [item.frame for item in labels.items] == [3]
    assert "more frames than can be read" in next(iter(labels.left_out))


def test_a_huge_attribute_is_refused(tmp_path: Path) -> None:
    text = f'<annotations><image name="{"a" * (20 << 20)}"/></annotations>'
    with pytest.raises(InputError, match="longer than 8 MiB"):
        read(put(tmp_path, {"a.xml": text}) / "a.xml", format="cvat-images")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
@pytest.mark.parametrize("name", ["a.json", "a.xml", "a.csv", "a.txt", "a.zip"])
def test_pipes_are_refused_and_passed_over(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="folder, pipe or device"):
        read(tmp_path / name)
    put(tmp_path, samples.FOREIGN["kitti"])
    assert only(read(tmp_path)).image == "a.png"
