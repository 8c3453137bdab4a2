"""Our exports read by the libraries of others, and theirs by us: `pip install ".[peers]"`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from framesift.boxes import Box
from framesift.formats import LabelFile, LabelledImage, read, write


@pytest.fixture(autouse=True)
def no_monitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others' progress bars are watched by a thread that outlives them."""
    tqdm = pytest.importorskip("tqdm")
    monkeypatch.setattr(tqdm.tqdm, "monitor_interval", 0)


pytestmark = pytest.mark.filterwarnings("ignore")
Boxes = dict[int, list[tuple[str, float, float, float, float]]]
"""Per frame: class, x1, y1, x2, y2 of each box, sorted."""


def our_labels() -> LabelFile:
    items = [
        LabelledImage(
            "clip.mp4",
            frame,
            None,
            64,
            48,
            (
                Box(1 + frame, 2, 30, 40.5, "pedestrian", track=4),
                Box(5, 6, 50, 20.25, "car", occluded=True),
            )
            if frame
            else (),
        )
        for frame in range(3)
    ]
    return LabelFile(("pedestrian", "car"), tuple(items))


def exported(folder: Path, name: str) -> Path:
    def picture(item: LabelledImage, path: str) -> bytes:
        data = io.BytesIO()
        kind = "PNG" if path.endswith("png") else "JPEG"
        Image.new("RGB", (64, 48)).save(data, kind)
        return data.getvalue()

    write(our_labels(), folder / name, format=name, pictures=picture)
    return folder / name


def boxes_of(labels: LabelFile) -> Boxes:
    return {_frame(str(item.image or item.frame)): _sorted(
        (b.category, b.x1, b.y1, b.x2, b.y2) for b in item.boxes
    ) for item in labels.items}  # fmt: skip


def _frame(name: str) -> int:
    return int(Path(name).stem.rpartition("_")[2])


def _sorted(boxes: Any) -> list[tuple[str, float, float, float, float]]:
    return sorted(
        (str(name), *(round(float(v), 3) for v in corners)) for name, *corners in boxes
    )  # type: ignore[misc]


DUE = boxes_of(our_labels())
ROUNDED: Boxes = {
    frame: [(name, *(float(int(v + 0.5)) for v in corners)) for name, *corners in boxes]  # type: ignore[misc]
    for frame, boxes in DUE.items()
}
"""As VOC has them: whole pixels."""


def test_pycocotools_reads_ours(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    path = exported(tmp_path, "coco") / "annotations/instances_default.json"
    loaded = coco.COCO(str(path))
    names = {c["id"]: c["name"] for c in loaded.loadCats(loaded.getCatIds())}
    boxes: Boxes = {}
    for image in loaded.loadImgs(loaded.getImgIds()):
        found = loaded.loadAnns(loaded.getAnnIds(imgIds=image["id"]))
        boxes[_frame(image["file_name"])] = _sorted(
            (names[a["category_id"]], x, y, x + w, y + h)
            for a in found
            for x, y, w, h in [a["bbox"]]
        )
    assert boxes == DUE
    assert [a["track_id"] for a in loaded.loadAnns(loaded.getAnnIds(catIds=[1]))] == [4, 4]


def _with_supervision(out: Path, name: str, sv: Any) -> Any:
    data = sv.DetectionDataset
    if name == "coco":
        return data.from_coco(
            str(out / "images"), str(out / "annotations/instances_default.json")
        )
    if name == "voc":
        return data.from_pascal_voc(str(out / "JPEGImages"), str(out / "Annotations"))
    return data.from_yolo(
        str(out / "images/train"), str(out / "labels/train"), str(out / "data.yaml")
    )


@pytest.mark.parametrize("name", ["coco", "voc", "yolo-ultralytics"])
def test_supervision_reads_ours_and_we_its(name: str, tmp_path: Path) -> None:
    sv = pytest.importorskip("supervision")
    found = _with_supervision(exported(tmp_path, name), name, sv)
    due = ROUNDED if name == "voc" else DUE
    theirs = {
        _frame(path): _sorted(
            (found.classes[number], *corners)
            for corners, number in zip(each.xyxy, each.class_id, strict=True)
        )
        for path, each in found.annotations.items()
    }
    assert theirs == due
    back = tmp_path / "back"
    if name == "coco":
        found.as_coco(str(back / "images"), str(back / "annotations.json"))
    elif name == "voc":
        found.as_pascal_voc(str(back / "images"), str(back / "annotations"))
    else:
        found.as_yolo(str(back / "images"), str(back / "labels"), str(back / "data.yaml"))
    again = boxes_of(read(back, size=(64, 48)))
    # Its YOLO writes five decimals of the picture's size.
    tolerance = 1e-3 if name == "yolo-ultralytics" else 1e-6
    assert {*again} == {*due}
    for frame, boxes in due.items():
        for a, b in zip(again[frame], boxes, strict=True):
            assert a[0] == b[0]
            assert a[1:] == pytest.approx(b[1:], abs=tolerance)


DATUMARO = {"coco": "coco", "voc": "voc_detection", "datumaro": "datumaro", "yolo": "yolo"}


@pytest.mark.parametrize("name", [*DATUMARO, "kitti"])
def test_datumaro_reads_ours(name: str, tmp_path: Path) -> None:
    """As they are, by its own detection of the format where it has one."""
    dm = pytest.importorskip("datumaro")
    out = exported(tmp_path, name)
    theirs = DATUMARO.get(name, name)
    known = dm.Environment().detect_dataset(str(out))
    assert any(each.startswith(theirs.partition("_")[0]) for each in known)
    data = dm.Dataset.import_from(str(out), theirs)
    labels = data.categories()[dm.AnnotationType.label]
    # It takes VOC's positions, which count from 1, as they are.
    shift = 1 if name == "voc" else 0
    boxes: Boxes = {}
    for item in data:
        assert item.media.size == (48, 64)
        boxes[_frame(item.id)] = _sorted(
            (labels[a.label].name, a.x - shift, a.y - shift, a.x + a.w, a.y + a.h)
            for a in item.annotations
            if a.type == dm.AnnotationType.bbox
        )
    assert boxes == (ROUNDED if name == "voc" else DUE)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("coco_instances", "coco"),
        ("datumaro", "datumaro"),
        ("cvat", "cvat-images"),
        ("yolo", "yolo"),
    ],
)
def test_we_read_datumaros(theirs: str, ours: str, tmp_path: Path) -> None:
    dm = pytest.importorskip("datumaro")
    data = dm.Dataset.import_from(str(exported(tmp_path, "datumaro")), "datumaro")
    out = tmp_path / "back"
    data.export(str(out), theirs, save_media=True)
    found = read(out, size=(64, 48))
    assert found.format == ours
    for frame, boxes in boxes_of(found).items():
        for a, b in zip(boxes, DUE[frame], strict=True):
            assert a[0] == b[0]
            assert a[1:] == pytest.approx(b[1:], abs=0.011)
