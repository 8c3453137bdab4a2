"""One odd entry never costs the others; what would change meaning is refused."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framesift.errors import InputError
from framesift.formats import read
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
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    return given.make_project(folder / "p", *given.make_videos(folder, clip=30).values())


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p"))


def frames(project: Path) -> set[int]:
    return {frame for _, frame in given.found(project)}


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


GOOD = ["clip_000003.jpg", "clip_000005.jpg", "clip_000007.jpg", "clip_000009.jpg"]


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ("clip_000777.jpg", "frame numbers go beyond. (first: clip_000777.jpg)"),
        ("street.jpg", "(first: street.jpg)"),
        (
            "clip_000009.jpg",
            "has several entries; the first one counts. (first: clip_000009.jpg)",
        ),
    ],
)
@pytest.mark.parametrize("place", [0, 4])
def test_one_odd_picture(
    command: Command, project: Path, odd: str, why: str, place: int, tmp_path: Path
) -> None:
    names = [*GOOD[:place], odd, *GOOD[place:]]
    from framesift.loop import import_labels

    with Project.open(project) as opened:
        *_, result = import_labels(opened, put(tmp_path / "in.json", given.coco(names)))
    assert frames(project) == {3, 5, 7, 9}
    assert {reason: n for reason, n in result.left_out.items() if why in reason}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "box",
    [
        {"bbox": [40, 40, -30, -30]},
        {"bbox": []},
        {"bbox": ["1", "2", "3", "4"]},
        {"bbox": [1, 2, 3]},
        {"category_id": "1"},
        {"category_id": 99},
        {"bbox": None},
    ],
)
def test_one_bad_box(
    command: Command, project: Path, box: dict[str, Any], tmp_path: Path
) -> None:
    boxes = [{"image_id": 1, **box}, {"image_id": 2}]
    file = put(tmp_path / "in.json", given.coco(GOOD[:2], boxes))
    labels = read(file)
    reasons = [r for r in labels.left_out if r.startswith("entries that cannot be right: ")]
    assert [labels.left_out[r] for r in reasons] == [1]
    assert f"(first: {file}, annotations[0])" in reasons[0]
    command("labels", "import", project, file)
    assert given.found(project) == {("clip", 5): [PERSON]}


def test_boxes_outside_of_the_picture(command: Command, project: Path, tmp_path: Path) -> None:
    outside = {"bbox": [500, 500, 10, 10]}
    boxes = [{"image_id": 1, **outside}, {"image_id": 2}, {"image_id": 2, **outside}]
    command("labels", "import", project, put(tmp_path / "in.json", given.coco(GOOD[:2], boxes)))
    assert given.found(project) == {("clip", 5): [PERSON]}


def test_a_track_that_leaves_the_picture(
    command: Command, project: Path, tmp_path: Path
) -> None:
    shapes = "".join(
        f'<box frame="{f}" outside="{o}" xtl="{x}" ytl="12" xbr="{x + 20}" ybr="36"/>'
        for f, o, x in ((3, 0, 34), (9, 0, 94), (10, 1, 94))
    )
    text = f'<annotations><track id="0" label="pedestrian">{shapes}</track></annotations>'
    command("labels", "import", project, put(tmp_path / "in.xml", text))
    assert frames(project) == {3, 4, 5}


def test_a_bad_track_costs_itself_only(tmp_path: Path) -> None:
    def track(right: int) -> str:
        return (
            '<track label="car"><box frame="1" outside="0" xtl="1" ytl="1" xbr="9" ybr="9"/>'
            f'<box frame="3" outside="0" xtl="5" ytl="1" xbr="{right}" ybr="9"/></track>'
        )

    text = f"<annotations>{track(2)}{track(9)}</annotations>"
    labels = read(put(tmp_path / "a.xml", text))
    assert [(i.frame, len(i.boxes)) for i in labels.items] == [(1, 1), (2, 1), (3, 1)]
    assert sum(labels.left_out.values()) == 1


def test_a_broken_file_among_many(tmp_path: Path) -> None:
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox>"
    good = f"<annotation><object><name>car</name>{box}</object></annotation>"
    for name, text in (("a", good), ("b", good[:-9]), ("c", good)):
        put(tmp_path / f"Annotations/{name}.xml", text)
    labels = read(tmp_path, size=(9, 9))
    assert [item.image for item in labels.items] == ["a", "c"]
    assert "b.xml" in next(iter(labels.left_out))


# --- what would change meaning ----------------------------------------------------------------


def test_ids_that_mean_two_things_are_refused(tmp_path: Path) -> None:
    twice = [
        {"id": 1, "name": "pedestrian"},
        {"id": 2, "name": "car"},
        {"id": 2, "name": "truck"},
    ]
    file = put(tmp_path / "in.json", given.coco(GOOD, categories=twice))
    with pytest.raises(InputError, match="category id 2 means “car” and “truck”"):
        read(file)
    twice[2]["name"] = "car"
    assert read(put(file, given.coco(GOOD, categories=twice))).box_count == 4
    images = [{"id": 1, "file_name": name} for name in GOOD[:2]]
    with pytest.raises(InputError, match="image id 1 is there twice"):
        read(put(file, given.coco([], [{"image_id": 1}], images=images)))


# --- unlabelled is not "nothing there" --------------------------------------------------------


def test_a_file_without_annotations_says_nothing(
    command: Command, project: Path, tmp_path: Path
) -> None:
    document = json.loads(given.coco(GOOD))
    del document["annotations"]
    file = put(tmp_path / "in.json", json.dumps(document))
    assert read(file).items == ()
    assert read(file).left_out == {"pictures of a file without annotations": 4}
    command("labels", "import", project, file, status=2)
    document["annotations"] = []
    assert [i.state for i in read(put(file, json.dumps(document))).items] == ["nothing"] * 4


BDD_BOX = {"category": "pedestrian", "box2d": {"x1": 10, "y1": 12, "x2": 29, "y2": 35}}


@pytest.mark.parametrize(
    "document",
    [
        [
            {"name": "clip_000009.jpg", "attributes": {}},
            {"name": "clip_000005", "labels": [BDD_BOX]},
        ],
        {
            "name": "clip_000005",
            "frames": [{"timestamp": 1, "objects": [BDD_BOX]}],
            "attributes": {},
        },
    ],
)
def test_bdd100k_in_both_releases(
    command: Command, project: Path, document: Any, tmp_path: Path
) -> None:
    command("labels", "import", project, put(tmp_path / "in.json", json.dumps(document)))
    assert given.found(project) == {("clip", 5): [PERSON]}


@pytest.mark.parametrize(
    ("corners", "box"),
    [
        ((10.5, 20.0, 40.25, 80.5), (10.5, 20, 40.25, 80.5)),
        ((11, 21, 40, 80), (10, 20, 40, 80)),
        (("11.0", "21.0", "40.0", "80.0"), (10, 20, 40, 80)),
    ],
)
def test_voc_decimals_count_from_0(
    corners: tuple[object, ...], box: tuple[float, ...], tmp_path: Path
) -> None:
    sides = "<xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax>".format(*corners)
    text = f"<annotation><object><name>a</name><bndbox>{sides}</bndbox></object></annotation>"
    found = read(put(tmp_path / "a.xml", text)).items[0].boxes[0]
    assert (found.x1, found.y1, found.x2, found.y2) == box


@pytest.mark.parametrize("said", ["clip_000005.jpg", "x/clip_000005.jpg", "clip_000005"])
def test_a_renamed_xml_counts_by_its_own_name(said: str, tmp_path: Path) -> None:
    text = f"<annotation><filename>{said}</filename></annotation>"
    assert read(put(tmp_path / "clip_000007.xml", text)).items[0].image in {
        "clip_000007.jpg",
        "clip_000007",
    }
    assert (
        read(put(tmp_path / "clip_000005.xml", text)).items[0].image == said.rpartition("/")[2]
    )
    assert not read(tmp_path / "clip_000005.xml").notes


def test_text_in_a_mark_counts_as_no_and_is_noted(tmp_path: Path) -> None:
    boxes = [{"image_id": 1, "attributes": {"occluded": "partially", "ignore": "no idea"}}]
    labels = read(put(tmp_path / "in.json", given.coco(GOOD[:1], boxes)))
    box = labels.items[0].boxes[0]
    assert (box.occluded, box.ignore) == (False, False)
    assert any("“occluded” holds text such as “partially”" in note for note in labels.notes)
