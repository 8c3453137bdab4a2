"""Heads of a detector: what that of misses learns from, how they are trained and kept, what
ranks by them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from framesift.boxes import Box, Prediction
from framesift.cli import main
from framesift.detectors.ease import EaseHead
from framesift.detectors.files.checkpoint import load_checkpoint, load_detector, save_checkpoint
from framesift.detectors.heads import CellHead, coarse
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.scores import FrameScorer
from framesift.selection import STRATEGIES
from framesift.synth import drive, write_drive
from framesift.training.data import Entry, TrainingSet, VideoRef
from framesift.training.head_fitting import Cells, fitted_cells
from framesift.training.misses import missed, poisson, threshold_at_one_false

SIZE = (96, 128)
NAMED = "predicted_misses"
EVERY = ("predicted_misses", "predicted_loss", "mdn", "difficulty")


def prediction(*boxes: tuple[float, float, float, float, float]) -> Prediction:
    rows = np.array(boxes, np.float32).reshape(-1, 5)
    return Prediction(rows[:, :4], rows[:, 4], np.zeros(len(rows), np.int64))


LABEL, OTHER = Box(10, 10, 30, 50), Box(60, 10, 80, 50)


def test_misses_are_counted_at_one_false_positive_a_frame() -> None:
    frames = [
        (
            prediction((10, 10, 30, 50, 0.9), (100, 0, 110, 9, 0.8), (0, 80, 9, 90, 0.2)),
            [LABEL],
        ),
        (prediction((61, 10, 81, 50, 0.3), (100, 0, 110, 9, 0.6)), [LABEL, OTHER]),
    ]
    # False at 0.8, 0.6 and 0.2: with two frames the third is where one a frame is passed.
    assert threshold_at_one_false(frames) == pytest.approx(0.2)
    assert missed(*frames[0], 0.2) == []
    assert missed(*frames[1], 0.2) == [LABEL]
    assert missed(*frames[1], 0.5) == [LABEL, OTHER]
    # A box finds one label; what lies on an ignore region is neither.
    twice = prediction((10, 10, 30, 50, 0.9), (10, 10, 30, 50, 0.8))
    assert missed(twice, [LABEL, LABEL], 0.1) == []
    ignored = [LABEL, Box(60, 10, 80, 50, ignore=True)]
    assert missed(prediction(), ignored, 0.1) == [LABEL]
    assert threshold_at_one_false([(prediction((60, 10, 80, 50, 0.5)), ignored)]) == 0.0


def test_a_head_learns_where_misses_are() -> None:
    rng = np.random.default_rng(0)

    def frames(count: int) -> list[Cells]:
        made = []
        for _ in range(count):
            features = torch.from_numpy(rng.normal(size=(5, 3, 4)).astype(np.float32))
            rate = torch.exp(1.2 * features[2] - 2)
            missed = torch.from_numpy(rng.poisson(rate.numpy()).astype(np.float32))
            made.append(Cells(features, missed, "v"))
        return made

    learnt, unseen = frames(60), frames(60)
    head, step, loss = fitted_cells(learnt, frames(20), poisson, seed=0)
    assert step > 0
    again, _, same = fitted_cells(learnt, unseen[:20], poisson, seed=0)
    assert same != loss or again.digest() != head.digest()
    sums = [float(head(f.features[None]).sum()) for f in unseen]
    truth = [float(f.target.sum()) for f in unseen]
    assert np.corrcoef(sums, truth)[0, 1] > 0.4
    assert min(sums) >= 0


def test_coarse_cells() -> None:
    features = torch.arange(64.0).reshape(1, 1, 8, 8)
    cells = coarse(features)
    assert cells.shape == (1, 1, 2, 2)
    assert float(cells[0, 0, 0, 0]) == pytest.approx(float(features[0, 0, :4, :4].mean()))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, make_detector: Callable[..., Path]) -> Path:
    """A drawn drive, a training set of it, and a small detector."""
    from framesift.synth import labels_path

    folder = tmp_path_factory.mktemp("heads")
    for _ in write_drive(
        drive(seed=5, frames=24, size=SIZE, scenario="busy"), folder / "a.mp4"
    ):
        pass
    document = json.loads(labels_path(folder / "a.mp4").read_text())
    entries = []
    for n in range(0, 24, 2):
        boxes = tuple(
            Box(x, y, x + w, y + h)
            for a in document["annotations"]
            if a["image_id"] == document["images"][n]["id"]
            for x, y, w, h in [a["bbox"]]
        )
        split = "validation" if n >= 20 else "train"
        entries.append(Entry(FrameKey("a", n), SIZE[1], SIZE[0], boxes, split))
    ref = VideoRef("a", "a.mp4")
    TrainingSet(("pedestrian",), (ref,), tuple(entries)).save(folder / "set.json")
    make_detector(folder / "plain.safetensors", width=0.125, height=96, spread=True)
    return folder


@pytest.fixture(scope="module")
def with_head(files: Path) -> Path:
    out = files / "headed.safetensors"
    words = ["train-head", files / "set.json", "--detector", files / "plain.safetensors"]
    words += ["--head", ",".join(EVERY), "--out", out, "--device", "cpu"]
    assert main([str(word) for word in words]) == 0
    return out


def test_a_head_is_part_of_the_checkpoint(files: Path, with_head: Path, tmp_path: Path) -> None:
    plain, headed = (load_checkpoint(f) for f in (files / "plain.safetensors", with_head))
    # The detector is the same: what it finds does not depend on its heads.
    assert plain.identity() == headed.identity()
    assert plain.heads == {}
    assert {*headed.heads} == {*EVERY}
    save_checkpoint(tmp_path / "again.safetensors", headed)
    again = load_checkpoint(tmp_path / "again.safetensors")
    for name, head in headed.heads.items():
        assert again.heads[name].digest() == head.digest()


def test_a_damaged_head_is_refused(with_head: Path, tmp_path: Path) -> None:
    from safetensors import safe_open

    tensors = load_file(with_head)
    with safe_open(with_head, framework="pt") as file:
        about = file.metadata()
    for key, value in (
        ("heads.predicted_misses.last.weight", torch.zeros(1, 3, 1, 1)),
        ("heads.predicted_misses.mean", torch.full((3,), float("nan"))),
        ("heads.other.first.weight", torch.zeros(2, 2)),
        ("heads.mdn.place.weight", torch.zeros(8, 32)),
        ("heads.mdn.outcome.weight", torch.zeros(37, 32)),
        ("heads.difficulty.ease", torch.zeros(0)),
    ):
        save_file({**tensors, key: value}, tmp_path / "bad.safetensors", about)
        with pytest.raises(InputError, match="does not fit together"):
            load_checkpoint(tmp_path / "bad.safetensors")


def test_predicted_misses_are_the_sum_of_the_heads_cells(with_head: Path) -> None:
    detector = load_detector(with_head, "cpu", precision="float32", backend="torch")
    frames = np.random.default_rng(0).integers(0, 256, (3, *SIZE, 3), np.uint8)
    taken: list[torch.Tensor] = []
    with detector.tapped(taken.append):
        detector.infer(frames)
    head = detector.heads[NAMED]
    expected = head(coarse(taken[0])).double().sum((1, 2))
    scorer = FrameScorer(NAMED)
    together = scorer.score(detector, frames)
    assert [one.score for one in together] == pytest.approx(expected.tolist(), rel=1e-5)
    assert scorer.settings(detector) == {"method": NAMED, "head": head.digest()}
    for frame, one in zip(frames, together, strict=True):
        (alone, _) = scorer.score(detector, np.stack([frame, frame]))
        assert alone.score == pytest.approx(one.score, rel=1e-5)
    mask = np.zeros(SIZE, bool)
    mask[:, 64:] = True
    masked = FrameScorer(NAMED, mask=mask).score(detector, frames)
    assert all(m.score < one.score for m, one in zip(masked, together, strict=True))
    pixels, _ = scorer.pixel_scores(detector, frames)
    assert torch.isfinite(pixels).all()
    flat = np.full((1, *SIZE, 3), 255, np.uint8)
    assert np.isfinite(scorer.score(detector, flat)[0].score)


def test_predicted_loss_is_the_mean_of_the_heads_cells(with_head: Path) -> None:
    detector = load_detector(with_head, "cpu", precision="float32", backend="torch")
    frames = np.random.default_rng(0).integers(0, 256, (2, *SIZE, 3), np.uint8)
    taken: list[torch.Tensor] = []
    with detector.tapped(taken.append):
        detector.infer(frames)
    state = {k: v.double() for k, v in detector.heads["predicted_loss"].state_dict().items()}
    expected = []
    for cells in coarse(taken[0]).double():
        scaled = (cells - state["mean"][:, None, None]) / state["std"][:, None, None]
        hidden = torch.einsum("oc,crk->ork", state["first.weight"][:, :, 0, 0], scaled)
        hidden = (hidden + state["first.bias"][:, None, None]).clamp(min=0)
        last = torch.einsum("c,crk->rk", state["last.weight"][0, :, 0, 0], hidden)
        expected.append(float(torch.log1p(torch.exp(last + state["last.bias"])).mean()))
    scorer = FrameScorer("predicted_loss")
    assert [one.score for one in scorer.score(detector, frames)] == pytest.approx(
        expected, rel=1e-5
    )
    # A mask takes its cells out of the mean: where it leaves one, that is it.
    mask = np.ones(SIZE, bool)
    mask[:32, :32] = False
    (masked, _) = FrameScorer("predicted_loss", mask=mask).score(detector, frames)
    (first, _) = FrameScorer("predicted_loss", top=99).score(detector, frames)
    assert any(value == pytest.approx(masked.score) for _, _, value in first.maxima)


def test_a_head_of_other_classes_is_refused(with_head: Path) -> None:
    detector = load_detector(with_head, "cpu", precision="float32", backend="torch")
    detector.heads["difficulty"] = EaseHead(3)
    with pytest.raises(InputError, match="is of other classes"):
        FrameScorer("difficulty").score(detector, np.zeros((1, *SIZE, 3), np.uint8))


@pytest.mark.parametrize("strategy", ["predicted-misses", "nakamura", "predicted-loss", "mdn"])
def test_picks_by_what_heads_predict(
    strategy: str,
    files: Path,
    with_head: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rules = ("--budget", "3", "--delta1", "2", "--delta2", "1", "--device", "cpu")
    words = ["select", str(files / "a.mp4"), *rules, "--strategy", strategy]
    out = tmp_path / "picks.json"
    assert main([*words, "--detector", str(with_head), "--json", str(out)]) == 0
    document = json.loads(out.read_text())
    assert len(document["picks"]) == 3
    signals = STRATEGIES[strategy].signals
    score = document["settings"]["score"]
    of_head = score if len(signals) == 1 else score[signals[0]]
    assert len(of_head["head"]) == 32
    assert len(signals) == 1 or {*score} == {*signals}
    capsys.readouterr()
    assert main([*words, "--detector", str(files / "plain.safetensors")]) == 2
    name = "mdn" if strategy == "mdn" else signals[0]
    assert f"train one with `framesift train-head --head {name}`" in capsys.readouterr().err


def test_too_few_frames_are_refused(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = TrainingSet.load(files / "set.json")
    ref = VideoRef("a", str(files / "a.mp4"))
    TrainingSet(whole.classes, (ref,), whole.entries[:3]).save(tmp_path / "few.json")
    words = [
        "train-head",
        str(tmp_path / "few.json"),
        "--out",
        str(tmp_path / "no.safetensors"),
    ]
    assert main([*words, "--detector", str(files / "plain.safetensors")]) == 2
    assert "A head needs 8 labelled frames" in capsys.readouterr().err
    words[1] = str(files / "set.json")
    words += ["--head", "nonsense"]
    assert main([*words, "--detector", str(files / "plain.safetensors")]) == 2
    assert "There is no head 'nonsense'; choose one of" in capsys.readouterr().err
    assert not (tmp_path / "no.safetensors").exists()


def test_the_head_forgets_nothing_of_its_scale() -> None:
    head = CellHead(3)
    cells = torch.randn(2, 3, 4, 5) * 7 + 2
    head.standardise(cells)
    scaled = (cells - head.mean[:, None, None]) / head.std[:, None, None]
    assert abs(float(scaled.mean())) < 1e-5
    assert float(scaled.std()) == pytest.approx(1, abs=0.05)
