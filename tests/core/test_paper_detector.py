"""The paper's detector: its size and cost, its boxes, its settings."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from framesift.boxes import Box, iou
from framesift.detectors import PaperDetector, choose_device, choose_precision, fit_box_sizes
from framesift.detectors.decoding import MOST_PEAKS, decode, peaks
from framesift.detectors.maps import ProbabilityMaps, working_size
from framesift.detectors.paper_network import Added, Down, Elu, PaperNetwork
from framesift.detectors.prepare import working_batch, working_boxes
from framesift.detectors.sizes import PAPER_SIZES, centred_iou
from framesift.errors import EnvironmentProblem, InputError


def test_it_has_the_papers_size_and_cost() -> None:
    network = PaperNetwork(1).eval()
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(3.39, abs=0.005)
    with torch.no_grad(), FlopCounterMode(display=False) as count:
        levels = network(torch.zeros(1, 3, 480, 640))
    assert count.get_total_flops() / 1e9 == pytest.approx(52.6, abs=0.05)
    assert [tuple(level.shape) for level in levels] == [(1, 1, 60, 80)] * 4 + [(1, 1, 120, 160)]


def test_block_channels_are_the_tables() -> None:
    network = PaperNetwork(1)
    parts = (network.block1, network.block2, network.block3, network.block4)
    x = torch.zeros(1, 3, 32, 32)
    one = network.block1(x)
    two = network.block2(one)
    three = network.down3(two)
    assert [t.shape[1] for t in (one, two, three)] == [64, 128, 256]
    assert [t.shape[2] for t in (one, two, three)] == [16, 8, 4]
    assert all(p is not None for p in parts)
    assert network.block1[0].conv[0].out_channels == 61
    assert network.block2[0].conv[0].out_channels == 64
    assert network.down3.conv[0].out_channels == 128


def test_folding_and_bfloat16_change_little() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        detector = PaperDetector(settings={"width": 0.25, "working_height": 96})
        frames = np.random.default_rng(0).integers(0, 255, (2, 96, 128, 3), np.uint8)
        detector.module.train()
        with torch.no_grad():
            for _ in range(20):  # batch norms with statistics of their own
                detector.module(torch.randn(4, 3, 64, 64))
    detector.module.eval()
    x = detector._normalised(working_batch(frames, detector.geometry(96, 128)), torch.float32)
    with torch.no_grad():
        plain = detector.module(x)
    maps = detector.infer(frames).maps
    want = ProbabilityMaps(plain, maps.size, maps.classes).stack()
    assert float((maps.stack() - want).abs().max()) < 1e-4
    half = detector.to(precision="bfloat16").maps(frames)
    assert float((half - want).abs().max()) < 0.02


def test_quick_elu_is_elu() -> None:
    x = torch.linspace(-6, 6, 41, dtype=torch.float64, requires_grad=True)
    elu = Elu().train()
    assert torch.autograd.gradcheck(elu, (x,))
    assert torch.allclose(elu(x), torch.nn.functional.elu(x), atol=1e-15)


def test_the_picture_is_resized_and_padded_by_its_edge() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (2, 50, 67, 3), np.uint8)
    size = working_size(50, 67, 99)
    batch = working_batch(frames, size)
    assert batch.shape == (2, 104, 136, 3)
    content = cv2.resize(frames[1], (133, 99), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(batch[1, :99, :133], content)
    np.testing.assert_array_equal(batch[1, 99:, :133], np.repeat(content[-1:], 5, 0))
    np.testing.assert_array_equal(batch[1, :, 133:], np.repeat(batch[1, :, 132:133], 3, 1))
    flipped = working_batch(frames, size, flip=True)
    np.testing.assert_array_equal(
        flipped[0, :99, :133][:, ::-1], working_batch(frames[:1], size)[0, :99, :133]
    )
    (box,) = working_boxes([Box(10, 5, 20, 25)], size)
    assert (box.x1, box.y1) == pytest.approx((10 * 133 / 67, 5 * 99 / 50))


def _plain_peaks(maps: np.ndarray, threshold: float) -> set[tuple[int, int]]:
    height, width = maps.shape
    padded = np.pad(maps, 1, mode="edge")
    mean = sum(padded[i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9
    found = set()
    for y in range(height):
        for x in range(width):
            window = mean[max(0, y - 9) : y + 10, max(0, x - 9) : x + 10]
            if mean[y, x] > threshold and mean[y, x] >= window.max():
                found.add((y, x))
    return found


def test_peaks_are_local_maxima_of_the_average() -> None:
    rng = np.random.default_rng(2)
    maps = cv2.GaussianBlur(rng.random((61, 83)).astype(np.float32), (0, 0), 2.5)
    rows, columns, scores = peaks(maps, 0.5)
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == _plain_peaks(maps, 0.5)
    assert (np.diff(scores) <= 0).all()
    assert len(peaks(np.full((80, 80), 0.7, np.float32), 0.5)[0]) == MOST_PEAKS


def test_one_blob_becomes_one_box_of_its_level() -> None:
    dense = torch.full((2, 5, 240, 320), 0.01)
    dense[0, 3, 99:102, 149:152] = 0.9
    dense[0, 3, 100, 150] = 0.99
    dense[0, 2, 98:103, 148:153] = 0.5
    maps = ProbabilityMaps.of(dense, [(level, "pedestrian") for level in range(5)])
    best, empty = decode(maps, PAPER_SIZES, threshold=0.3, nms_iou=0.3)
    assert len(empty) == 0
    np.testing.assert_allclose(best.boxes, [[125.5, 60.5, 175.5, 140.5]])
    assert best.scores[0] == pytest.approx((0.99 + 8 * 0.9) / 9)
    both, _ = decode(maps, PAPER_SIZES, threshold=0.3, nms_iou=0.9)
    assert len(both) == 2


def test_box_sizes_are_fitted_to_labels() -> None:
    rng = np.random.default_rng(0)
    centres = [(240, 96), (150, 62), (100, 40), (70, 30), (45, 18)]
    boxes = [Box(0, 0, w * k, h * k) for h, w in centres for k in rng.uniform(0.95, 1.05, 40)]
    boxes += [Box(0, 0, 500, 500, ignore=True)] * 50
    sizes = fit_box_sizes(boxes)
    assert centred_iou(np.array(sizes), np.array(centres, float)).diagonal().min() > 0.93
    assert fit_box_sizes(boxes) == sizes
    doubled = fit_box_sizes(boxes, scale=2.0)
    assert doubled[0][0] == pytest.approx(2 * sizes[0][0], abs=1.1)
    with pytest.raises(ValueError, match="too few"):
        fit_box_sizes(boxes[:3])


def test_best_iou_is_what_a_moving_box_reaches() -> None:
    detector = PaperDetector(settings={"width": 0.125})
    label = Box(100, 100, 140, 210)
    places = np.array(
        [
            (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
            for h, w in PAPER_SIZES
            for x in range(100, 141)
            for y in range(120, 191)
        ]
    )
    best = iou(np.array([[100.0, 100, 140, 210]]), places).max()
    assert detector.best_iou([label], (480, 640))[0] == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"width": 100},
        {"width": "wide"},
        {"box_sizes": [[10, 10]]},
        {"box_sizes": 5},
        {"working_height": 2},
        {"nms_iou": 3},
        {"speed": 1},
        {"box_sizes": [[0, 1]] * 5},
        {"working_height": 480.5},
        {"width": float("nan")},
    ],
)
def test_settings_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="paper's detector"):
        PaperDetector(settings=wrong)


def test_classes_are_needed_once_each() -> None:
    for classes in ((), ("a", "a")):
        with pytest.raises(InputError, match="class"):
            PaperDetector(classes)


def test_devices_and_precisions() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(InputError, match="no device 'gpu'"):
        choose_device("gpu")
    if not torch.cuda.is_available():
        with pytest.raises(EnvironmentProblem, match="no usable cuda"):
            choose_device("cuda:3")
    cpu = torch.device("cpu")
    assert choose_precision("auto", cpu) == "float32"
    assert choose_precision("float32", cpu) == "float32"
    with pytest.raises(InputError, match="graphics card"):
        choose_precision("float16", cpu)
    with pytest.raises(InputError, match="no precision"):
        choose_precision("int8", cpu)


def test_its_dense_network_and_what_is_made_of_it_are_the_detector() -> None:
    detector = PaperDetector(("pedestrian", "car"), {"width": 0.125, "working_height": 96})
    rng = np.random.default_rng(3)
    frames = rng.integers(0, 255, (2, 96, 130, 3), np.uint8)
    size = detector.geometry(96, 130)
    network = detector.network()

    def seen(pictures: np.ndarray) -> tuple[torch.Tensor, ...]:
        batch = torch.from_numpy(working_batch(pictures, size)).permute(0, 3, 1, 2)
        with torch.no_grad():
            return tuple(network(batch.float() / 255))

    expected = detector.infer(frames, flip=True, boxes=True, threshold=0.001)
    found = detector.finish(
        seen(frames), size, flipped=seen(frames[:, :, ::-1]), boxes=True, threshold=0.001
    )
    difference = found.maps.stack() - expected.maps.stack()
    assert float(difference.abs().max()) < 1e-5
    assert found.predictions is not None
    assert expected.predictions is not None
    for ours, theirs in zip(found.predictions, expected.predictions, strict=True):
        np.testing.assert_allclose(ours.boxes, theirs.boxes, atol=1e-3)
    before = detector.identity()
    with torch.no_grad():
        next(network.parameters()).add_(1)
    assert detector.identity() == before


@pytest.mark.parametrize(("inputs", "outputs"), [(3, 8), (3, 32), (24, 40)])
def test_a_down_block_as_engines_add_it_gives_the_same_bits(inputs: int, outputs: int) -> None:
    torch.manual_seed(5)
    down = Down(inputs, outputs)
    down.conv(torch.randn(4, inputs, 16, 16))  # other statistics than those of the start
    down.eval().conv.fold()
    picture = torch.randn(2, inputs, 24, 40)
    chance = torch.get_rng_state()
    with torch.no_grad():
        expected, added = down(picture), Added(down)(picture)
    assert torch.equal(torch.get_rng_state(), chance)
    assert added.shape == (2, outputs, 12, 20)
    assert torch.equal(added, expected)
