"""Points and tags in label files: those that hold them give them back, others leave them out
and say so, and in a project they stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from unlabelled_footage import drive

from framesift.boxes import Box
from framesift.formats import FORMATS, LabelFile, LabelledImage, adapt_classes, fit, read, write
from framesift.labels import UNSEEN, FrameKey, Point, verified, with_points, with_tags
from framesift.labels.proposals import Proposal
from framesift.loop import Exported, export_labels
from framesift.project import Project

Command = Callable[..., str]
CLASSES = ("pedestrian", "a <car>")
HOLDING = ("cvat-images", "label-studio")


def labels() -> LabelFile:
    size = {"width": 96, "height": 64}
    tagged = (("a <car>", True), ("pedestrian", False))
    clicks = (Point(3.25, 40.5), Point(60, 7.5, "a <car>"))
    items = [
        LabelledImage("v", 1, "v_1.jpg", **size, points=clicks, every=True),
        LabelledImage("v", 2, "v_2.jpg", **size, points=clicks[:1], tags=tagged),
        LabelledImage("v", 3, "v_3.jpg", **size, tags=tagged),
        LabelledImage("v", 4, "v_4.jpg", **size, boxes=(Box(1, 2, 30, 40),), points=clicks),
        LabelledImage("v", 5, "v_5.jpg", **size),
    ]
    return LabelFile(CLASSES, tuple(items))


@pytest.mark.parametrize("name", HOLDING)
def test_formats_that_hold_them_give_them_back(name: str, tmp_path: Path) -> None:
    write(labels(), tmp_path / "out", format=name)
    back = read(tmp_path / "out", format=name)
    said = [(i.frame, len(i.boxes), i.every, i.tags) for i in back.items]
    assert said == [(i.frame, len(i.boxes), i.every, i.tags) for i in labels().items]
    for item, other in zip(labels().items, back.items, strict=True):
        assert [p.category for p in other.points] == [p.category for p in item.points]
        for point, read_back in zip(item.points, other.points, strict=True):
            assert (read_back.x, read_back.y) == pytest.approx((point.x, point.y), abs=2e-6)


@pytest.mark.parametrize("name", sorted({*FORMATS} - {*HOLDING}))
def test_other_formats_leave_them_out_and_never_say_nothing_there(name: str) -> None:
    capability = FORMATS[name].capability
    fitted = fit(labels(), capability, name)
    assert not any(item.weak for item in fitted.labels.items)
    frames = {item.frame for item in fitted.origins}
    assert frames <= {4, 5}
    assert fitted.lost["points"] == 5
    assert fitted.lost["tags of a whole picture"] == 4


def test_what_other_tools_write_in_cvat(tmp_path: Path) -> None:
    (tmp_path / "task.xml").write_text(
        """<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version>
        <meta><task><labels><label><name>car</name></label></labels></task></meta>
        <image id="0" name="frame_000004" width="96" height="64">
          <points label="car" occluded="0" points="10.5,20.25"/>
          <tag label="car"/>
        </image>
        <image id="1" name="frame_000005" width="96" height="64">
          <points label="car" occluded="0" points="1,2;3,4;5,6"/>
        </image></annotations>"""
    )
    back = read(tmp_path / "task.xml", format="cvat-images")
    [item] = back.items
    # Nobody said that these are all; several points are a shape of something else.
    assert (item.points, item.every) == ((Point(10.5, 20.25, "car"),), False)
    assert item.tags == (("car", True),)
    assert back.left_out["shapes of type points"] == 1


def test_classes_of_a_project() -> None:
    adapted = adapt_classes(labels(), ["person"], class_map={"pedestrian": "person"})
    first, second, third, *_ = adapted.items
    assert (first.points, first.every) == ((Point(3.25, 40.5, "person"),), False)
    assert second.tags == third.tags == (("person", False),)
    assert adapted.left_out["points of class “a <car>”"] == 2
    assert adapted.left_out["tags of class “a <car>”"] == 2


@pytest.mark.parametrize("name", HOLDING)
def test_from_a_project_into_another(name: str, tmp_path: Path, command: Command) -> None:
    footage = drive(tmp_path, 8) / "v"
    for folder in ("a", "b"):
        command("init", tmp_path / folder, "--classes", "pedestrian", "car")
        command("add", tmp_path / folder, footage)
    with Project.open(tmp_path / "a") as project:
        video = project.videos.all()[0].id
        clicked = with_points(UNSEEN, [Point(10, 20)], every=True)
        denied = verified(clicked, [Proposal(1, Box(1, 2, 30, 40), 0.5)], yes=False)
        project.labels.change(
            {
                FrameKey(video, 1): denied,
                FrameKey(video, 2): with_tags(UNSEEN, {"car": True, "pedestrian": False}),
                FrameKey(video, 3): with_points(
                    UNSEEN.with_boxes(Box(1, 2, 30, 40)).started(UNSEEN),
                    [Point(5, 6)],
                    every=False,
                ),
            }
        )
    out = tmp_path / "out"
    with Project.open(tmp_path / "a") as project:
        *_, exported = export_labels(project, out, format=name)
    assert isinstance(exported, Exported)
    assert exported.left_out["boxes that somebody said no to"] == 1
    command("labels", "import", tmp_path / "b", out, "--format", name)
    with Project.open(tmp_path / "b") as project:
        video = project.videos.all()[0].id
        one, two, three = (project.labels.get(FrameKey(video, n)) for n in (1, 2, 3))
        assert project.labels.states() == {FrameKey(video, 3): "started"}
    assert (one.state, one.weak.points, one.weak.every) == ("unseen", (Point(10, 20),), True)
    assert two.weak.tags == (("car", True), ("pedestrian", False))
    assert (len(three.boxes), three.weak.points, three.weak.every) == (1, (Point(5, 6),), False)
