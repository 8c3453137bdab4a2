"""The label and model cases of a folder of people's files: what is right, and what came out."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Found = dict[tuple[str, int], list[tuple[Any, ...]]]
Line = tuple[str, bool, str]
"""Name of the case, whether it came out right, what came out."""

# case: (file, videos, what is right: frames by video, or a part of the refusal's sentence)
IMPORTS: dict[str, tuple[str, str, dict[str, set[int]] | str]] = {
    "attribute-text (bdd)": ("attribute-text/bdd.json", "clip", {"clip": {5}}),
    "attribute-text (coco)": ("attribute-text/coco.json", "clip", {"clip": {5, 7}}),
    "bdd-first-unlabelled": ("bdd-first-unlabelled/det.json", "clip", {"clip": {5}}),
    "bdd per image": ("bdd-first-unlabelled/first-release.json", "clip", {"clip": {5}}),
    "box-outside (coco)": ("box-outside/coco.json", "clip", {"clip": {7}}),
    "box-outside (cvat)": ("box-outside/cvat.xml", "clip", {"clip": {3, 4, 5, 6}}),
    "box-outside (kitti)": ("box-outside/kitti", "clip", {"clip": {5}}),
    "coco-category-twice": ("coco-category-twice/labels.json", "clip", "id 2 means"),
    "cvat-project-offset (images)": (
        "cvat-project-offset/images.xml",
        "clip other",
        {"clip": {4}, "other": {3}},
    ),
    "cvat-project-offset (titles)": (
        "cvat-project-offset/titles.xml",
        "clip other",
        {"clip": {4}, "other": {3}},
    ),
    "cvat-project-offset (video)": (
        "cvat-project-offset/video.xml",
        "clip other",
        {"clip": {4}, "other": {3}},
    ),
    "label-studio-two-videos": (
        "label-studio-two-videos/tasks.json",
        "clip other",
        {"clip": {5}, "other": {6}},
    ),
    "label-studio-yolo": ("label-studio-yolo/export", "clip", {"clip": {5}}),
    "mot-seqinfo (none)": ("mot-seqinfo/gt", "clip", {"clip": {4, 5}}),
    "mot-seqinfo (12 frames)": ("mot-seqinfo/mot12", "clip", {"clip": {4, 5}}),
    "numbers-from-1": ("numbers-from-1/set", "clip", {"clip": {1, 10}}),
    "one-bad-box (bboxempty)": ("one-bad-box/bboxempty.json", "clip", {"clip": {7}}),
    "one-bad-box (catstr)": ("one-bad-box/catstr.json", "clip", {"clip": {7}}),
    "one-bad-box (ls)": ("one-bad-box/ls.json", "clip", {"clip": {7}}),
    "one-bad-box (negative)": ("one-bad-box/negative.json", "clip", {"clip": {7}}),
    "one-odd-picture (beyond)": ("one-odd-picture/beyond.json", "clip", {"clip": {3, 5, 7, 9}}),
    "one-odd-picture (elsewhere)": (
        "one-odd-picture/elsewhere.json",
        "clip",
        {"clip": {3, 5, 7, 9}},
    ),
    "one-odd-picture (twice)": ("one-odd-picture/twice.json", "clip", {"clip": {3, 5, 7, 9}}),
    "roboflow-names": ("roboflow-names/digits.json", "clip", {"clip": {5, 7}}),
    "supervision-yolo": ("supervision-yolo/set", "clip", {"clip": {5, 7, 9}}),
    "taken-for-another (createml)": ("taken-for-another/createml.json", "clip", "CreateML"),
    "taken-for-another (datumaro)": (
        "taken-for-another/datumaro.json",
        "clip",
        {"clip": {5}},
    ),
    "taken-for-another (gbk)": ("taken-for-another/gbk.xml", "clip", "encoding"),
    "taken-for-another (json-min)": ("taken-for-another/json-min.json", "clip", "JSON-MIN"),
    "taken-for-another (one task)": (
        "taken-for-another/one-task.json",
        "clip",
        {"clip": {5}},
    ),
    "taken-for-another (utf16)": ("taken-for-another/utf16.json", "clip", "UTF-16"),
    "voc-decimals": ("voc-decimals/clip_000005.xml", "clip", {"clip": {5}}),
}
VALUES = {"voc-decimals": {("clip", 5): [("pedestrian", 10.5, 20.0, 40.25, 80.5)]}}
"""Boxes that have to be so, beside the frames."""


def lines(folder: Path) -> Iterator[Line]:
    """A line for each case below `folder`/labels."""
    root = folder / "labels"
    with tempfile.TemporaryDirectory() as work:
        for name, (file, videos, right) in IMPORTS.items():
            project = Path(work) / name.replace(" ", "-")
            _command("init", project, "--classes", "pedestrian", "car")
            for video in videos.split():
                _command("add", project, root / "footage" / f"{video}.mp4")
            status, said = _command("labels", "import", project, root / file)
            yield _judged(name, right, status, said, _found(project))
        yield _twins(root, Path(work))
    yield from _models(root)


def _judged(
    name: str, right: dict[str, set[int]] | str, status: int, said: str, found: Found
) -> Line:
    if isinstance(right, str):
        return name, status == 2 and right in said and not found, said
    frames: dict[str, set[int]] = {}
    for video, frame in found:
        frames.setdefault(video, set()).add(frame)
    boxes = all(found.get(key) == value for key, value in VALUES.get(name, {}).items())
    return name, status == 0 and frames == right and boxes, f"{frames} {said}"


def _twins(root: Path, work: Path) -> Line:
    """Two videos called front.mp4, through every format."""
    from framesift.boxes import Box
    from framesift.formats import FORMATS
    from framesift.labels import FrameKey, FrameLabels
    from framesift.project import Project

    project = work / "twins"
    _command("init", project, "--classes", "pedestrian", "car")
    for side in ("a", "b"):
        _command("add", project, root / "footage" / side / "front.mp4")
    with Project.open(project) as opened:
        for left, video in zip((10.0, 50.0), opened.videos.all(), strict=True):
            labels = FrameLabels.of([Box(left, 20, left + 30, 80)])
            opened.labels.change({FrameKey(video.id, 5): labels})
    before, wrong = _found(project), []
    for name in FORMATS:
        out = work / f"twins-{name}"
        _command("labels", "export", project, "--format", name, "--out", out, "--pictures")
        with Project.open(project) as opened:
            opened.labels.change({key: FrameLabels() for key in opened.labels.all()})
        _command("labels", "import", project, out)
        if _found(project) != before:
            wrong.append(name)
    return (
        "two videos called front.mp4",
        not wrong,
        f"wrong through: {', '.join(wrong) or 'none'}",
    )


def _models(root: Path) -> Iterator[Line]:
    from framesift import load_detector, open_video

    with open_video(root / "footage" / "clip.mp4") as video:
        picture = video[5][None]
    for name in ("rtdetr", "yolox"):
        detector = load_detector(root / f"onnx-{name}" / f"{name}.onnx")
        predictions = detector.infer(picture, boxes=True).predictions
        assert predictions is not None
        boxes, scores = predictions[0].boxes.round(1).tolist(), predictions[0].scores
        best = round(float(scores.max(initial=0)), 2)
        right = boxes == [[80.0, 60.0, 110.0, 160.0]] if name == "rtdetr" else best == 0.97
        yield f"onnx-{name}", right, f"{len(boxes)} boxes, the best {boxes[:1]} at {best}"


def _command(*words: object) -> tuple[int, str]:
    """(exit status, what was said) of `framesift …`."""
    from framesift.cli import main

    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        try:
            status = main([str(word) for word in words])
        except SystemExit as stop:
            status = int(stop.code or 0)
    return status, " ".join(text.getvalue().split())


def _found(project: Path) -> Found:
    from framesift.project import Project

    with Project.open(project, readonly=True) as opened:
        return {
            (key.video, key.frame): [
                (b.category, *(round(v, 4) for v in (b.x1, b.y1, b.x2, b.y2)))
                for b in value.boxes
            ]
            for key, value in opened.labels.all().items()
        }
