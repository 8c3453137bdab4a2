"""Pixel scores and reductions against the equations, in both implementations."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.detectors.maps import ProbabilityMaps
from framesift.errors import InputError
from framesift.scores import (
    FrameScorer,
    divergence,
    entropy,
    max_pool_mean,
    max_score,
    mean_score,
    mutual_information,
    radii_by_box,
    sum_score,
    tile_maxima,
)
from framesift.scores.kernels import CpuKernels, TorchKernels
from framesift.scores.mc_dropout import _mutual_information
from framesift.scores.pixel_divergence import _divergence
from framesift.scores.pixel_entropy import _entropy

reference = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "reference.py")))

PRECISIONS = pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float64, 1e-9), (torch.float32, 2e-5)],
    ids=["float64", "float32"],
)
KERNELS = pytest.mark.parametrize("kernels", [CpuKernels, TorchKernels])


def made(kind: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return {
        "random": lambda: rng.random(shape),
        "constant": lambda: np.full(shape, 0.3),
        "zero or one": lambda: (rng.random(shape) > 0.5).astype(float),
        "zeros": lambda: np.zeros(shape),
        "ones": lambda: np.ones(shape),
        "one pixel": lambda: np.eye(1, int(np.prod(shape)), 7 % int(np.prod(shape))).reshape(
            shape
        ),
        "sure": lambda: 1 / (1 + np.exp(-40 * (rng.random(shape) - 0.7))),
        "tiny": lambda: 10.0 ** -rng.uniform(3, 42, shape),
    }[kind]()


KINDS = ("random", "constant", "zero or one", "zeros", "ones", "one pixel", "sure", "tiny")


@KERNELS
@PRECISIONS
@pytest.mark.parametrize(
    ("shape", "radius"),
    [
        ((2, 2, 13, 17), 3),
        ((1, 3, 1, 1), 9),
        ((1, 2, 5, 8), 9),
        ((1, 2, 6, 7), 0),
        ((1, 1, 1, 12), 2),
        ((1, 1, 4, 1), 1),
        ((1, 1, 1, 4), 1),
    ],
)
@pytest.mark.parametrize("masked", [False, True])
def test_divergence(
    kernels: type,
    dtype: torch.dtype,
    tolerance: float,
    shape: tuple[int, ...],
    radius: int,
    masked: bool,
) -> None:
    mask = None
    if masked:
        mask = np.random.default_rng(1).random(shape[2:]) < 0.4
        mask[0, 0] = False
    for kind in KINDS:
        maps = torch.tensor(made(kind, shape), dtype=dtype)
        ours = _divergence(maps, radius, mask, None, kernels)
        assert ours.dtype == dtype
        for frame, expected in zip(ours, maps.double().numpy(), strict=True):
            np.testing.assert_allclose(
                frame,
                reference.divergence(expected, radius, mask),
                atol=tolerance,
                rtol=0,
                err_msg=kind,
            )
        assert (ours >= 0).all()


@KERNELS
@PRECISIONS
def test_entropy(kernels: type, dtype: torch.dtype, tolerance: float) -> None:
    mask = np.zeros((7, 9), bool)
    mask[2:4] = True
    weights = [1.0, 0.5, 2.0]
    for kind in KINDS:
        maps = torch.tensor(made(kind, (2, 3, 7, 9)), dtype=dtype)
        ours = _entropy(maps, mask, weights, kernels)
        for frame, expected in zip(ours, maps.double().numpy(), strict=True):
            np.testing.assert_allclose(
                frame,
                reference.pixel_entropy(expected, mask, weights),
                atol=tolerance,
                rtol=0,
                err_msg=kind,
            )
        if kind in ("zeros", "ones", "zero or one"):
            assert (ours == 0).all()


@KERNELS
@PRECISIONS
def test_mutual_information(kernels: type, dtype: torch.dtype, tolerance: float) -> None:
    for kind in KINDS:
        each = [made(kind, (2, 2, 6, 5), t) for t in range(5)]
        passes = torch.tensor(np.stack(each), dtype=dtype)
        ours = _mutual_information(passes, None, None, kernels)
        for n in range(2):
            np.testing.assert_allclose(
                ours[n],
                reference.mutual_information(passes[:, n].double().numpy()),
                atol=tolerance,
                rtol=0,
                err_msg=kind,
            )
    assert float(mutual_information(passes[:1]).max()) == pytest.approx(0, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(0, 14),
    st.integers(1, 3),
    st.integers(0, 9),
)
def test_both_implementations_agree(
    height: int, width: int, radius: int, count: int, seed: int
) -> None:
    maps = torch.tensor(made("random", (2, count, height, width), seed))
    weights = np.random.default_rng(seed).random(count).tolist()
    mask = np.random.default_rng(seed).random((height, width)) < 0.3
    mask[0, 0] = False
    one, other = (
        _divergence(maps, radius, mask, weights, kernels)
        for kernels in (CpuKernels, TorchKernels)
    )
    np.testing.assert_allclose(one, other, atol=1e-12, rtol=0)


def test_weights_and_radii_per_map() -> None:
    maps = torch.tensor(made("random", (1, 3, 11, 14)))
    ours = divergence(maps, [1, 4, 1], weights=[1.0, 2.0, 0.0])
    expected = reference.divergence(maps[0, :1].numpy(), 1) + 2 * reference.divergence(
        maps[0, 1:2].numpy(), 4
    )
    np.testing.assert_allclose(ours[0], expected, atol=1e-9)


def test_lazy_maps_score_like_dense_ones() -> None:
    dense = torch.tensor(made("sure", (3, 4, 33, 41)), dtype=torch.float32)
    lazy = ProbabilityMaps.of(dense)
    assert torch.equal(divergence(lazy), divergence(dense))
    assert torch.equal(entropy(lazy), entropy(dense))
    assert torch.equal(mutual_information([lazy, lazy]), mutual_information([dense, dense]))


def test_a_frame_does_not_depend_on_its_company() -> None:
    maps = torch.tensor(made("sure", (5, 3, 61, 83)), dtype=torch.float32)
    for score in (divergence, entropy):
        together = score(maps)
        for n in range(5):
            assert torch.equal(together[n], score(maps[n : n + 1])[0])
            assert float(max_pool_mean(together)[n]) == float(
                max_pool_mean(together[n : n + 1])
            )
            assert float(mean_score(together)[n]) == float(mean_score(together[n : n + 1]))


def test_input_is_not_changed_and_any_layout_will_do() -> None:
    maps = torch.tensor(made("random", (2, 2, 9, 12)), dtype=torch.float32)
    before = maps.clone()
    odd = maps.transpose(2, 3).contiguous().transpose(2, 3).requires_grad_()
    for score in (divergence, entropy):
        assert torch.equal(score(odd), score(maps))
        assert not score(odd).requires_grad
        assert torch.equal(score(maps.half()), score(maps.half().float()))
    assert torch.equal(maps, before)


@pytest.mark.parametrize(
    "maps",
    [torch.zeros(3, 4, 5), torch.zeros(1, 0, 4, 5), torch.zeros(1, 2, 4, 5, dtype=torch.int64)],
)
def test_what_is_not_a_stack_of_maps_is_refused(maps: torch.Tensor) -> None:
    with pytest.raises(ValueError):
        divergence(maps)


def test_masks_that_do_not_fit() -> None:
    maps = torch.rand(1, 1, 8, 9)
    with pytest.raises(InputError, match="9×8"):
        divergence(maps, mask=np.ones((3, 3), bool))
    with pytest.raises(InputError, match="whole picture"):
        divergence(maps, mask=np.ones((8, 9), bool))
    with pytest.raises(InputError, match="radius"):
        divergence(maps, -1)


@PRECISIONS
@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    region=st.integers(1, 25),
    seed=st.integers(0, 99),
    masked=st.booleans(),
)
def test_max_pool_mean(
    dtype: torch.dtype,
    tolerance: float,
    height: int,
    width: int,
    region: int,
    seed: int,
    masked: bool,
) -> None:
    rng = np.random.default_rng(seed)
    scores = torch.tensor(rng.random((2, height, width)), dtype=dtype)
    mask = rng.random((height, width)) < 0.6 if masked else None
    if mask is not None:
        mask[rng.integers(height), rng.integers(width)] = False
    ours = max_pool_mean(scores, region, mask=mask)
    expected = [reference.max_pool_mean(s, region, mask) for s in scores.double().numpy()]
    np.testing.assert_allclose(ours, expected, atol=tolerance, rtol=0)


def test_partial_tiles_count_and_fully_masked_ones_do_not() -> None:
    scores = torch.zeros(1, 31, 61)
    scores[0, 30, 60] = 1
    assert float(max_pool_mean(scores)) == pytest.approx(1 / 6)
    mask = np.zeros((31, 61), bool)
    mask[:30, :30] = True
    assert float(max_pool_mean(scores, mask=mask)) == pytest.approx(1 / 5)
    with pytest.raises(InputError):
        max_pool_mean(scores, 0)


@pytest.mark.parametrize("masked", [False, True])
def test_other_reductions(masked: bool) -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((2, 9, 11)) - 0.2
    mask = rng.random((9, 11)) < 0.5 if masked else None
    free = np.ones((9, 11), bool) if mask is None else ~mask
    given = torch.tensor(scores)
    np.testing.assert_allclose(mean_score(given, mask=mask), scores[:, free].mean(1))
    np.testing.assert_allclose(sum_score(given, mask=mask), scores[:, free].sum(1))
    np.testing.assert_allclose(max_score(given, mask=mask), scores[:, free].max(1))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 17),
    st.integers(1, 17),
    st.integers(1, 7),
    st.integers(0, 9),
    st.integers(0, 99),
)
def test_tile_maxima(height: int, width: int, region: int, top: int, seed: int) -> None:
    scores = np.random.default_rng(seed).random((2, height, width))
    for frame, found in zip(
        scores, tile_maxima(torch.tensor(scores), region, top), strict=True
    ):
        tiles = [frame[tile].max() for tile in reference.tiles(height, width, region)]
        assert [value for *_, value in found] == sorted(tiles, reverse=True)[:top]
        assert all(frame[y, x] == value for x, y, value in found)


def test_tile_maxima_leave_out_what_is_nothing() -> None:
    scores = torch.zeros(1, 20, 20)
    scores[0, 3, 4] = 0.5
    assert tile_maxima(scores, 10) == [((4, 3, 0.5),)]
    mask = np.zeros((20, 20), bool)
    mask[:10, :10] = True
    assert tile_maxima(scores, 10, mask=mask) == [()]


@pytest.mark.parametrize(
    "options",
    [
        {"method": "luck"},
        {"reduction": "median"},
        {"radius": -1},
        {"radius": 1.5},
        {"region": 0},
        {"passes": 1},
        {"rate": 0.0},
        {"rate": 1.0},
        {"classes": []},
        {"class_weights": {"person": -1.0}},
        {"mask": np.zeros(4, bool)},
        {"mask": np.zeros((4, 4))},
    ],
)
def test_senseless_scorers_are_refused_in_one_sentence(options: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        FrameScorer(**options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_names_may_have_hyphens_or_underscores() -> None:
    assert FrameScorer("mc-dropout").method == FrameScorer("mc_dropout").method == "mc_dropout"
    assert FrameScorer(reduction="max_pool_mean").shared.reduction == "max-pool-mean"
    defaults = FrameScorer().settings()
    assert defaults == {
        "method": "divergence",
        "reduction": "max-pool-mean",
        "radius": 9,
        "region": 30,
        "mirror": False,
    }


def test_a_radius_for_each_levels_box() -> None:
    sizes = [(50.0, 20.5), (100.0, 41.0), (200.0, 82.0), (75.0, 31.0), (400.0, 164.0)]
    assert radii_by_box(8, {"box_sizes": sizes}) == [4, 8, 16, 6, 32]
    assert radii_by_box(1, {"box_sizes": sizes}) == [1, 1, 2, 1, 4]
    with pytest.raises(InputError, match="'fcos' has no fixed boxes"):
        radii_by_box(9, {}, "fcos")
