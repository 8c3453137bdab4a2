"""Working sizes and lazy probability maps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.detectors.maps import SHARED, ProbabilityMaps, WorkingSize, working_size


def test_working_size_keeps_proportions_and_pads_up() -> None:
    size = working_size(720, 1280, 480)
    assert size.content == (480, 853)
    assert size.padded == (480, 856)
    assert size.scale_y == pytest.approx(480 / 720)
    assert working_size(360, 481, None).padded == (360, 488)
    assert working_size(1, 1, 480).content == (480, 480)
    with pytest.raises(ValueError, match="0×5"):
        working_size(0, 5)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(16, 900))
def test_boxes_go_to_working_size_and_back(height: int, width: int, working: int) -> None:
    size = working_size(height, width, working)
    assert all(
        p % 8 == 0 and 0 <= p - c < 8 for p, c in zip(size.padded, size.content, strict=True)
    )
    boxes = np.array([[0.0, 0.0, width, height], [width / 4, height / 3, width / 2, height]])
    np.testing.assert_allclose(size.to_native(size.to_working(boxes)), boxes, rtol=1e-12)


def _bilinear(levels: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Half-pixel bilinear resizing, written out."""
    h, w = levels.shape
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y = min(max((i + 0.5) * h / rows - 0.5, 0), h - 1)
            x = min(max((j + 0.5) * w / columns - 0.5, 0), w - 1)
            y0, x0 = int(y), int(x)
            y1, x1 = min(y0 + 1, h - 1), min(x0 + 1, w - 1)
            fy, fx = y - y0, x - x0
            out[i, j] = (1 - fy) * ((1 - fx) * levels[y0, x0] + fx * levels[y0, x1]) + fy * (
                (1 - fx) * levels[y1, x0] + fx * levels[y1, x1]
            )
    return out


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def test_maps_are_resized_logits_with_the_padding_cut_off() -> None:
    generator = torch.Generator().manual_seed(3)
    size = working_size(19, 27, None)
    logits = [
        torch.randn(2, 2, 3, 4, generator=generator),
        torch.randn(2, 2, 6, 8, generator=generator),
    ]
    maps = ProbabilityMaps(logits, size, ("a", "b"))
    assert (len(maps), maps.count, maps.shape) == (4, 2, (2, 4, 19, 27))
    assert maps.names == ((0, "a"), (0, "b"), (1, "a"), (1, "b"))
    for k, (level, column) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        for n in range(2):
            large = _bilinear(logits[level][n, column].numpy(), 24, 32)
            np.testing.assert_allclose(
                maps.map(k)[n].numpy(), _sigmoid(large)[:19, :27], atol=2e-6
            )
    assert torch.equal(maps.stack()[:, 3], maps.map(-1))
    assert [m.shape for m in maps] == [(2, 19, 27)] * 4


def test_mirrored_maps_are_flipped_back_and_averaged_as_probabilities() -> None:
    generator = torch.Generator().manual_seed(4)
    size = working_size(16, 21, None)
    plain, other = (torch.randn(1, 1, 2, 3, generator=generator) for _ in range(2))
    maps = ProbabilityMaps([plain], size, ("a",), flipped=[other])
    straight = ProbabilityMaps([plain], size, ("a",)).map(0)
    flipped = ProbabilityMaps([other], size, ("a",)).map(0)
    assert torch.allclose(maps.map(0), (straight + flipped.flip(-1)) / 2, atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.booleans(), st.integers(0, 9))
def test_maps_that_learn_are_those_that_do_not(
    height: int, width: int, corner: bool, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    size = working_size(height, width, None)
    shape = (2, 1, size.padded[0] // 8, size.padded[1] // 8)
    logits = 3 * torch.randn(*shape, generator=generator)
    learning = logits.clone().requires_grad_()
    map_ = ProbabilityMaps([learning], size, ("a",), corner=corner).map(0)
    plain = ProbabilityMaps([logits], size, ("a",), corner=corner).map(0)
    torch.testing.assert_close(map_.detach(), plain, rtol=0, atol=2e-6)
    map_.sum().backward()
    assert learning.grad is not None
    assert bool((learning.grad != 0).any())


def test_maps_do_not_depend_on_what_torch_makes_by_default() -> None:
    logits = torch.randn(2, 1, 4, 5, generator=torch.Generator().manual_seed(6))
    maps = ProbabilityMaps([logits], working_size(32, 40, None), ("a",))
    expected = maps.map(0)
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.equal(maps.map(0), expected)
    finally:
        torch.set_default_dtype(torch.float32)


def test_peak_bounds_the_map() -> None:
    generator = torch.Generator().manual_seed(5)
    logits = torch.randn(3, 1, 4, 5, generator=generator)
    size = working_size(32, 40, None)
    maps = ProbabilityMaps([logits], size, ("a",), flipped=[logits.flip(0)])
    for n in range(3):
        assert maps.peak(0, n) >= float(maps.map(0)[n].max()) - 1e-6


def test_dense_maps_frames_and_classes() -> None:
    dense = torch.rand(2, 3, 5, 7)
    maps = ProbabilityMaps.of(dense)
    assert torch.equal(maps.stack(), dense)
    assert torch.equal(maps.frame(1).stack(), dense[1:])
    assert maps.shape == (2, 3, 5, 7)
    assert maps.peak(1, 0) == float(dense[0, 1].max())
    logits = [torch.randn(2, 3, 2, 2)]
    lazy = ProbabilityMaps(logits, working_size(16, 16, None), ("a", "b", "c"))
    assert torch.equal(lazy.only(["c", "a"]).map(0), lazy.map(2))
    assert torch.equal(lazy.frame(1).map(1), lazy.map(1)[1:])
    with pytest.raises(IndexError):
        lazy.map(3)
    with pytest.raises(IndexError):
        lazy.frame(2)
    with pytest.raises(ValueError, match="N×K×H×W"):
        ProbabilityMaps.of(torch.rand(3, 5, 7))
    with pytest.raises(ValueError, match="3 logits for 1 classes"):
        ProbabilityMaps(logits, working_size(16, 16, None), ("a",))


def test_the_content_may_lie_anywhere_in_what_the_detector_sees() -> None:
    logits = torch.randn(2, 1, 6, 8, generator=torch.Generator().manual_seed(2))
    corner = WorkingSize((40, 56), (40, 56), (48, 64))
    inside = WorkingSize((40, 56), (40, 56), (48, 64), (4, 3))
    whole = WorkingSize((48, 64), (48, 64), (48, 64))
    everything = ProbabilityMaps([logits], whole, ["a"]).map(0)
    for size, part in ((corner, everything[:, :40, :56]), (inside, everything[:, 4:44, 3:59])):
        found = ProbabilityMaps([logits], size, ["a"]).map(0)
        torch.testing.assert_close(found, part, atol=1e-6, rtol=0)


def test_the_value_of_a_cell_may_belong_to_its_corner() -> None:
    logits = torch.zeros(1, 1, 3, 4)
    logits[0, 0, 1, 2] = 4.0
    size = working_size(48, 64, None, 16)
    middle = ProbabilityMaps([logits], size, ["a"]).map(0)[0]
    corner = ProbabilityMaps([logits], size, ["a"], corner=True)
    assert corner.frame(0).only(["a"]).corner
    # Everything eight pixels further up and left, and the last cells go on to the edge.
    torch.testing.assert_close(corner.map(0)[0, :40, :56], middle[8:, 8:])

    # Linear between the corners: at (16, 32) itself lies the peak.
    def between(y: float, x: float) -> float:
        return 4.0 * max(0, 1 - abs(y - 16) / 16) * max(0, 1 - abs(x - 32) / 16)

    expected = torch.tensor([[between(y + 0.5, x + 0.5) for x in range(64)] for y in range(48)])
    torch.testing.assert_close(corner.map(0)[0], expected.sigmoid())
    back = ProbabilityMaps([logits], size, ["a"], corner=True, flipped=[logits.flip(-1)]).map(0)
    assert back.shape == (1, 48, 64)


def test_maps_that_all_classes_share_are_not_chosen_among() -> None:
    maps = ProbabilityMaps([torch.zeros(1, 1, 2, 2)], working_size(16, 16, None), (SHARED,))
    assert maps.only(["car"]) is maps
    assert maps.names == ((0, SHARED),)


def test_cells_are_the_maps_before_they_are_resized() -> None:
    logits = torch.randn(2, 2, 6, 8, generator=torch.Generator().manual_seed(3))
    maps = ProbabilityMaps([logits], WorkingSize((40, 56), (40, 56), (48, 64)), ["a", "b"])
    torch.testing.assert_close(maps.cells(1), logits[:, 1].sigmoid())
    dense = torch.rand(1, 2, 5, 7)
    assert torch.equal(ProbabilityMaps.of(dense).cells(1), dense[:, 1])
