"""Files of labels that cannot be read, told apart: what each is and what to do."""

from __future__ import annotations

import contextlib
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.files import opened
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.xmlstream import root_of

_BEGINNINGS = (
    (b"\xff\xfe", "is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text; save it as UTF-8"),
    (b"\x1f\x8b", "is packed by gzip; unpack it and give the file or folder in it"),
    (b"BZh", "is packed by bzip2; unpack it and give the file or folder in it"),
    (b"7z\xbc\xaf", "is a 7z archive; unpack it and give the folder"),
    (b"Rar!", "is a RAR archive; unpack it and give the folder"),
    (b"%PDF", "is a PDF document; give a file of labels"),
    (b"\x89PNG", "is a picture; give a file of labels"),
    (b"\xff\xd8\xff", "is a picture; give a file of labels"),
)


def why_not(path: Path) -> str | None:
    """The sentence for a file that no reader takes, where it is known what it is."""
    if not path.is_file():
        return None
    with opened(path) as file:
        head = file.read(8)
    nature = next((what for begin, what in _BEGINNINGS if head.startswith(begin)), None)
    if nature is not None:
        return f"{path} {nature}."
    if head.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
        try:
            root_of(path)
        except InputError as error:
            return str(error)
        return None
    return _json(path)


def _json(path: Path) -> str | None:
    try:
        with contextlib.closing(JsonFile(path).events()) as events:
            next(events, None)
    except InputError as error:
        return str(error) if path.suffix.lower() == ".json" else None
    kind, keys = top_keys(path, {"annotations", "annotation_id"})
    if kind != "list":
        return None
    if {"image", "annotations"} <= keys:
        return (
            f"{path} is CreateML's JSON, which is not read; export COCO or Pascal VOC from the "
            "tool that wrote it."
        )
    if keys & {"annotation_id", "annotator"}:
        return f"{path} is Label Studio's JSON-MIN; export it as JSON."
    return None
