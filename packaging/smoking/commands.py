"""The command line of the bundle: what it is, selecting, fine-tuning stopped and resumed."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

from smoking.screen import wait_until
from smoking.subject import Subject

EPOCHS = 3
PATIENCE_S = 600.0
"""For a busy machine; on an idle one each step takes seconds."""
_TRAIN = (
    "--epochs",
    str(EPOCHS),
    "--batch",
    "2",
    "--crop",
    "160x160",
    "--device",
    "cpu",
    "--validate-every",
    "1",
)


def version(subject: Subject) -> str:
    """`framesift --version`, and that of the folder's name."""
    printed = subject.run("--version").strip()
    match = re.fullmatch(r"framesift (\S+)", printed)
    assert match, printed
    assert f"-{match[1]}-" in subject.folder.name, f"{printed} in {subject.folder.name}"
    return printed


def doctor(subject: Subject) -> str:
    """Everything that belongs in works, the processor computes, the detector loads."""
    report = json.loads(subject.run("doctor", "--json"))
    [listed] = subject.folder.rglob("third-party.json")
    belongs = {name["name"].lower() for name in json.loads(listed.read_text(encoding="utf-8"))}
    assert ("torchvision" in belongs) is not subject.folder.name.endswith("-cpu")
    for name, library in report["libraries"].items():
        here = name.lower().replace("-", "_") in {name.replace("-", "_") for name in belongs}
        assert (library["state"] == "works") is here, f"{name}: {library}"
        assert here or name in ("torchvision", "onnxruntime", "onnx"), f"{name}: {library}"
    [cpu] = [device for device in report["devices"] if device["device"] == "cpu"]
    assert cpu["state"] == "computes", cpu
    assert "loads" in report["detectors"]["pedestrian"], report["detectors"]
    assert str(subject.home) in report["crashes"], report["crashes"]
    assert str(subject.executable.name) in report["executable"]
    assert "Reports of crashes" in subject.run("doctor")
    return f"torch {report['libraries']['torch']['version']}"


def licences(subject: Subject) -> str:
    """The licences lie in the folder, those of Qt, FFmpeg and torch among them."""
    text = (subject.folder / "LICENCES.txt").read_text(encoding="utf-8")
    for name in ("PySide6", "FFmpeg", "torch", "Python", "LESSER GENERAL PUBLIC LICENSE"):
        assert name in text, name
    assert [*subject.folder.rglob("site/docs/index.html")], "the documentation is missing"
    return f"{text.count(chr(10))} lines"


def select(subject: Subject, clip: Path | None) -> str:
    """Frames selected from a clip; from a drawn one if none is given."""
    if clip is None:
        clip = subject.work / f"drive {subject.user}.mp4"
        subject.run("synth", str(clip), "--frames", "90", "--scenario", "busy")
    out = subject.work / "picks"
    subject.run("select", str(clip), "--budget", "5", "--every", "3", "--out", str(out))
    picks = json.loads((out / "selection.json").read_text(encoding="utf-8"))
    pictures = [*out.rglob("*.png")]
    assert len(pictures) >= 1, f"no picture in {out}"
    assert "<html" in (out / "report.html").read_text(encoding="utf-8").lower()
    assert picks, "an empty selection"
    return f"{len(pictures)} frames of {clip.name}"


def training(subject: Subject) -> str:
    """Fine-tuning in a child process, stopped after its first epoch, resumed to the end."""
    video, project = subject.work / "labelled.mp4", subject.work / f"week {subject.user}"
    subject.run(
        "synth",
        str(video),
        "--frames",
        "40",
        "--width",
        "320",
        "--height",
        "240",
        "--scenario",
        "busy",
    )
    subject.run("init", str(project), "--classes", "pedestrian")
    subject.run("add", str(project), str(video))
    subject.run("labels", "import", str(project), str(video.with_suffix(".coco.json")))
    run = project / "training" / "cycle-000"
    with subject.start("train", str(project), *_TRAIN) as process:
        try:
            wait_until(
                lambda: process.poll() is not None or (run / "last.safetensors").exists(),
                "an epoch of training",
                PATIENCE_S,
            )
            assert process.poll() is None, f"training ended early: {process.communicate()}"
            child = _child(process.pid)
            if sys.platform == "win32":
                # Ctrl-C cannot be sent to another process there; a killed parent stops, too.
                process.kill()
            else:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE_S)
        except BaseException:
            process.kill()
            raise
    assert sys.platform == "win32" or process.returncode == 130, (
        f"stopped with status {process.returncode}: {out}{err}"
    )
    printed = subject.run("train", str(project), "--resume", "--device", "cpu")
    match = re.search(r"(\d+) of (\d+) steps", printed)
    assert match, printed
    assert match[1] == match[2], printed
    assert [*(project / "checkpoints").glob("*.safetensors")], "no checkpoint"
    return f"{match[0]}, stopped and resumed; {child}; {_eight_bits(subject, project)}"


def _eight_bits(subject: Subject, project: Path) -> str:
    """OpenVINO takes the detector over and computes it in 8 bits."""
    printed = subject.run(
        "quantize", str(project), "--compare", "10", "--device", "cpu", "--json"
    )
    tried = json.loads(printed)
    assert tried["compared"] >= 10, printed
    assert 0 < tried["difference"] < 1, printed
    return f"scored in 8 bits, {tried['same']} of {tried['picks']} picks the same"


def _child(parent: int) -> str:
    """Makes sure that the training runs in a child that is the executable again."""
    if not sys.platform.startswith("linux"):
        return "child not looked at on this system"
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            status = (path / "status").read_text()
        except OSError:
            continue
        if f"PPid:\t{parent}\n" in status and b"train-worker" in words:
            assert Path(os.fsdecode(words[0])).name == "framesift", words
            return f"child process {path.name}"
    raise AssertionError("no child process trains")
