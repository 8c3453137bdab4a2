"""Names and paths in label files never lead out of their folder; encodings, YAML, archives."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from framesift.formats import FORMATS, read, sniff
from framesift.formats.names import Inside, clean_name, inside, safe_name, unique_names
from framesift.formats.yaml_subset import parse

_spec = importlib.util.spec_from_file_location(
    "formats_samples", Path(__file__).parents[1] / "formats_samples.py"
)
assert _spec is not None
assert _spec.loader is not None
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
refused = samples.refused
coco_text = samples.coco_text


# --- paths -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.jpg", "a.jpg"),
        ("/etc/passwd", "etc/passwd"),
        ("../../x.jpg", "x.jpg"),
        ("a/../../b.jpg", "a/b.jpg"),
        (r"C:\data\a.jpg", "data/a.jpg"),
        ("C:/a.jpg", "a.jpg"),
        (r"\\server\share\a.jpg", "server/share/a.jpg"),
        ("./a//b.jpg", "a/b.jpg"),
    ],
)
def test_names_never_lead_out(name: str, clean: str, tmp_path: Path) -> None:
    assert clean_name(name) == clean
    path = tmp_path / "a.json"
    path.write_text(coco_text().replace('"a.jpg"', json.dumps(name)))
    assert read(path).items[0].image == clean


@pytest.mark.parametrize("name", ["..", "/", "a\0b", "", "C:", "a\nb", "x" * 3000])
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(coco_text().replace('"a.jpg"', json.dumps(name)))
    refused(path, "no name of a picture")


def test_inside_never_leaves(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").touch()
    (tmp_path / "secret.txt").touch()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    for name in (
        "../secret.txt",
        str(tmp_path / "secret.txt"),
        "link.txt",
        "up/secret.txt",
        "sub/../../secret.txt",
        "..\\secret.txt",
        "\0",
    ):
        assert inside(folder, name) is None
    for name in ("sub/a.txt", "/home/me/sub/a.txt", "D:\\x\\sub\\a.txt", "../data/sub/a.txt"):
        assert inside(folder, name) == folder / "sub" / "a.txt"


def test_the_same_folders_are_dropped_every_time(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/1.txt", "2.txt"):
        (tmp_path / name).touch()
    found = Inside(tmp_path)
    assert found.find("data/b/1.txt") == tmp_path / "b/1.txt"
    assert found.find("data/b/2.txt") is None


@pytest.mark.parametrize("listed", ["../outside", "/etc", "images/../../outside", "up"])
def test_yolo_lists_stay_inside(listed: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("0 .5 .5 .1 .1")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "up").symlink_to(outside)
    (folder / "data.yaml").write_text(f"train: {listed}\nnames: [car]\n")
    refused(folder, "is there", size=(20, 10))
    (folder / "data.yaml").unlink()
    (folder / "obj.data").write_text(f"train = {listed}/list.txt\nnames = obj.names\n")
    (folder / "obj.names").write_text("car\n")
    refused(folder, "no list of pictures", size=(20, 10))
    (folder / "obj.data").write_text(f"train = t.txt\nnames = {listed}/a.txt\n")
    refused(folder, "no list of classes", size=(20, 10))


def test_links_out_of_the_folder_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("0 .5 .5 .1 .1")
    folder = tmp_path / "data"
    (folder / "labels").mkdir(parents=True)
    (folder / "classes.txt").write_text("car\n")
    (folder / "labels" / "b.txt").write_text("0 .5 .5 .1 .1")
    (folder / "labels" / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert [i.image for i in read(folder, size=(20, 10)).items] == ["b"]


def test_safe_names() -> None:
    wild = ("a/b.mp4", "CON", "..", "a:b*?", "nul.txt", " x. ", "é" * 99)
    assert [safe_name(name) for name in wild] == [
        "a_b.mp4",
        "_CON",
        "video",
        "a_b__",
        "_nul.txt",
        "x",
        "é" * 60,
    ]
    assert unique_names(["a/clip.mp4", "CLIP.avi", "x.mp4", "clip.mov", "clip.mov"]) == {
        "a/clip.mp4": "a_clip.mp4",
        "CLIP.avi": "CLIP.avi",
        "x.mp4": "x",
        "clip.mov": "clip.mov",
    }
    assert len(set(unique_names(["clip", "Clip", "CLIP"]).values())) == 3


# --- encodings, YAML, archives ----------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_text_encodings(encoding: str, newline: str, tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_bytes(f"Fußgänger{newline}".encode(encoding))
    (tmp_path / "a.txt").write_bytes(f"0 0.1 0.2 0.2 0.2{newline}{newline}".encode(encoding))
    labels = read(tmp_path, size=(20, 10))
    assert labels.classes == ("Fußgänger",)
    assert labels.box_count == 1


def test_json_and_xml_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + coco_text().replace("car", "Fußgänger").encode())
    assert read(path).classes == ("Fußgänger",)
    path.write_bytes(coco_text().replace("car", "Fußgänger").encode("latin-1"))
    refused(path, "not valid JSON", format="coco")
    path.write_bytes(coco_text().encode("utf-16"))
    refused(path, "UTF-16", format="coco")
    path = tmp_path / "b.xml"
    xml = (
        '<?xml version="1.0" encoding="{}"?><annotation><object><name>Fußgänger</name>'
        "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></object>"
        "</annotation>"
    )
    for encoding in ("latin-1", "utf-16", "utf-8"):
        path.write_bytes(xml.format(encoding).encode(encoding))
        assert read(path).classes == ("Fußgänger",)
    (tmp_path / "classes.txt").write_text("car", "utf-16")
    refused(tmp_path, "UTF-16", format="yolo")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [car, 'it''s', \"b\\u00fcs\"]", ["car", "it's", "büs"]),
        ("names:\n- car # not this\n- '#2'\n", ["car", "#2"]),
        ("names:\n  - car\n  - bus\n", ["car", "bus"]),
        ("names:\n  0: car\n  1: traffic light\n", {"0": "car", "1": "traffic light"}),
        ("names: {0: car, 1: 'a, b'}", {"0": "car", "1": "a, b"}),
        ("# a data set\n---\nnames: [ 'car',\n   'bus' ]  # two\nnc: 2\n", ["car", "bus"]),
        ("download: |\n  import os\n  names: no\nnames: [car]", ["car"]),
        ("names: []", []),
        ("names: [2, 3 ]", ["2", "3"]),
        ("", None),
    ],
)
def test_yaml(text: str, names: object) -> None:
    assert parse(text.split("\n"), ["names"]).get("names") == names


@pytest.mark.parametrize(
    "text",
    [
        "names: &a [x]",
        "names: *a",
        "names: !!python/object x",
        "names: [car",
        "names: |\n  car",
        "names: x\n  y",
        "names:\n  car\n",
        "names:\n  1: !x y",
        "  lost",
        "names: ['car]",
        'names: "car',
        "names: car",
        "names:\n  0: a\n  2: b\n",
    ],
)
def test_yaml_that_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text(text + "\ntrain: images\n")
    (tmp_path / "images").mkdir()
    refused(tmp_path / "data.yaml", str(tmp_path))


def test_archives_and_absent_files(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("notes.rtf", "nothing")
    refused(tmp_path / "a.zip", f"{tmp_path / 'a.zip'} is in none of the label formats")
    (tmp_path / "b.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:40])
    refused(tmp_path / "b.zip", "cannot be unpacked")
    refused(tmp_path / "none", "does not exist")
    (tmp_path / "video.mp4").write_bytes(b"\0\1\2")
    refused(tmp_path / "video.mp4", "none of the label formats")
    refused(tmp_path / "a.zip", "holds no COCO file", format="coco")
    (tmp_path / "a.json").write_text(coco_text())
    refused(tmp_path / "a.json", "no label format", "coco, label-studio", format="koko")
    assert sniff(tmp_path / "a.json") == "coco"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_unreadable_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path, *arguments: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / {
        "yolo": "obj.data",
        "yolo-ultralytics": "data.yaml",
        "mot": "gt.txt",
    }.get(name, "a.txt")
    path.touch()
    monkeypatch.setattr(Path, "open", denied)
    refused(path, "Permission denied", format=name)
