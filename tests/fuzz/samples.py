"""A sound file of each kind, to be mutated, and mutations of its structure by hand."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.fuzz import foreign

DEEP = 100_000
NAMES = {
    "project": "project.sqlite",
    "checkpoint": "a.safetensors",
    "pickled": "a.pt",
    "experiment": "experiment.toml",
    "job": "job.json",
    "training-set": "training-set.json",
    "state": "state.safetensors",
    **foreign.NAMES,
}


def _detector() -> Any:
    from framesift.detectors import PaperDetector

    return PaperDetector(settings={"width": 0.125, "working_height": 48})


def make(kind: str, path: Path) -> None:
    """Writes a sound file of a kind."""
    MAKE[kind](path)


def _project(path: Path) -> None:
    from framesift.boxes import Box
    from framesift.labels import FrameKey, FrameLabels
    from framesift.project import CameraMask, Project, rectangle

    class Clip:
        kind, fps, width, height, times = "file", 30.0, 64, 64, None
        fingerprint, path = "content", Path("/nowhere/a.mp4")

        def __len__(self) -> int:
            return 100

    with Project.create(path.parent) as project:
        project.videos.add(Clip())
        for frame in range(12):
            labels = FrameLabels.of([Box(1 + frame, 2, 30, 40)])
            project.labels.change({FrameKey("a", frame): labels})
        project.masks.set(CameraMask(64, 64, (rectangle(0, 0, 9, 9),)))
        with project.series.writer("a", {"detector": "d", "score": {}}) as writer:
            for frame in range(100):
                writer.add(frame, frame / 100, ((1.0, 2.0, 0.5),))


def _checkpoint(path: Path) -> None:
    from framesift.detectors.files.checkpoint import save_checkpoint

    save_checkpoint(path, _detector())


def _pickled(path: Path) -> None:
    import torch

    torch.save(pickled(), path)


def pickled() -> dict[str, Any]:
    """What a .pt checkpoint holds."""
    made = _detector()
    about = {
        "version": 1,
        "architecture": "paper",
        "classes": list(made.classes),
        "settings": made.settings,
        "name": "",
        "lineage": {},
    }
    return {"framesift": about, "weights": made.module.state_dict()}


def _experiment(path: Path) -> None:
    path.write_text(
        'name = "night"\nseeds = 2\n\n[pool]\nkind = "coco"\npaths = ["pool.json"]\n'
        'every = 3\n\n[evaluation]\nkind = "synthetic"\n'
        'paths = ["look=target,seed=3,frames=60"]\n\n[training]\nepochs = 5\n'
        'optimizer = "adamw"\n\n[measuring]\nmin_height = 20.0\nious = [0.3]\n\n'
        '[[variants]]\nname = "ours"\n\n[[variants]]\nname = "guided-random"\n'
    )


def _job(path: Path) -> None:
    from framesift.training import TrainJob

    TrainJob("pedestrian", path.parent / "set.json", path.parent, lineage={"a": 1}).save(path)


def _training_set(path: Path) -> None:
    from framesift.boxes import Box
    from framesift.labels import FrameKey
    from framesift.training.data import Entry, TrainingSet, VideoRef

    entries = tuple(
        Entry(FrameKey("v", n), 64, 48, (Box(1, 2, 30, 40),), "train", "hash") for n in range(5)
    )
    TrainingSet(("pedestrian",), (VideoRef("v", "a.mp4"),), entries).save(path)


def _state(path: Path) -> None:
    from framesift.training import TrainSettings
    from framesift.training.state import RunState, writing_state

    state = RunState(TrainSettings(), "start", "data", steps=10, frames=5, step=3)
    with writing_state(path.parent, state, {"model.": _detector().module.state_dict()}):
        pass


MAKE: Mapping[str, Callable[[Path], None]] = {
    "project": _project,
    "checkpoint": _checkpoint,
    "pickled": _pickled,
    "experiment": _experiment,
    "job": _job,
    "training-set": _training_set,
    "state": _state,
    **foreign.MAKE,
}


def _sql(statements: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                database.execute(f"DROP TRIGGER {name}")
            database.executescript(statements)

    return change


def _metadata(**changes: Any) -> Callable[[Path], None]:
    """The head of a safetensors file, changed."""

    def change(path: Path) -> None:
        data = path.read_bytes()
        size = int.from_bytes(data[:8], "little")
        head = json.loads(data[8 : 8 + size])
        about = json.loads(head["__metadata__"]["framesift"])
        about.update(changes)
        head["__metadata__"]["framesift"] = json.dumps(about)
        text = json.dumps(head).encode()
        path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + size :])

    return change


def _json(**changes: Any) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return change


def _text(text: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(text) and None


def _weights(turn: Callable[[Any], Any]) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        import torch

        content = pickled()
        weights = content["weights"]
        for name, value in weights.items():
            if value.is_floating_point() and value.ndim > 1:
                weights[name] = turn(value)
        torch.save(content, path)

    return change


def _bomb(path: Path) -> None:
    """A few kilobytes that are gigabytes once unpacked."""
    import zipfile

    with zipfile.ZipFile(path) as sound:
        parts = {name: sound.read(name) for name in sound.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name, content in parts.items():
            bomb.writestr(name, content)
        with bomb.open("archive/data/bomb", "w", force_zip64=True) as file:
            for _ in range(3000):
                file.write(bytes(1 << 20))


def _float8(value: Any) -> Any:
    import torch

    return value.to(torch.float8_e4m3fn)


def _quantized(value: Any) -> Any:
    import torch

    with warnings.catch_warnings():
        # Nobody makes them any more, which does not keep anybody from sending one.
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(value, 0.1, 0, torch.qint8)


STRUCTURAL: Mapping[str, Mapping[str, Callable[[Path], None]]] = {
    "project": {
        "frames": _sql("UPDATE videos SET frames = 1000000000000"),
        "size": _sql("UPDATE videos SET width = 200000, height = 200000"),
        "deep": _sql(f"UPDATE settings SET value = '{'[' * DEEP}' WHERE name = 'classes'"),
        "view": _sql("DROP TABLE labels; CREATE VIEW labels AS SELECT 1 AS video, 2 AS frame"),
    },
    "checkpoint": {
        "classes": _metadata(classes=[1, 2]),
        "many classes": _metadata(classes=[f"c{n}" for n in range(9_999)]),
        "wide": _metadata(settings={"width": 10_000.0}),
        "high": _metadata(settings={"width": 0.125, "working_height": 10**9}),
        "architecture": _metadata(architecture="nothing"),
    },
    "pickled": {
        "float8": _weights(_float8),
        "sparse": _weights(lambda value: value.to_sparse()),
        "meta": _weights(lambda value: value.to("meta")),
        "quantized": _weights(_quantized),
        "expanded": _weights(lambda value: value.flatten()[:1].expand(1 << 40)),
        "bomb": _bomb,
    },
    "experiment": {
        "deep": _text("a = " + "[" * DEEP),
        "deep keys": _text("a" + ".a" * DEEP + " = 1"),
        "paths": _text("[pool]\nkind = 'coco'\npaths = 5"),
        "numbers": _text("seeds = " + "9" * 100_000),
    },
    "job": {
        "deep": _text('{"lineage": ' + "[" * DEEP),
        "out": _json(out=3),
        "resume": _json(resume="yes"),
        "cache": _json(cache_mb=10**30),
        "device": _json(device=["cpu"]),
        "lineage": _json(lineage=[1]),
        "epochs": _json(settings={"epochs": "many"}),
    },
    "training-set": {
        "deep": _text("[" * DEEP),
        "frames": _json(frames={"a": 1}),
        "classes": _json(classes=[1]),
        "videos": _json(videos=[None]),
    },
    "state": {
        "steps": _metadata(steps="many"),
        "settings": _metadata(settings=[]),
        "history": _metadata(history=[{"a": 1}]),
        "frames": _metadata(frames=0),
        "step": _metadata(step=None),
    },
    **foreign.STRUCTURAL,
}
"""Each of these must be refused."""
