"""What every pixel score and every reduction keeps to, with a detector made of arithmetic."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tests.reference import entropy

from framesift.detectors.maps import ProbabilityMaps, working_size
from framesift.errors import InputError
from framesift.records.settings import settings_of
from framesift.scores import REDUCTIONS, SCORES, FrameScorer
from framesift.scores.gradient import gradient_length

METHODS = pytest.mark.parametrize("method", SCORES)
REDUCED = pytest.mark.parametrize("reduction", REDUCTIONS)
FRAMES = np.random.default_rng(0).integers(0, 256, (3, 60, 90, 3), np.uint8)


def features_of(frames: np.ndarray) -> torch.Tensor:
    """N×3×2×3, at most 1 long."""
    pixels = torch.from_numpy(frames.astype(np.float32)).permute(0, 3, 1, 2)
    return torch.nn.functional.adaptive_avg_pool2d(pixels, (2, 3)) / 255 / 3**0.5


class FakeDetector:
    """Logits are means of 8×8 cells of the picture, three levels, two classes."""

    name = "fake"
    classes = ("person", "rider")
    take: Callable[[torch.Tensor], None] | None = None

    def geometry(self, height: int, width: int) -> Any:
        return working_size(height, width, 30, 8)

    def _maps(
        self, frames: np.ndarray, noise: float = 0.0, seed: int = 0, flip: bool = False
    ) -> ProbabilityMaps:
        size = self.geometry(*frames.shape[1:3])
        pixels = torch.from_numpy(frames.astype(np.float32)).permute(0, 3, 1, 2)
        rows, columns = size.padded[0] // 8, size.padded[1] // 8
        generator = torch.Generator().manual_seed(seed)
        logits = []
        for level in range(3):
            cells = torch.nn.functional.adaptive_avg_pool2d(pixels, (rows, columns))
            drift = noise * torch.randn(1, 2, rows, columns, generator=generator)
            logits.append((cells[:, :2] - 127 + 10 * level) / 5 + drift)
        flipped = [level.flip(-1) + 0.3 for level in logits] if flip else None
        return ProbabilityMaps(logits, size, self.classes, flipped=flipped)

    def infer(self, frames: np.ndarray, *, flip: bool = False) -> Any:
        if self.take is not None:
            self.take(features_of(frames))
        return SimpleNamespace(maps=self._maps(frames, flip=flip))

    @contextmanager
    def tapped(self, take: Callable[[torch.Tensor], None]) -> Iterator[None]:
        self.take = take
        yield
        self.take = None

    def dropout_maps(
        self, frames: np.ndarray, passes: int, rate: float, seed: int
    ) -> Iterator[ProbabilityMaps]:
        return (self._maps(frames, 4 * rate, 100 * seed + t) for t in range(passes))


class OtherDetector(FakeDetector):
    """The same, trained on."""

    def _maps(
        self, frames: np.ndarray, noise: float = 0.0, seed: int = 0, flip: bool = False
    ) -> ProbabilityMaps:
        return super()._maps(frames, 2.0, seed + 7, flip)


DETECTOR: Any = FakeDetector()


@pytest.fixture(autouse=True)
def other_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an ensemble has beside the detector."""

    def detectors_of(detector: Any, names: Any, signal: str) -> Any:
        return detector, OtherDetector()

    monkeypatch.setattr("framesift.scores.ensemble.detectors_of", detectors_of)


def scorer(method: str, **options: Any) -> FrameScorer:
    return FrameScorer(method, **{"radius": 3, "region": 8, "passes": 4, **options})


@METHODS
def test_pixel_scores_are_finite_and_not_negative(method: str) -> None:
    pixels, size = scorer(method).pixel_scores(DETECTOR, FRAMES)
    assert pixels.shape == (3, *size.content)
    assert torch.isfinite(pixels).all()
    assert (pixels >= 0).all()
    # In nats, but for the divergence from the mirror image.
    most = 1.0 if method == "flip_divergence" else np.log(2)
    assert (pixels <= 6 * most + 1e-5).all()
    assert pixels.max() > 0


@METHODS
@REDUCED
def test_a_frame_does_not_depend_on_its_company(method: str, reduction: str) -> None:
    one = scorer(method, reduction=reduction)
    together = one.score(DETECTOR, FRAMES)
    for frame, expected in zip(FRAMES, together, strict=True):
        alone, again = one.score(DETECTOR, np.stack([frame, frame]))
        assert alone == expected
        assert again == expected


@METHODS
@REDUCED
def test_maxima_are_in_the_native_picture_and_sorted(method: str, reduction: str) -> None:
    one = scorer(method, reduction=reduction, top=4)
    pixels, size = one.pixel_scores(DETECTOR, FRAMES)
    for frame, score in zip(pixels, one.score(DETECTOR, FRAMES), strict=True):
        assert 0 < len(score.maxima) <= 4
        values = [value for _, _, value in score.maxima]
        assert values == sorted(values, reverse=True)
        assert values[0] == pytest.approx(float(frame.max()))
        for x, y, value in score.maxima:
            assert 0 < x < 90
            assert 0 < y < 60
            at = frame[int(y * size.content[0] / 60), int(x * size.content[1] / 90)]
            assert float(at) == pytest.approx(value)
    assert scorer(method, top=0).score(DETECTOR, FRAMES)[0].maxima == ()


@METHODS
@REDUCED
def test_the_mask_takes_no_part(method: str, reduction: str) -> None:
    mask = np.zeros((60, 90), bool)
    mask[:, 40:] = True
    masked = scorer(method, reduction=reduction, mask=mask)
    pixels, size = masked.pixel_scores(DETECTOR, FRAMES)
    free = 40 * size.content[1] // 90
    assert (pixels[:, :, free + 1 :] == 0).all()
    assert (pixels[:, :, :free] > 0).any()
    assert all(x <= 40 for s in masked.score(DETECTOR, FRAMES) for x, _, _ in s.maxima)
    nothing = scorer(method, reduction=reduction, mask=np.zeros((60, 90), bool))
    plain = scorer(method, reduction=reduction)
    assert nothing.score(DETECTOR, FRAMES) == plain.score(DETECTOR, FRAMES)
    assert nothing.settings() == plain.settings()
    assert masked.settings() != plain.settings()


@METHODS
def test_classes_and_weights(method: str) -> None:
    one, other = (
        scorer(method, classes=[name]).pixel_scores(DETECTOR, FRAMES)[0]
        for name in FakeDetector.classes
    )
    both = scorer(method).pixel_scores(DETECTOR, FRAMES)[0]
    np.testing.assert_allclose(one + other, both, atol=1e-5, rtol=0)
    weighted = scorer(method, class_weights={"rider": 2.5}).pixel_scores(DETECTOR, FRAMES)[0]
    np.testing.assert_allclose(one + 2.5 * other, weighted, atol=1e-5, rtol=0)
    with pytest.raises(InputError, match="horse"):
        scorer(method, classes=["horse"]).score(DETECTOR, FRAMES)
    with pytest.raises(InputError, match="weight 0"):
        scorer(method, class_weights={"rider": 0, "person": 0}).score(DETECTOR, FRAMES)


@METHODS
@REDUCED
def test_settings_are_json_and_name_what_matters(method: str, reduction: str) -> None:
    one = scorer(method, reduction=reduction)
    settings = one.settings()
    assert json.loads(json.dumps(settings)) == settings
    assert (settings["method"], settings["reduction"]) == (method, reduction)
    assert FrameScorer.from_recipe(settings).settings() == settings
    for option in settings_of(SCORES[method].params):
        assert not option.in_recipe or (option.key or option.name) in settings


@METHODS
def test_all_maps_are_never_held(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: ProbabilityMaps) -> None:
        raise AssertionError("spelled out")

    monkeypatch.setattr(ProbabilityMaps, "stack", refuse)
    scorer(method).score(DETECTOR, FRAMES)


def maps_of(detector: Any, frames: np.ndarray = FRAMES) -> np.ndarray:
    stack: np.ndarray = detector.infer(frames).maps.stack().double().numpy()
    return stack


def bernoulli(p: np.ndarray) -> np.ndarray:
    return np.vectorize(entropy)(p)


def test_the_mirror_image_in_plain_numbers() -> None:
    p, q = maps_of(DETECTOR), maps_of(DETECTOR, FRAMES[:, :, ::-1].copy())[..., ::-1]
    nats = bernoulli((p + q) / 2) - (bernoulli(p) + bernoulli(q)) / 2
    expected = nats.sum(1) / np.log(2)
    pixels, _ = scorer("flip_divergence").pixel_scores(DETECTOR, FRAMES)
    np.testing.assert_allclose(pixels.numpy(), expected, atol=3e-5)
    flipped, _ = scorer("flip_divergence").pixel_scores(DETECTOR, FRAMES[:, :, ::-1].copy())
    np.testing.assert_allclose(flipped.numpy()[..., ::-1], expected, atol=3e-5)


def outer(of: list[float], features: list[float]) -> float:
    """The Frobenius norm of the outer product of two vectors."""
    return math.sqrt(math.fsum((a * f) ** 2 for a in of for f in features))


def test_the_gradient_in_plain_numbers() -> None:
    p = np.random.default_rng(1).random((2, 3, 4, 5))
    p[0, 0, 0] = [0.0, 0.5, 1.0, np.nextafter(0.5, 0), np.nextafter(0.5, 1)]
    f = np.random.default_rng(2).normal(size=(2, 7, 4, 5))
    weights = [1.0, 0.5, 2.0]
    expected = np.zeros((2, 4, 5))
    for n, y, x in np.ndindex(expected.shape):
        for k, weight in enumerate(weights):
            of = float(p[n, k, y, x])
            target = 1.0 if of >= 0.5 else 0.0
            expected[n, y, x] += weight * outer([of - target], f[n, :, y, x].tolist())
    lengths = torch.from_numpy(np.linalg.norm(f, axis=1))
    found = gradient_length(torch.from_numpy(p), lengths, weights=weights)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), expected, rtol=0, atol=1e-12)
    single = gradient_length(torch.from_numpy(p).float(), lengths.float(), weights=weights)
    np.testing.assert_allclose(single.numpy(), expected, rtol=0, atol=2e-5)
    mask = np.zeros((4, 5), bool)
    mask[1] = True
    left = gradient_length(torch.from_numpy(p), lengths, mask=mask, weights=weights)
    np.testing.assert_allclose(left.numpy(), np.where(mask, 0, expected), atol=1e-12)


def test_the_gradient_is_that_of_the_last_layer() -> None:
    """Cross-entropy of one logit w·f against the detector's own hard answer, by autograd."""
    rng = np.random.default_rng(3)
    for _ in range(5):
        f = torch.from_numpy(rng.normal(size=6))
        w = torch.from_numpy(rng.normal(size=6)).requires_grad_()
        p = (w @ f).sigmoid()
        target = (p.detach() >= 0.5).double()
        torch.nn.functional.binary_cross_entropy(p, target).backward()
        found = gradient_length(p.detach().reshape(1, 1, 1, 1), f.norm().reshape(1, 1, 1))
        assert float(found) == pytest.approx(float(w.grad.norm()))


def test_a_frames_gradient_in_plain_numbers() -> None:
    """Frame scores of a detector: regions' maxima, averaged."""
    p, lengths = maps_of(DETECTOR), features_of(FRAMES).double().norm(dim=1)
    size = DETECTOR.geometry(60, 90)
    high, wide = size.content
    rows, columns = (
        np.clip((np.arange(n) + 0.5) * cells / padded - 0.5, 0, cells - 1)
        for n, cells, padded in zip(size.content, (2, 3), size.padded, strict=True)
    )
    each = np.zeros((3, high, wide))
    for y, x in np.ndindex(high, wide):
        top, left = int(rows[y]), int(columns[x])
        down, across = rows[y] - top, columns[x] - left
        low, right = min(top + 1, 1), min(left + 1, 2)
        f = lengths.numpy()
        each[:, y, x] = (1 - down) * (
            (1 - across) * f[:, top, left] + across * f[:, top, right]
        )
        each[:, y, x] += down * ((1 - across) * f[:, low, left] + across * f[:, low, right])
    pixels = np.minimum(p, 1 - p).sum(1) * each
    expected = [
        np.mean(
            [
                one[y : y + 8, x : x + 8].max()
                for y in range(0, high, 8)
                for x in range(0, wide, 8)
            ]
        )
        for one in pixels
    ]
    found = [one.score for one in scorer("gradient").score(DETECTOR, FRAMES)]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_without_features_the_gradient_says_so() -> None:
    class Closed(FakeDetector):
        @contextmanager
        def tapped(self, take: Callable[[torch.Tensor], None]) -> Iterator[None]:
            yield

    closed: Any = Closed()
    with pytest.raises(InputError, match=r"'fake' hands out no features here.*entropy\."):
        scorer("gradient").score(closed, FRAMES)


def test_ensembles_in_plain_numbers() -> None:
    p, q = maps_of(DETECTOR), maps_of(OtherDetector())
    mean = bernoulli((p + q) / 2).sum(1)
    pixels, _ = scorer("ensemble_entropy").pixel_scores(DETECTOR, FRAMES)
    np.testing.assert_allclose(pixels.numpy(), mean, atol=3e-5)
    within = ((bernoulli(p) + bernoulli(q)) / 2).sum(1)
    pixels, _ = scorer("ensemble_mi").pixel_scores(DETECTOR, FRAMES)
    np.testing.assert_allclose(pixels.numpy(), mean - within, atol=3e-5)


@METHODS
@REDUCED
def test_constant_pictures_have_finite_scores(method: str, reduction: str) -> None:
    for level in (0, 255):
        frames = np.full((1, 60, 90, 3), level, np.uint8)
        (one,) = scorer(method, reduction=reduction).score(DETECTOR, frames)
        assert np.isfinite(one.score)
