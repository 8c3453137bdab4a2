"""Nobody's labels go: for an import, for an export, for a spreadsheet."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.files import cell, text_of_cell
from framesift.formats import LabelFile, LabelledImage, read, write
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


# --- nobody's work goes -----------------------------------------------------------------------


def label(project: Path, *boxes: Box, frame: int = 5) -> None:
    with Project.open(project) as opened:
        opened.labels.change({FrameKey("clip", frame): FrameLabels.of(boxes)})


def test_another_spelling_touches_nothing(
    command: Command, project: Path, tmp_path: Path
) -> None:
    label(project, Box(1, 1, 9, 9))
    before = given.found(project)
    spelt = [{"id": 1, "name": "Pedestrian"}, {"id": 2, "name": "car"}]
    file = put(tmp_path / "in.json", given.coco(GOOD[1:2], categories=spelt))
    said = command("labels", "import", project, file, status=2)
    assert "(Pedestrian, car) are none of the project's (pedestrian, car)" in said
    assert given.found(project) == before
    boxes = [{"image_id": 1}, {"image_id": 2, "category_id": 2}]
    put(file, given.coco(GOOD[1:3], boxes, categories=spelt))
    from framesift.loop import import_labels

    with Project.open(project) as opened:
        *_, result = import_labels(opened, file)
    assert any("--map Pedestrian=pedestrian" in note for note in result.notes)  # type: ignore[union-attr]
    assert given.found(project) == {**before, ("clip", 7): [("car", *PERSON[1:])]}
    command("labels", "import", project, file, "--map", "Pedestrian=pedestrian")
    assert given.found(project)["clip", 5] == [PERSON]


def test_fewer_boxes_are_said_with_numbers(project: Path, tmp_path: Path) -> None:
    from framesift.loop import import_labels

    label(project, Box(1, 1, 9, 9), Box(2, 2, 9, 9), Box(3, 3, 9, 9))
    with Project.open(project) as opened:
        *_, result = import_labels(opened, put(tmp_path / "in.json", given.coco(GOOD)))
    assert any("1 frames that had 3 boxes now have 1" in note for note in result.notes)  # type: ignore[union-attr]


def test_a_refused_import_changes_nothing(
    command: Command, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framesift.loop import import_labels

    names = [{"id": 1, "name": "bus"}]
    file = put(tmp_path / "in.json", given.coco(["elsewhere.jpg"], categories=names))
    command("labels", "import", project, file, "--add-classes", status=2)
    with Project.open(project) as opened:
        assert opened.classes == ("pedestrian", "car")

        def refuses(*arguments: object, **more: object) -> None:
            raise InputError("This cannot be.")

        monkeypatch.setattr(opened.labels, "change", refuses)
        put(file, given.coco(GOOD, categories=names))
        with pytest.raises(InputError, match="This cannot be"):
            list(import_labels(opened, file, add_classes=True))
        assert opened.classes == ("pedestrian", "car")
        assert opened.labels.all() == {}


LABELS = LabelFile(
    ("car",), (LabelledImage(None, None, "a.jpg", 20, 10, (Box(0, 1, 4, 3, "car"),)),)
)


@pytest.mark.parametrize("name", ["images/night/mine.txt", "notes.txt", "labels/x.txt"])
def test_overwrite_leaves_what_others_put_there(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(LABELS, out, format="coco")
    mine = put(out / name, "mine")
    with pytest.raises(
        InputError, match=f"holds {name.replace('.', chr(92) + '.')}, which Framesift did not"
    ):
        write(LABELS, out, format="coco", overwrite=True)
    assert mine.read_text() == "mine"
    mine.unlink()
    write(LABELS, out, format="yolo", overwrite=True)
    assert (out / "obj.data").is_file()


def test_overwrite_leaves_labels_that_were_edited_since(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(LABELS, out, format="voc")
    edited = out / "Annotations/a.xml"
    put(edited, edited.read_text().replace("car", "bus"))
    with pytest.raises(
        InputError, match=r"Annotations/a\.xml, which Framesift did not write so"
    ):
        write(LABELS, out, format="voc", overwrite=True)
    assert "bus" in edited.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot exchange two folders")
def test_an_export_that_is_killed_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """Killed at its renames: what is at the place is whole."""
    out = tmp_path / "out"
    write(LABELS, out, format="coco")
    script = (
        "import os, signal, sys\n"
        "import framesift.files.folders as files\n"
        "from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "real = files.os.fsync\n"
        "def kill(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        "swap = files._exchange\n"
        "def exchange(one, other):\n"
        "    if sys.argv[3] == 'before': kill()\n"
        "    done = swap(one, other)\n"
        "    assert done\n"
        "    kill()\n"
        "files._exchange = exchange\n"
        "from framesift.boxes import Box\n"
        "from framesift.formats import LabelFile, LabelledImage, write\n"
        "item = LabelledImage(None, None, 'b.jpg', 20, 10, (Box(0, 1, 4, 3, 'car'),))\n"
        "labels, out = LabelFile(('car',), (item,)), Path(sys.argv[1])\n"
        "write(labels, out, format='coco', overwrite=True)\n"
    )
    for when, there in (("before", "a.jpg"), ("after", "b.jpg")):
        ended = subprocess.run(
            [sys.executable, "-c", script, str(out), os.getcwd(), when], check=False
        )
        assert ended.returncode == -signal.SIGKILL
        assert [item.image for item in read(out).items] == [there]


# --- CSV cells --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=1+1", "+a", "-b", "@c", "'=d", "''", "plain", "'quoted'", ""]
)
def test_cells_are_no_formulas(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@"))
    assert text_of_cell(cell(text)) == text


def test_names_like_formulas_come_back(tmp_path: Path) -> None:
    name = "=cmd|'/c calc'!A0"
    labels = LabelFile(
        (name,), (LabelledImage("-x.mp4", 3, "@y.jpg", 20, 10, (Box(-1.5, 1, 4, 3, name),)),)
    )
    write(labels, tmp_path / "out", format="csv")
    text = (tmp_path / "out/labels.csv").read_text()
    assert "\n'-x.mp4,3,'@y.jpg," in text
    assert "'=cmd" in text
    assert ",-1.5," in text
    found = read(tmp_path / "out")
    assert (found.classes, found.items[0].key) == ((name,), ("-x.mp4", 3, "@y.jpg"))
