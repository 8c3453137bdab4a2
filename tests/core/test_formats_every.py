"""Every format with class names, contents and numbers that try to break it."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from framesift.errors import InputError
from framesift.formats import FORMATS, fit, read, write

_spec = importlib.util.spec_from_file_location(
    "formats_samples", Path(__file__).parents[1] / "formats_samples.py"
)
assert _spec is not None
assert _spec.loader is not None
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
one = samples.one
NAMES = sorted(FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_every_class_name_that_files_can_carry(name: str, tmp_path: Path) -> None:
    for place, category in enumerate(
        ("Zebrastreifen-Läufer", "🚲‍➡️ bike", "= 1 + 1", "0", "- a", "null", "x" * 300)
    ):
        labels = replace(
            one(),
            classes=(category, "car"),
            items=tuple(
                replace(i, boxes=tuple(replace(b, category=category) for b in i.boxes))
                for i in one().items
            ),
        )
        write(labels, tmp_path / f"out{place}", format=name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "bad", ["", " car", "a\nb", "a\0b", "a\u2028b", "ignore", "*", "DontCare", "background"]
)
def test_class_names_that_cannot_be_written(name: str, bad: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write(one(category=bad), tmp_path / "out", format=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_garbage_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    """No file, an empty file, noise, and a cut export: a sentence or labels, never a bug."""
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none", format=name)
    for content in (b"", b"\0\xff\xfe noise \x80" * 50, b"[1, 2", b"{}", b"<a/>", b"a b c"):
        path = tmp_path / "labels.json"
        path.write_bytes(content)
        if not content and name.startswith("kitti"):
            continue  # an empty file is a picture without objects
        with pytest.raises(InputError):
            read(path, format=name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        read(tmp_path / "empty", format=name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "value", ["NaN", "inf", "-inf", "1e400", "9" * 400, "x", "", "1e12", "0x10", "1_0", "٣"]
)
def test_hostile_numbers(name: str, value: str, tmp_path: Path) -> None:
    """A number of one box replaced by something else: that box is left out and counted, with
    the place, or where nothing else is there, one sentence names the file."""
    write(one(), tmp_path / "out", format=name)
    changed = 0
    for path in sorted((tmp_path / "out").rglob("*")):
        if path.is_file():
            text = path.read_text("utf-8")
            for number in ("100", "101", "31.25", "0.1875", "100.0"):
                for before, after in (
                    (" ", " "),
                    (",", ","),
                    ('"', '"'),
                    (">", "<"),
                    (": ", ","),
                    ("[", ","),
                    (": ", "}"),
                ):
                    needle = f"{before}{number}{after}"
                    if needle in text and not changed:
                        text = text.replace(needle, f"{before}{value}{after}", 1)
                        path.write_text(text, "utf-8")
                        changed += 1
    if not changed:
        pytest.skip("the format left the ignore region out")
    try:
        found = read(tmp_path / "out", format=name, size=(320, 240))
    except InputError as error:
        said = str(error)
    else:
        said = next(reason for reason in found.left_out if "cannot be right" in reason)
        assert found.box_count < fit(one(), FORMATS[name].capability, name).labels.box_count
    assert str(tmp_path / "out") in said
    assert "\n" not in said
