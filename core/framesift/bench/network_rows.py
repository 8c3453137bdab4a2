"""Rows about what runs the network, and about not running it: the chosen backend against torch,
scores from kept logits, and Monte-Carlo dropout as baal does it."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framesift.bench.row import Row, interleaved
from framesift.detectors.devices import computes_bfloat16
from framesift.detectors.files.checkpoint import load_detector
from framesift.detectors.paper_network import Fire
from framesift.project.logits import LogitChunk, LogitStore
from framesift.scores import FrameScorer, mutual_information
from framesift.scores.kept_logits import Rounded, replayed
from framesift.video import open_video

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

PASSES = 30
"""Of dropout, as in the paper's comparison."""
FRAMES = 4
SMALL = (240, 320)
"""What dropout is compared on: thirty passes over a larger frame take minutes."""
_BY_THE_NETWORK = "multiply-adds of the convolutions"


def network_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    """All of them; they are of the processor, whatever other rows compute on."""
    with open_video(clip) as video:
        frames = np.stack([frame.image for frame in video.frames(0, 5 * FRAMES, 5)])
    torch32, chosen = _pair("float32")
    yield from _backend_rows(torch32, chosen, frames, quick)
    if computes_bfloat16(torch.device("cpu")):
        yield _backend_row(*_pair("bfloat16"), frames, quick)
    yield _rescore_row(torch32, chosen, frames, quick)
    yield _baal_row(torch32, frames[:1], quick)


def _pair(precision: str) -> tuple[Detector, Detector]:
    """The bundled detector run by torch, and by what is fastest here."""
    by_torch, chosen = (
        load_detector("paper", device="cpu", precision=precision, backend=backend)
        for backend in ("torch", "auto")
    )
    return by_torch, chosen


def _backend_row(
    by_torch: Detector, chosen: Detector, frames: NDArray[np.uint8], quick: bool
) -> Row:
    times = interleaved(
        {"torch": lambda: by_torch.infer(frames), "chosen": lambda: chosen.infer(frames)},
        3 if quick else 9,
    )
    wall, cpu = times["torch"].over(times["chosen"])
    form = str(chosen.precision)
    return Row(
        "backend" if form == "float32" else f"backend {form}",
        times["chosen"].ms(len(frames)),
        "ms per frame",
        f"{chosen.backend} in {form}; times as quick as torch in {form}, "
        f"{times['torch'].ms(len(frames)):.0f} ms",
        wall,
        cpu,
        _BY_THE_NETWORK,
        "" if chosen.backend == by_torch.backend else f"{chosen.backend} in {form}: torch",
    )


def _backend_rows(
    by_torch: Detector, chosen: Detector, frames: NDArray[np.uint8], quick: bool
) -> Iterator[Row]:
    yield _backend_row(by_torch, chosen, frames, quick)
    scorer = FrameScorer("divergence")
    here, there = (
        np.array([frame.score for frame in scorer.score(detector, frames)])
        for detector in (chosen, by_torch)
    )
    furthest = float(np.abs(here - there).max() / there.max())
    yield Row(
        "backend difference",
        furthest,
        "of the frame score",
        "largest difference from torch's in float32; at most 0.001",
        furthest / 1e-3,
        bounded_by="rounding in float32",
    )


def _rescore_row(
    by_torch: Detector, chosen: Detector, frames: NDArray[np.uint8], quick: bool
) -> Row:
    """As `framesift rescore`: read from the disk, unpacked, and scored by another radius."""
    with tempfile.TemporaryDirectory(prefix="framesift-bench-") as folder:
        kept = LogitStore(Path(folder)).open("clip", {})
        kept.write(_chunk(chosen, frames))
        near, far = FrameScorer("divergence"), FrameScorer("divergence", radius=5)
        times = interleaved(
            {
                "rescore": lambda: [
                    *replayed(chosen, far, next(kept.read()), range(len(frames)))
                ],
                "score": lambda: near.score(chosen, frames),
                "torch": lambda: near.score(by_torch, frames),
            },
            3 if quick else 9,
        )
    wall, cpu = times["score"].over(times["rescore"])
    by_torch_too, _ = times["torch"].over(times["rescore"])
    return Row(
        "rescore",
        times["rescore"].ms(len(frames)),
        "ms per frame",
        f"another radius from kept logits; times as quick as scoring by {chosen.backend} in "
        f"float32, {times['score'].ms(len(frames)):.0f} ms ({by_torch_too:.0f} times as quick "
        "as by torch)",
        wall,
        cpu,
        "spelling out the maps and the divergence",
        f"scoring again: by {chosen.backend}",
    )


def _chunk(detector: Detector, frames: NDArray[np.uint8]) -> LogitChunk:
    maps = Rounded(detector).infer(frames).maps
    size = maps.size
    return LogitChunk(
        np.arange(len(frames)),
        [level.half().numpy() for level in maps.logits],
        None,
        (size.native, size.content, size.padded, size.origin),
        maps.classes,
        maps.corner,
    )


def _baal_row(by_torch: Detector, frames: NDArray[np.uint8], quick: bool) -> Row:
    """One frame by the paper's score, and by BALD over passes of the whole network with dropout
    where it has it in training, which is what baal does with a network that is given to it."""
    small = copy.copy(by_torch.plain)
    small.working_height = None
    small.forget()
    height, width = SMALL
    frames = np.ascontiguousarray(frames[:, :height, :width])
    patched, bald, who = _dropping_out(small)
    scorer, size = FrameScorer("divergence"), small.geometry(height, width)

    def with_dropout() -> None:
        passes = [
            [level.sigmoid() for level in patched.torch_outputs(frames, size)]
            for _ in range(PASSES)
        ]
        for levels in zip(*passes, strict=True):
            bald(levels)

    times = interleaved(
        {"ours": lambda: scorer.score(small, frames), "baal": with_dropout}, 1 if quick else 3
    )
    wall, cpu = times["baal"].over(times["ours"])
    return Row(
        "baal",
        times["ours"].ms(),
        "ms per frame",
        f"network and divergence on {width}×{height} by torch in float32; times as quick as "
        f"{PASSES} passes with dropout and BALD ({who}), {times['baal'].ms():.0f} ms",
        wall,
        cpu,
        f"one pass instead of {PASSES}",
        f"scoring: {PASSES} passes with dropout",
    )


def _dropping_out(detector: Detector) -> tuple[Detector, Callable[[Any], Any], str]:
    """A detector whose network drops out at every pass, BALD of one level's probabilities over
    the passes, and whose code both are: baal's where it is installed."""
    patched = copy.copy(detector)
    patched.module = copy.deepcopy(detector.module)
    patched.forget()
    for name, part in patched.module.named_modules():
        # The bundled checkpoint was trained without.
        if isinstance(part, Fire) and ("block3" in name or "block4" in name):
            part.dropout = nn.Dropout2d(0.2)
    try:
        from baal.active.heuristics import BALD
        from baal.bayesian.dropout import patch_module
    except ImportError:
        for part in list(patched.module.modules()):
            for name, child in part.named_children():
                if isinstance(child, nn.Dropout2d):
                    setattr(part, name, _Dropping(child.p))
        return patched, _mutual_information, "transcribed, as baal is not installed"
    patch_module(patched.module, inplace=True)
    return patched, lambda levels: BALD().compute_score(_stacked(levels).numpy()), "baal's"


class _Dropping(nn.Module):
    """Dropout of whole channels, whatever the mode."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout2d(x, self._rate, True)


def _mutual_information(levels: Sequence[Tensor]) -> Tensor:
    return mutual_information(torch.stack(list(levels)))


def _stacked(levels: Sequence[Tensor]) -> Tensor:
    """Probabilities N×K×H×W of each pass as N×2×K×H×W×passes: something, or nothing."""
    there = torch.stack(list(levels), dim=-1)
    return torch.stack([there, 1 - there], dim=1)
