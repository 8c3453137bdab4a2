"""What every test shares: the optional real files, and the rule that no thread outlives a
test."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("MPLBACKEND", "Agg")
# Two test processes share two cores: more threads in each would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A hundred processes start from the same modules: they compile them once, not each anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# The same numbers on every machine, whatever engines it has.
os.environ["FRAMESIFT_BACKEND"] = "torch"
# How long an example takes on a busy machine says nothing about what it tests.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: the collector of garbage need not go through
    it again and again, a tenth of the time of quick tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real videos and label files that are not part of the repository; skips without them."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("FRAMESIFT_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip("the folder with real videos is not here (FRAMESIFT_TEST_DATA)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Frame indices go to a folder of the test run, not to the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


OF_OTHERS = ("ptrace", "tqdm_monitor")
"""Threads that libraries keep: a debugger's, and tqdm's from the first bar on that is shown for
long, as torch's export to ONNX shows one on a busy machine."""


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fails a test that leaves a Python thread of ours running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline:
        left = [t for t in threading.enumerate() if t not in before and t.name not in OF_OTHERS]
        if not left:
            return
        time.sleep(0.02)
    pytest.fail(f"threads left alive: {[t.name for t in left]}")


@pytest.fixture(scope="module")
def shallow_resnets() -> Iterator[None]:
    """torchvision's detectors have one block in each stage of a ResNet-50, not three to six:
    what is built around it is the same, and takes a fraction of the time."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            from torchvision.models import detection, resnet
        except (ImportError, RuntimeError):  # no torchvision, or one that does not fit torch
            yield
            return

        def shallow(*, weights: None, progress: bool, **how: Any) -> Any:
            return resnet.ResNet(resnet.Bottleneck, [1, 1, 1, 1], **how)

        for module in (detection.faster_rcnn, detection.fcos, detection.retinanet):
            patch.setattr(module, "resnet50", shallow)
        yield


@pytest.fixture(scope="session")
def exported_paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narrow detector of the paper for two classes, as an ONNX file; its checkpoint lies
    beside it as paper.safetensors. Made once for all test processes: it takes ten seconds."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "exported"
    with FileLock(shared / "exported.lock"):
        if not folder.exists():
            _export_paper(tmp_path_factory.mktemp("exporting")).rename(folder)
    return folder / "paper.onnx"


def _export_paper(folder: Path) -> Path:
    import torch

    from framesift.detectors import PaperDetector
    from framesift.detectors.files.checkpoint import save_checkpoint
    from framesift.detectors.onnx.export import export_onnx

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        detector = PaperDetector(("pedestrian", "car"), {"width": 0.125, "working_height": 96})
        # Probabilities far from 0 and 1, where small differences would not be seen.
        torch.nn.init.normal_(detector.module.logits.weight, std=0.01)
        torch.nn.init.constant_(detector.module.logits.bias, -1.0)
    detector.name, detector.lineage = "paper", {"parent": "nothing"}
    save_checkpoint(folder / "paper.safetensors", detector)
    for _ in export_onnx(detector, folder / "paper.onnx"):
        pass
    return folder
