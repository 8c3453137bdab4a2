"""What every engine gives: torch's numbers, whatever the batch, and nothing to anybody else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from framesift.detectors import PaperDetector
from framesift.detectors.backends import BACKENDS
from framesift.detectors.backends.engine import Engine
from framesift.detectors.files.checkpoint import load_detector, save_checkpoint
from framesift.detectors.running import NAMED, Tried, fastest, measured, run_by
from framesift.errors import EnvironmentProblem, InputError
from framesift.loop import kept_backend
from framesift.project import Project
from framesift.records.draining import last
from framesift.scores import FrameScorer
from framesift.scores.pipeline import make_recipe
from framesift.synth import drive, write_drive
from framesift.training.device import choose_training_precision
from framesift.video import open_video

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 60, 90, 3), np.uint8)


@pytest.fixture(scope="module")
def detector() -> PaperDetector:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        made = PaperDetector(("pedestrian",), {"width": 0.125, "working_height": 64})
        torch.nn.init.normal_(made.module.logits.weight, std=0.1)
    return made


@pytest.fixture(scope="module", params=BACKENDS)
def engine(request: pytest.FixtureRequest) -> Engine:
    backend = BACKENDS[request.param]
    problem = backend.why_unavailable()
    if problem is not None:
        pytest.skip(problem)
    return Engine(backend)


def test_an_engine_gives_what_torch_gives(detector: PaperDetector, engine: Engine) -> None:
    plain = detector.run_by(None).infer(FRAMES, flip=True, boxes=True)
    other = detector.run_by(engine).infer(FRAMES, flip=True, boxes=True)
    assert detector.backend == engine.name
    assert torch.allclose(plain.maps.stack(), other.maps.stack(), atol=1e-5)
    scores = [FrameScorer("divergence", radius=2).score(detector, FRAMES)]
    scores.append(FrameScorer("divergence", radius=2).score(detector.run_by(None), FRAMES))
    for one, reference in zip(*scores, strict=True):
        assert one.score == pytest.approx(reference.score, rel=1e-3)


def test_a_frame_does_not_depend_on_its_batch(detector: PaperDetector, engine: Engine) -> None:
    detector.run_by(engine)
    together = detector.infer(FRAMES).maps.stack()
    turned = detector.infer(np.ascontiguousarray(FRAMES[::-1])).maps.stack()
    assert torch.equal(together, turned.flip(0))


def test_features_are_those_of_torch(detector: PaperDetector, engine: Engine) -> None:
    heard: list[torch.Tensor] = []
    for one in (None, engine):
        detector.run_by(one)
        with detector.tapped(heard.append):
            detector.infer(FRAMES)
    plain, other = heard
    assert plain.shape == other.shape
    assert torch.allclose(plain, other, atol=1e-4)


@pytest.mark.parametrize("by_engine", [False, True])
def test_all_who_listen_hear(detector: PaperDetector, engine: Engine, by_engine: bool) -> None:
    detector.run_by(engine if by_engine else None)
    outer: list[torch.Tensor] = []
    inner: list[torch.Tensor] = []
    with detector.tapped(outer.append):
        with detector.tapped(inner.append):
            detector.infer(FRAMES)
        detector.infer(FRAMES)
    assert (len(outer), len(inner)) == (2, 1)
    assert torch.equal(outer[0], inner[0])


def test_weights_that_change_are_seen(detector: PaperDetector, engine: Engine) -> None:
    detector.run_by(engine)
    before = detector.infer(FRAMES).maps.logits[0]
    with torch.no_grad():
        detector.module.logits.bias.add_(1.0)
    after = detector.infer(FRAMES).maps.logits[0]
    with torch.no_grad():
        detector.module.logits.bias.sub_(1.0)
    assert torch.allclose(after, before + 1, atol=1e-4)


def test_the_engine_is_in_the_recipe_where_it_counts(
    detector: PaperDetector, engine: Engine
) -> None:
    class Shape:
        kind, width, height = "file", 90, 60

    def recipe(method: str) -> dict[str, Any]:
        return make_recipe(Shape(), detector, FrameScorer(method), 2).settings

    detector.run_by(engine)
    assert recipe("divergence")["backend"] == engine.name
    assert "backend" not in recipe("mc_dropout")
    detector.run_by(None)
    assert "backend" not in recipe("divergence")


def test_auto_measures_once_and_stays_exact(
    detector: PaperDetector, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv(NAMED)
    run_by(detector, "auto", "auto")
    chosen = detector.backend
    assert detector.precision == "float32"
    assert chosen in ("torch", *BACKENDS)
    assert len(list((tmp_path / "backends").iterdir())) == 1
    monkeypatch.setattr("framesift.detectors.running.measured", None)
    assert fastest(detector.run_by(None)) == chosen
    detector.run_by(None)


@pytest.mark.parametrize("backend", ["auto", "torch"])
def test_no_processor_computes_in_less_unless_asked(
    detector: PaperDetector, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setattr("framesift.detectors.devices.computes_bfloat16", lambda _: True)
    # By the variable, too, which says torch here.
    assert run_by(detector, backend, "auto").precision == "float32"
    assert run_by(detector, backend, "bfloat16").precision == "bfloat16"
    run_by(detector, "torch", "float32")
    assert choose_training_precision("auto", torch.device("cpu")) == "float32"


def test_a_project_of_before_keeps_the_format_of_its_scores(tmp_path: Path) -> None:
    clip = tmp_path / "drive.mp4"
    last(write_drive(drive(seed=1, frames=4, size=(96, 64)), clip))
    with Project.create(tmp_path / "week") as project, open_video(clip) as video:
        project.videos.add_drive([video])
        assert kept_backend(project) == ("auto", "auto")
        recipe = {"kind": "score", "detector": "d", "precision": "bfloat16"}
        with project.series.writer(project.videos.all()[0].id, recipe) as writer:
            writer.add(0, 0.5)
        assert kept_backend(project) == ("torch", "bfloat16")
        project.settings.set_backend("torch", "auto")
        assert kept_backend(project) == ("torch", "bfloat16")
        project.settings.set_backend("openvino", "float32")
        assert kept_backend(project) == ("openvino", "float32")


def test_graphics_are_a_choice_of_the_users(
    detector: PaperDetector, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path))
    tried: list[str] = []

    def measuring(_: object, names: list[str], __: object) -> list[Tried]:
        tried.extend(names)
        return [Tried("torch", 1.0, 0.0)]

    monkeypatch.setattr("framesift.detectors.backends.openvino.why_no_graphics", lambda: None)
    monkeypatch.setattr("framesift.detectors.running.measured", measuring)
    assert fastest(detector) == "torch"
    assert "openvino-gpu" not in tried
    monkeypatch.undo()
    problem = BACKENDS["openvino-gpu"].why_unavailable()
    if problem is not None:
        with pytest.raises(EnvironmentProblem, match="graphics"):
            run_by(detector, "openvino-gpu")


def test_what_is_measured_agrees(detector: PaperDetector) -> None:
    here = [name for name, one in BACKENDS.items() if one.why_unavailable() is None]
    tried = measured(detector, here, "float32")
    assert tried[0].backend == "torch"
    assert all(one.difference < 1e-4 and one.seconds > 0 for one in tried)


def test_names_that_do_not_suit_are_refused(
    detector: PaperDetector, exported_paper: Path
) -> None:
    with pytest.raises(InputError, match="no backend 'tensorflow'"):
        run_by(detector, "tensorflow")
    with pytest.raises(InputError, match="leave out --backend"):
        load_detector(exported_paper, backend="openvino")
    assert load_detector(exported_paper, backend="auto").backend == "onnxruntime"
    assert load_detector("paper", device="cpu", backend="torch").backend == "torch"


WATCHED = """
import sys
from pathlib import Path
sockets = []
def heard(event, args):
    if event.startswith("socket."):
        sockets.append(event)
sys.addaudithook(heard)
import numpy as np
from framesift.detectors.files.checkpoint import load_detector
detector = load_detector(sys.argv[1], device="cpu", backend="openvino")
detector.infer(np.zeros((1, 64, 96, 3), np.uint8))
here = Path("/proc/self/fd")
held = [str(fd.readlink()) for fd in here.iterdir() if fd.is_symlink()] if here.is_dir() else []
assert not sockets, sockets
assert not [name for name in held if "socket" in name], held
assert sys.modules.get("openvino_telemetry") is None
"""


@pytest.mark.skipif(
    BACKENDS["openvino"].why_unavailable() is not None, reason="OpenVINO is not here"
)
def test_nothing_leaves_the_machine(detector: PaperDetector, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "narrow.safetensors", detector)
    command = [sys.executable, "-c", WATCHED, str(tmp_path / "narrow.safetensors")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
