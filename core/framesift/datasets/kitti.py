"""KITTI tracking: training/image_02/0000/000000.png with training/label_02/0000.txt."""

from __future__ import annotations

from collections.abc import Iterator

from framesift.datasets.classes import ClassTable
from framesift.datasets.pictures import labelled_sequence, read_labels
from framesift.datasets.request import Found, Reader, Request
from framesift.errors import InputError
from framesift.formats.kitti import find_folder
from framesift.formats.kitti_tracking import LABELS, PICTURES
from framesift.records import Notice, Progress, RateMeter

RATE = 10.0


class KittiDataset(Reader):
    """Every frame of a sequence is labelled, also those without a line. The benchmark's test
    sequences have no labels, so there are no parts: choose sequences by name."""

    name = "kitti"
    title = "KITTI tracking"
    table = ClassTable(
        {
            "Pedestrian": "pedestrian",
            "Cyclist": "cyclist",
            "Car": "car",
            "Van": "van",
            "Truck": "truck",
            "Tram": "tram",
        },
        {
            "pedestrian": ("Person", "Person_sitting", "Cyclist"),
            "cyclist": (),
            "car": ("Van",),
            "van": ("Car",),
        },
    )

    def read(self, request: Request) -> Iterator[Progress | Notice | Found]:
        self.split_of(request)
        for root in request.folders():
            labels = find_folder(root, LABELS)
            if labels is None:
                raise InputError(
                    f"{root} holds no {LABELS}; give the folder “training” of KITTI tracking."
                )
            pictures = request.pictures or labels.parent / PICTURES
            files = sorted(file for file in labels.glob("*.txt") if request.wants(file.stem))
            if not files and not any(labels.glob("*.txt")):
                raise InputError(f"{labels} holds no label files; unpack KITTI's labels there.")
            meter = RateMeter(len(files), "clips", "opening footage")
            for file in files:
                yield meter.progress()
                known = yield from read_labels(file, "kitti-tracking")
                yield from labelled_sequence(
                    file.stem, pictures / file.stem, known, first=0, fps=request.fps or RATE
                )
                meter.advance()
