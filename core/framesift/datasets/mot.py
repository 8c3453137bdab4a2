"""MOTChallenge: SEQUENCE/img1/000001.jpg with SEQUENCE/gt/gt.txt and seqinfo.ini."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from framesift.datasets.classes import PEOPLE, ClassTable
from framesift.datasets.pictures import labelled_sequence, read_labels
from framesift.datasets.request import Found, Reader, Request
from framesift.errors import InputError
from framesift.formats.mot import sequence_info, sequences
from framesift.records import Notice, Progress, RateMeter

RATE = 30.0
_DETECTORS = ("-DPM", "-FRCNN", "-SDP")


class MotDataset(Reader):
    """Every frame of a sequence is labelled, also those without a line."""

    name = "mot"
    title = "MOTChallenge"
    table = ClassTable(
        PEOPLE.counted,
        {"pedestrian": (*PEOPLE.ignored["pedestrian"], "distractor", "reflection")},
        open=True,
    )
    splits: ClassVar[Mapping[str, str]] = {
        "train": "the folder “train”",
        "val": "the folder “val”",
        "test": "the folder “test”, where its labels are known",
    }

    def read(self, request: Request) -> Iterator[Progress | Notice | Found]:
        split = self.split_of(request)
        folders = []
        for root in request.folders():
            place = root / split if split else root
            there = sequences(place) if place.exists() else []
            if not there:
                raise InputError(
                    f"{place} holds no sequence with gt/gt.txt; give the folder "
                    "of one, or of several."
                )
            folders += there
        named = {folder: sequence_info(folder).name for folder in folders}
        requested = _once([f for f in folders if request.wants(named[f])], named)
        meter = RateMeter(len(requested), "clips", "opening footage")
        for folder in requested:
            yield meter.progress()
            info = sequence_info(folder)
            labels = yield from read_labels(folder, "mot")
            pictures = folder / info.pictures
            if request.pictures is not None:
                pictures = request.pictures / folder.name / info.pictures
            yield from labelled_sequence(
                info.name, pictures, labels, first=1, fps=request.fps or info.rate or RATE
            )
            meter.advance()


def _once(folders: list[Path], named: dict[Path, str]) -> list[Path]:
    """MOT17 has each sequence three times, for three detectors, with the same pictures: the
    first one counts."""
    kept: dict[str, Path] = {}
    for folder in folders:
        name = named[folder]
        plain = next((name.removesuffix(d) for d in _DETECTORS if name.endswith(d)), name)
        kept.setdefault(plain, folder)
    return list(kept.values())
