"""The public doors of the engine on small drawn drives: what `tests/pinned` holds fast.

Each door goes in by what users have (the command line, names of `import framesift`) and gives
what came out as JSON. It knows no internals, so that the same file runs with any commit:

    PYTHONPATH=core:app python tests/helpers/doors.py OUT.json [--shake 1e-5] [--bench]

`pinned` of an outcome is the same on every machine, floats within a tolerance; `bits` only on
one machine (settings under their names of the day, what training made, hashes). The drives are
folders of PNG pictures, because a video's decoded bits are the codec's business; the detector
is the bundled one at a small working height.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
HEIGHT, WIDTH, LENGTH = 144, 192, 48
POOL = {"monday": 46, "tuesday": 48}
UNSEEN, SEEN, APART = 63, 6, 30
WORKING_HEIGHT = 144
RUN = ("--device", "cpu", "--precision", "float32", "--threads", 1, "--batch", 2)
SCORE = ("--radius", 3, "--region", 9)
MEASURED = ("--detector", "pedestrian", "--min-height", 25)
RULES = ("--budget", 5, "--delta1", "6", "--delta2", "3")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a door; both JSON-able."""

    pinned: Any
    bits: Any = None


@dataclass(frozen=True, slots=True)
class Stage:
    """The drawn drives (folders of pictures, and labels as COCO), a detector, room to write."""

    folder: Path
    detector: Path
    clip: Path

    def drive(self, name: str) -> Path:
        return self.folder / name

    def coco(self, name: str) -> Path:
        return self.folder / f"{name}.coco.json"

    def out(self, name: str) -> Path:
        return self.folder / "out" / name


def make_stage(folder: Path, shake: float = 0.0) -> Stage:
    """Draws the drives into `folder`. `shake`: by what share the detector's weights are off,
    as rounding would have them on another machine, only much more so."""
    from framesift.synth import drive, write_drive

    (folder / "out").mkdir(parents=True)
    for name, seed in POOL.items():
        drawn = drive(seed=seed, frames=LENGTH, size=(HEIGHT, WIDTH), scenario="busy")
        _draw(drawn, folder / name, range(LENGTH))
    # Larger, and frames apart: the bundled detector itself is measured on them.
    unseen = drive(seed=UNSEEN, frames=SEEN * APART, size=(240, 320), scenario="busy")
    _draw(unseen, folder / "unseen", range(0, SEEN * APART, APART))
    clip = folder / "clip.mp4"
    for _ in write_drive(drive(seed=3, frames=12, size=(96, 128)), clip):
        pass
    return Stage(folder, _small_detector(folder / "small.safetensors", shake), clip)


def _draw(drive: Any, folder: Path, numbers: Sequence[int]) -> None:
    """Some frames of a drive as a folder of pictures, and their labels beside it."""
    from PIL import Image

    folder.mkdir()
    size = {"width": drive.width, "height": drive.height}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for at, number in enumerate(numbers):
        name = f"{at:06d}.png"
        Image.fromarray(drive[number]).save(folder / name, compress_level=1)
        images.append({"id": at, "frame_index": at, "file_name": name, **size})
        for box in drive.labels(number):
            one = {"id": len(annotations) + 1, "image_id": at, "category_id": 1}
            corner = [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1]
            annotations.append({**one, "bbox": corner, "iscrowd": int(box.ignore)})
    categories = [{"id": 1, "name": "pedestrian"}]
    document = {"images": images, "annotations": annotations, "categories": categories}
    folder.with_name(f"{folder.name}.coco.json").write_text(json.dumps(document))


def _small_detector(path: Path, shake: float) -> Path:
    """The bundled detector's file, to see frames at a small height."""
    from safetensors import safe_open
    from safetensors.numpy import save_file

    with safe_open(ROOT / "resources/detectors/pedestrian.safetensors", "np") as file:
        about = json.loads(file.metadata()["framesift"])
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    settings, smaller = about["settings"], WORKING_HEIGHT / about["settings"]["working_height"]
    settings["working_height"] = WORKING_HEIGHT
    settings["box_sizes"] = [[h * smaller, w * smaller] for h, w in settings["box_sizes"]]
    about["name"] = "small"
    rng = np.random.default_rng(0)
    for name, values in weights.items():
        if values.dtype == np.float32:
            off = 1 + shake * rng.standard_normal(values.shape)
            weights[name] = (values * off).astype(np.float32)
    save_file(weights, path, {"framesift": json.dumps(about, sort_keys=True)})
    return path


def framesift(*words: object) -> str:
    """What `framesift …` prints on stdout; raises RuntimeError where it fails."""
    from framesift.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(word) for word in words])
    if status:
        raise RuntimeError(f"framesift {words[0]} ended with {status}: {err.getvalue()}")
    return out.getvalue()


def selection(document: Mapping[str, Any]) -> Outcome:
    """A selection's JSON without version and paths. Where the maxima lie, and how settings are
    called, are bits."""
    videos = [{**video, "path": Path(video["path"]).name} for video in document["videos"]]
    picks = [{**p, "maxima": [value for *_, value in p["maxima"]]} for p in document["picks"]]
    left_out = {"framesift", "settings", "notices"}
    kept = {key: value for key, value in document.items() if key not in left_out}
    maxima = [pick["maxima"] for pick in document["picks"]]
    return Outcome(
        {**kept, "videos": videos, "picks": picks},
        {"settings": document["settings"], "maxima": maxima},
    )


def select(stage: Stage, name: str, *words: object, drives: tuple[str, ...] = ()) -> Outcome:
    """`framesift select` on the drives, each on its own, with explicit settings."""
    path = stage.out(f"{name}.json")
    videos = [stage.drive(one) for one in drives or POOL]
    framesift("select", *videos, "--separate", *RULES, *words, "--json", path)
    return selection(json.loads(path.read_text()))


def select_divergence(stage: Stage) -> Outcome:
    detector = ("--detector", stage.detector, *RUN, *SCORE)
    return select(stage, "divergence", *detector, "--look-alike", "off", "--every", 2)


def select_raw(stage: Stage) -> Outcome:
    """Without smoothing, of a part, with look-alikes passed over and the budget filled up."""
    words = ("--detector", stage.detector, *RUN, *SCORE, "--no-smoothing", "--every", 2)
    more = ("--look-alike", "strict", "--fill", "--start", 8, "--end", 40)
    return select(stage, "raw", *words, *more, drives=("monday",))


def select_entropy(stage: Stage) -> Outcome:
    """The strategy and its score, both said: they agree."""
    score = ("--region", 9, "--look-alike", "off", "--every", 3)
    words = ("--detector", stage.detector, *RUN, *score)
    return select(stage, "entropy", "--strategy", "entropy", "--method", "entropy", *words)


def select_paper(stage: Stage) -> Outcome:
    """The paper's settings, with none that contradicts them."""
    path = stage.out("paper.json")
    words = ("--preset", "paper", "--budget", 3, "--every", 4)
    detector = ("--detector", stage.detector, *RUN)
    framesift("select", stage.drive("monday"), *words, *detector, "--json", path)
    return selection(json.loads(path.read_text()))


def select_fitting(stage: Stage) -> Outcome:
    """Distances that are not said fit the footage."""
    path = stage.out("fitting.json")
    words = ("--strategy", "guided-random", "--seed", 2, "--budget", 4, "--json", path)
    framesift("select", *[stage.drive(name) for name in POOL], "--separate", *words)
    return selection(json.loads(path.read_text()))


def select_uniform(stage: Stage) -> Outcome:
    return select(stage, "uniform", "--strategy", "uniform")


def select_guided_random(stage: Stage) -> Outcome:
    return select(stage, "guided", "--strategy", "guided-random", "--seed", 5)


def select_random(stage: Stage) -> Outcome:
    return select(stage, "random", "--strategy", "random", "--seed", 5)


def report(stage: Stage) -> Outcome:
    """What `select --out` writes: the table, the document, the pictures' names."""
    out = stage.out("report")
    words = ("--strategy", "guided-random", "--seed", 5, *RULES, "--out", out)
    framesift("select", stage.drive("monday"), *words)
    document = json.loads((out / "selection.json").read_text())
    with (out / "picks.csv").open(newline="", encoding="utf-8") as file:
        rows = [{k: Path(v).name for k, v in row.items()} for row in csv.DictReader(file)]
    files = sorted(str(path.relative_to(out).as_posix()) for path in out.rglob("*.*"))
    return Outcome({**selection(document).pinned, "picks.csv": rows, "files": files})


def project(stage: Stage) -> Outcome:
    """A project's first two cycles, an oracle in the place of the person, measured."""
    folder = stage.out("project")
    framesift("init", folder, "--classes", "pedestrian", "--detector", stage.detector)
    framesift("add", folder, *[stage.drive(name) for name in POOL], "--separate")
    sampled = framesift("sample", folder, "--evaluation", 4, "--seed", 1)
    framesift("add", folder, "--evaluation", stage.drive("unseen"))
    _label(stage, folder, "unseen", range(SEEN))
    for name in POOL:
        # Measured, too, but small: the drawn people of the pool are lower than --min-height.
        _label(stage, folder, name, _of_table(sampled, name))
    cycles = [_cycle(stage, folder, number) for number in (1, 2)]
    measured = json.loads(framesift("evaluate", folder, *MEASURED, "--json", *RUN))
    replayed = framesift("cycle", folder, "--replay", 1)
    return Outcome(
        {
            "sampled": {name: _of_table(sampled, name) for name in POOL},
            "cycles": [cycle.pinned for cycle in cycles],
            "labelled": "5 of 5" in framesift("status", folder),
            "replayed": "bit for bit" in replayed,
            "measured": {k: v for k, v in measured.items() if k != "detector"},
        },
        {"cycles": [cycle.bits for cycle in cycles], "measured": measured},
    )


def _of_table(text: str, video: str) -> list[int]:
    """The frames of a video in a printed table of videos and frames."""
    rows = [line.split() for line in text.splitlines()]
    return sorted(int(row[-1]) for row in rows if row and row[0] == video)


def _cycle(stage: Stage, folder: Path, number: int) -> Outcome:
    path = stage.out(f"cycle-{number}.json")
    words = ("--look-alike", "off", "--every", 2, "--no-report", "--json", path)
    framesift("cycle", folder, *RULES, *SCORE, *RUN, *words)
    outcome = selection(json.loads(path.read_text()))
    for at, video in enumerate(outcome.pinned["videos"]):
        frames = [pick["frame"] for pick in outcome.pinned["picks"] if pick["video"] == at]
        _label(stage, folder, video["path"], frames)
    return outcome


def _label(stage: Stage, project: Path, name: str, frames: Iterable[int]) -> None:
    """Imports the labels of some frames of a drawn drive."""
    document = json.loads(stage.coco(name).read_text())
    ids = set(frames)
    if not ids:
        return
    document["images"] = [one for one in document["images"] if one["id"] in ids]
    document["annotations"] = [a for a in document["annotations"] if a["image_id"] in ids]
    path = stage.out(f"labels-{name}.json")
    path.write_text(json.dumps(document))
    framesift("labels", "import", project, path, "--format", "coco", "--video", name)


EXPERIMENT = """
budget = 3
cycles = 1
seeds = 1
rules = {{ delta1 = "4", delta2 = "1", look_alike = "off" }}
score = {{ radius = 3, region = 9 }}

[pool]
kind = "synthetic"
paths = ["look=target,seed=46-47,frames=32,size=128x96,scenario=busy"]
every = 2

[evaluation]
kind = "synthetic"
paths = ["look=target,seed=62,frames=10,size=128x96,scenario=busy"]
every = 3

[initial]
source = "checkpoint"
detector = {detector}

[training]
epochs = 1
batch = 2
min_height = 5.0

[training.augmentation]
crop = [64, 64]

[measuring]
min_height = 5.0

[[variants]]
name = "divergence"

[[variants]]
name = "entropy"
strategy = "entropy"

[[variants]]
name = "guided-random"
strategy = "guided-random"
cycles = 2
"""


def simulate(stage: Stage) -> Outcome:
    """A small experiment. Pinned are the initial detector's measures and what it chose: what
    training makes of rounding errors no tolerance holds."""
    path, out = stage.out("small.toml"), stage.out("simulation")
    path.write_text(EXPERIMENT.format(detector=json.dumps(str(stage.detector))))
    framesift("simulate", path, "--out", out, "--device", "cpu")
    with (out / "results.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    rows = {
        str(one.relative_to(out).as_posix()): json.loads(one.read_text())
        for one in sorted(out.rglob("cycle-*.json"))
    }
    for row in rows.values():
        row.pop("seconds", None)
    chosen = ("frames", "people", "boxes", "picked", "new_people", "empty", "selectable")
    first = {n: rows[n] for n in rows if n.endswith(("cycle-00.json", "cycle-01.json"))}
    zero = next(row for name, row in rows.items() if name.endswith("cycle-00.json"))
    return Outcome(
        {
            "initial": [zero["miss_rate"], zero["log_average"], zero["reachable"]],
            "chosen": {name: {k: row[k] for k in chosen} for name, row in first.items()},
            "runs": [[line["variant"], line["cycle"], line["frames"]] for line in table],
        },
        rows,
    )


def inspect(stage: Stage) -> Outcome:
    """Facts of a video file and of a folder of pictures; hashes of the files are bits."""
    videos = (stage.clip, stage.drive("monday"))
    facts = json.loads(framesift("inspect", *videos, "--json", "--verify"))
    for one in facts:
        one["path"] = Path(one["path"]).name
    left_out = {"fingerprint"}
    return Outcome([{k: v for k, v in f.items() if k not in left_out} for f in facts], facts)


def open_video(stage: Stage) -> Outcome:
    """Length, times and pictures of a drawn drive, and the pixels of a video file."""
    import framesift

    with framesift.open_video(stage.drive("tuesday")) as video:
        pinned = {
            "frames": len(video),
            "size": [video.width, video.height],
            "seconds": [video.index.seconds(number) for number in (0, 1, LENGTH - 1)],
            "means": [float(video[number].mean()) for number in (0, 20, LENGTH - 1)],
        }
    with framesift.open_video(stage.clip) as video:
        return Outcome(pinned, [_digest(frame.image) for frame in video.frames()])


def _digest(values: NDArray[Any]) -> str:
    import hashlib

    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def score(stage: Stage) -> Outcome:
    """`framesift.score` with the bundled detector as it is, and with the small one."""
    import framesift

    found: dict[str, Any] = {}
    for name, more in (
        ("pedestrian", {"stop": 2}),
        (str(stage.detector), {"every": 6, "method": "divergence", "radius": 3, "region": 9}),
        (str(stage.detector), {"every": 6, "method": "entropy", "reduction": "mean"}),
    ):
        detector = framesift.load_detector(name, device="cpu", precision="float32")
        with framesift.open_video(stage.drive("monday")) as video:
            records = list(framesift.score(video, detector, batch=2, **more))
        key = f"{Path(name).stem} {more.get('method', 'as it is')}"
        found[key] = {r.frame: r.score for r in records if hasattr(r, "maxima")}
    return Outcome({key: {str(f): z for f, z in one.items()} for key, one in found.items()})


def pixel_scores(stage: Stage) -> Outcome:
    """Equations 1 to 5 on a detector's maps of two frames."""
    import framesift
    from framesift.scores import divergence, entropy, max_pool_mean

    detector = framesift.load_detector(stage.detector, device="cpu", precision="float32")
    with framesift.open_video(stage.drive("tuesday")) as video:
        maps = detector.maps(np.stack([video[number] for number in (5, 40)]))
    made = {
        "divergence": divergence(maps),
        "divergence, radius 2": divergence(maps, radius=2),
        "entropy": entropy(maps),
    }
    pinned = {
        name: {
            "shape": list(pixels.shape),
            "mean": float(pixels.double().mean()),
            "frame": max_pool_mean(pixels, region=7).tolist(),
        }
        for name, pixels in made.items()
    }
    return Outcome(pinned, {name: _digest(pixels.numpy()) for name, pixels in made.items()})


def series(stage: Stage) -> Outcome:
    """Smoothing (eq. 6) and the greedy selection (step 4) on a drawn series with gaps."""
    from framesift.selection import select
    from framesift.series import smooth

    rng = np.random.default_rng(12)
    raw = {"a": rng.random(200), "b": rng.random(90)}
    raw["a"][40:60], raw["b"][1::2] = np.nan, np.nan
    smoothed = {name: smooth(values, 4, 2.5) for name, values in raw.items()}
    picks = {
        name: [[p.video, p.frame, p.rank, p.waived] for p in chosen]
        for name, chosen in (
            ("plain", select(smoothed, 12, 9, 2)),
            ("taken", select(smoothed, 12, {"a": 9, "b": 5}, 4, {"a": [20, 130], "b": [4]})),
            ("filled", select(smoothed, 30, 15, 2, fill=True)),
        )
    }
    kept = {name: [float(v) for v in values[::7]] for name, values in smoothed.items()}
    pinned = {name: [None if v != v else v for v in values] for name, values in kept.items()}
    bits = {name: _digest(values) for name, values in smoothed.items()}
    return Outcome({"smoothed": pinned, "picks": picks}, bits)


def bench(stage: Stage) -> Outcome:
    """What the rows of `bench --json` are called. Takes a minute."""
    path = stage.out("bench.json")
    framesift("bench", "--quick", "--device", "cpu", "--json", path)
    rows = json.loads(path.read_text())["rows"]
    return Outcome(None, {"rows": [row["name"] for row in rows], "keys": sorted(rows[0])})


Door = Callable[[Stage], Outcome]
DOORS: Mapping[str, Door] = {
    "select, divergence": select_divergence,
    "select, not smoothed": select_raw,
    "select, entropy": select_entropy,
    "select, preset paper": select_paper,
    "select, fitting distances": select_fitting,
    "select, uniform": select_uniform,
    "select, guided random": select_guided_random,
    "select, random": select_random,
    "select, report": report,
    "project": project,
    "simulate": simulate,
    "inspect": inspect,
    "open_video": open_video,
    "score": score,
    "pixel scores": pixel_scores,
    "series": series,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Goes through every door once.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--shake", type=float, default=0.0)
    parser.add_argument("--bench", action="store_true")
    args = parser.parse_args()
    doors = {**DOORS, "bench": bench} if args.bench else DOORS
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="framesift-doors-") as name:
        os.environ["FRAMESIFT_CACHE_DIR"] = str(Path(name) / "cache")
        stage = make_stage(Path(name) / "stage", args.shake)
        for door, run in doors.items():
            outcome = run(stage)
            found[door] = {"pinned": outcome.pinned, "bits": outcome.bits}
    args.out.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
