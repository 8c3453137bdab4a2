"""Label files are untrusted: whatever is in them, memory, time and folders stay ours, and the
user gets one sentence that names the file and the place."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from framesift.formats import read
from framesift.formats.jsonstream import JsonFile
from framesift.formats.xmlstream import children

_spec = importlib.util.spec_from_file_location(
    "formats_samples", Path(__file__).parents[1] / "formats_samples.py"
)
assert _spec is not None
assert _spec.loader is not None
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
refused = samples.refused
coco_text = samples.coco_text


# --- one value that cannot be right ----------------------------------------------------------


@pytest.mark.parametrize(
    "bbox",
    [
        "[NaN, 2, 3, 4]",
        "[Infinity, 2, 3, 4]",
        "[-Infinity, 2, 3, 4]",
        '["1", 2, 3, 4]',
        "[null, 2, 3, 4]",
        "[true, 2, 3, 4]",
        "[1, 2, -3, 4]",
        "[1, 2, 3]",
        "[[1], 2, 3, 4]",
        "[1e300, 2, 3, 4]",
        "[1e999, 2, 3, 4]",
        f"[{'9' * 5000}, 2, 3, 4]",
        "{}",
        '"box"',
        "7",
        "[" * 5000 + "]" * 5000,
    ],
)
def test_coco_boxes(bbox: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(coco_text(bbox))
    refused(path, str(path))


def test_the_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(coco_text('["1", 2, 3, 4]'))
    assert refused(path) == (
        f"{path}, annotations[0]: “1” stands where a number is due; "
        "correct the file or leave it out."
    )
    label = tmp_path / "gt" / "gt.txt"
    label.parent.mkdir()
    label.write_text("2,1,1,1,-5,5,1,1,1\n")
    refused(label, f"{label}, line 1", "negative width or height")
    label.write_text("1,1,1,1,5,5,1,1,1\n2,1,1,1,-5,5,1,1,1\n")
    assert read(label).left_out == {
        "entries that cannot be right: the box has a negative width or height "
        f"(first: {label}, line 2)": 1,
        "pictures of which every shape was left out": 1,
    }


@pytest.mark.parametrize(
    "image",
    [
        ', "width": -5',
        ', "width": 1.5',
        ', "width": "640"',
        ', "width": 100000000',
        ', "frame_index": -1',
        ', "frame_index": 1e15',
        ', "frame_index": "12"',
        ', "pts": 1.5',
        ', "frame_index": 12345678901234567890',
        ', "id": {}',
        ', "id": null',
    ],
)
def test_coco_images(image: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(coco_text(image=image))
    refused(path, str(path))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[]",
        "{}",
        "null",
        '"x"',
        "[1, 2]",
        '[{"annotations": 5}]',
        '{"images": 5}',
        '{"images": [5], "categories": []}',
        coco_text() + "}",
        '{"images": [], "annotations": [5], "categories": []}',
        '[{"annotations": [{"result": 3}]}]',
        '[{"annotations": [{"result": [{"type": 3}]}]}]',
        '[{"name": "a", "labels": 3}]',
        '[{"name": "a", "labels": [{"box2d": []}]}]',
        '[{"name": "a", "labels": [{"box2d": {"x1": 0, "y1": 0, "x2": 5, "y2": 5}}]}]',
        '[{"data": {}, "annotations": [{"result": []}]}]',
        '[{"data": {"image": "http://[bad"}, "annotations": [{"result": []}]}]',
        coco_text(annotation=', "iscrowd": "perhaps"'),
        coco_text().replace('"car"', "5"),
        coco_text().replace('"car"', '"a\\nb"'),
        coco_text().replace('"car"', '""'),
        coco_text().replace('"category_id": 1', '"category_id": 2'),
        coco_text().replace('[{"id": 1, "file', '[{"id": 1}, {"id": 1, "file'),
    ],
)
def test_json_of_the_wrong_shape(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    refused(path, str(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("label_2/a.txt", "Car 0 0 0 1 2 3\n"),
        ("label_2/a.txt", "Car x 0 0 1 2 3 4" + " 0" * 7),
        ("label_02/a.txt", "-1 1 Car 0 0 0 1 2 3 4" + " 0" * 7),
        ("label_02/a.txt", "0 1 Car 0 0 0 9 2 3 4" + " 0" * 7),
        ("gt/gt.txt", "0,1,1,1,5,5\n"),
        ("gt/gt.txt", "1,1,1,1\n"),
        ("gt/gt.txt", "1,1,1,1,5,5,1,99,1"),
        ("gt/gt.txt", "1,1,1,1,5,5,1,0,1"),
        ("gt/gt.txt", "1.5,1,1,1,5,5,1,1,1"),
        ("a.csv", "image,category,x1,y1,x2,y2\na,car,1,2\n"),
        ("a.csv", "image,category,x1,y1,x2,y2\n,car,1,2,3,4\n"),
        ("a.csv", "image,category,x1,y1,x2,y2\na,,1,2,3,4\n"),
        ("a.csv", f"image,category,x1,y1,x2,y2\n{'a' * 200_000},car,1,2,3,4\n"),
        ("a.csv", "x1,y1\n1,2\n"),
    ],
)
def test_text_lines(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    refused(
        tmp_path if "/" in name else path,
        str(tmp_path),
        format=None if "x1,y1\n1" not in text else "csv",
    )


@pytest.mark.parametrize(
    "line",
    [
        "0 0.5 0.5 0.1",
        "0 0.5 0.5 0.1 0.1 0.9",
        "2 0.5 0.5 0.1 0.1",
        "-1 0.5 0.5 0.1 0.1",
        "0.5 0.5 0.5 0.1 0.1",
        "0 120 80 30 60",
        "0 0.5 0.5 -0.1 0.1",
        "car 0.5 0.5 0.1 0.1",
    ],
)
def test_yolo_lines(line: str, tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("car\nbus\n")
    """Alone it refuses the file; beside others it is left out, counted and named."""
    (tmp_path / "a.txt").write_text(f"\n{line}\n")
    refused(tmp_path, f"{tmp_path / 'a.txt'}, line 2", size=(20, 10))
    (tmp_path / "a.txt").write_text(f"0 0.5 0.5 0.1 0.1\n{line}\n")
    labels = read(tmp_path, size=(20, 10))
    assert labels.box_count == 1
    assert [
        count for reason, count in labels.left_out.items() if "a.txt, line 2" in reason
    ] == [1]


# --- XML -------------------------------------------------------------------------------------

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><{0}><x>&b;</x></{0}>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    "<{0}><x>&a;</x></{0}>"
)


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
@pytest.mark.parametrize(
    ("name", "root"),
    [("voc", "annotation"), ("cvat-images", "annotations"), ("cvat-video", "annotations")],
)
def test_entities_are_refused(text: str, name: str, root: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text.format(root))
    refused(path, str(path), "entities", format=name)


@pytest.mark.parametrize(
    "body",
    [
        "<annotation>",
        "<annotation></annotatio>",
        "\x00",
        "<annotation>&nope;</annotation>",
        '<?xml version="1.0" encoding="made-up"?><annotation/>',
        "<annotation>" + "<a>" * 5000 + "</a>" * 5000 + "</annotation>",
        "<annotation><object><bndbox/></object></annotation>",
        "<annotation><object><name>a</name><bndbox><xmin>5</xmin><ymin>1</ymin><xmax>4</xmax>"
        "<ymax>2</ymax></bndbox></object></annotation>",
    ],
)
def test_broken_xml(body: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(body)
    refused(path, str(path), format="voc")


@pytest.mark.parametrize(
    "body",
    [
        '<track id="0" label="car"><box frame="x" xtl="0" ytl="0" xbr="1" ybr="1"/></track>',
        '<track id="0" label="car"><box frame="-4" xtl="0" ytl="0" xbr="1" ybr="1"/></track>',
        '<track id="0" label="car"><box frame="4" xtl="nan" ytl="0" xbr="1" ybr="1"/></track>',
        '<track id="0" label="car"><box frame="4" xtl="9" ytl="0" xbr="1" ybr="1"/></track>',
        '<meta><task><stop_frame>99999999999</stop_frame></task></meta><track id="0"/>',
        "<meta><task><frame_filter>step=0</frame_filter></task></meta><track/>",
        '<image id="0" name=""/>',
        '<image id="0" name="a" width="-4"/>',
    ],
)
def test_cvat_values(body: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<annotations>{body}</annotations>")
    refused(path, str(path))


def test_xml_children_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    image = "<image><box label='car'/></image>"
    path.write_text(f"<annotations>{image * 15_000}</annotations>")
    tracemalloc.start()
    count = sum(1 for _ in children(path, "annotations"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 15_000
    assert peak < 2_000_000


# --- JSON ------------------------------------------------------------------------------------


def test_deep_nesting_is_refused_at_once(tmp_path: Path) -> None:
    for text in ("[" * 200_000, '{"a":' * 200_000, '{"images": ' + "[" * 300 + "]" * 300 + "}"):
        (tmp_path / "a.json").write_text(text)
        refused(tmp_path / "a.json", "deep", format="coco")


def test_brackets_in_text_are_not_nesting(tmp_path: Path) -> None:
    odd = "[" * 500 + '\\"{{{\\\\' + "{" * 70_000
    path = tmp_path / "a.json"
    path.write_text(coco_text(annotation=f', "note": "{odd}"'))
    assert read(path).box_count == 1
    closing = "]" * 90_000
    path.write_text('{"a": "' + closing + '", "images": ' + "[" * 200 + "]" * 200 + "}")
    refused(path, "deep", format="coco")


@pytest.mark.parametrize("shift", range(4))
def test_escapes_across_the_parser_blocks(shift: int, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('["' + "x" * (65530 + shift) + '\\\\\\"[[[\\u00e9", 1]')
    assert list(JsonFile(path).items(""))[1] == 1


def test_memory_follows_the_boxes_not_the_file(tmp_path: Path) -> None:
    """50 MB of COCO with outlines, read in a process of its own."""
    path = tmp_path / "big.json"
    outline = ", ".join(str(v / 7) for v in range(60))
    with path.open("w") as file:
        file.write('{"images": [')
        file.write(", ".join(f'{{"id": {i}, "file_name": "{i}.jpg"}}' for i in range(2000)))
        file.write('], "annotations": [')
        for number in range(44_000):
            file.write(
                (", " if number else "") + f'{{"id": {number}, "image_id": '
                f'{number % 2000}, "category_id": 1, "bbox": [1.5, 2, 3, 4], '
                f'"segmentation": [[{outline}]]}}'
            )
        file.write('], "categories": [{"id": 1, "name": "car"}]}')
    assert path.stat().st_size > 45_000_000
    script = (
        "import resource, sys\n"
        "from framesift.formats import read\n"
        "import ijson, numpy\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "labels = read(sys.argv[1])\n"
        "print(labels.box_count, peak() - before)\n"
    )
    if sys.platform == "win32":
        pytest.skip("the peak memory of a process is read the Unix way")
    out = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True
    ).stdout.split()
    scale = 1024 if sys.platform == "darwin" else 1
    assert int(out[0]) == 44_000
    # 44,000 boxes are about 10 MB; the file itself as Python objects is more than 200 MB.
    assert int(out[1]) / scale < 40_000
