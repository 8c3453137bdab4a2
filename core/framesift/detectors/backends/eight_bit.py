"""Networks in 8 bits: what goes into each convolution, and its weights, rounded to 256 levels.

The levels of what goes in span what was met on frames of the footage itself (`calibrated`);
those of weights are as wide as each output channel's largest weight. Additions, activations and
outputs stay in float32 (Jacob et al., 2018, whose scheme this is).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.detectors.backends.openvino_library import converted, library
from framesift.errors import EnvironmentProblem, InputError

if TYPE_CHECKING:
    from torch import nn

_CONVOLUTIONS = ("Convolution", "GroupConvolution")
_LEVELS, _WEIGHT_LEVELS = 256, 255
"""Of weights one less: as many below 0 as above."""
_MOST = 4096
"""Convolutions that a file of ranges may name; no network has as many."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """The least and the largest value that went into each convolution while frames were looked
    at, by a digest of the convolution's weights. Other weights need ranges of their own."""

    of: Mapping[str, tuple[float, float]]

    @property
    def identity(self) -> str:
        """A digest; part of recipes, since other ranges give other scores."""
        text = json.dumps(sorted((key, *span) for key, span in self.of.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, list[float]]:
        """Plain JSON values."""
        return {key: list(span) for key, span in self.of.items()}

    @staticmethod
    def from_json(data: object) -> Ranges:
        """The inverse of `to_json`. Raises ValueError for anything else."""
        if not isinstance(data, Mapping) or not 0 < len(data) <= _MOST:
            raise ValueError
        of = {}
        for key, span in data.items():
            low, high = (float(value) for value in span)
            if not (isinstance(key, str) and -math.inf < low <= high < math.inf):
                raise ValueError
            of[key] = (low, high)
        return Ranges(of)


def calibrated(
    network: nn.Module,
    step: int,
    pictures: Iterable[NDArray[np.uint8]],
    threads: int,
) -> Iterator[int | Ranges]:
    """What a network's convolutions meet in pictures.

    Args:
        network, step: as `Backend.prepare` takes them.
        pictures: uint8 1×h×w×3 each, at a padded working size.
        threads: of the processor.

    Yields:
        The number of pictures looked at, after each; the Ranges in the end.

    Raises:
        InputError: there is no picture.
    """
    openvino = library()
    ops = openvino.opset13
    model = converted(network, step)
    convolutions = _convolutions(model)
    ends = []
    for node in convolutions:
        entering = node.input_value(0)
        axes = np.arange(len(entering.get_partial_shape()), dtype=np.int64)
        ends += [reduce(entering, axes, False) for reduce in (ops.reduce_min, ops.reduce_max)]
    probe = openvino.Model([end.output(0) for end in ends], model.get_parameters(), "ranges")
    how = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    compiled = openvino.Core().compile_model(probe, "CPU", how)
    low, high = np.full(len(convolutions), np.inf), np.full(len(convolutions), -np.inf)
    count = 0
    for count, picture in enumerate(pictures, 1):
        given = compiled([np.ascontiguousarray(picture)])
        met = np.array([float(given[number]) for number in range(len(ends))])
        low, high = np.minimum(low, met[::2]), np.maximum(high, met[1::2])
        yield count
    if not count:
        raise InputError("There is no frame to calibrate 8 bits on; add footage first.")
    of: dict[str, tuple[float, float]] = {}
    for node, least, most in zip(convolutions, low.tolist(), high.tolist(), strict=True):
        digest = _digest(node)
        # Two may have the same weights.
        before = of.get(digest, (least, most))
        of[digest] = min(before[0], least), max(before[1], most)
    yield Ranges(of)


def quantised(model: Any, ranges: Ranges) -> Any:
    """The OpenVINO model with 8-bit convolutions; it is changed in place. Raises
    EnvironmentProblem where ranges are those of other weights."""
    ops = library().opset13
    rounded: dict[tuple[str, int, float, float], Any] = {}
    by_source: dict[tuple[str, int], list[Any]] = {}
    convolutions = _convolutions(model)
    for node in convolutions:
        source = node.input_value(0)
        place = source.get_node().get_friendly_name(), source.get_index()
        by_source.setdefault(place, []).append(node)
    digests = {node.get_friendly_name(): _digest(node) for node in convolutions}
    if any(digest not in ranges.of for digest in digests.values()):
        raise EnvironmentProblem(
            "The 8-bit ranges are those of another detector; run `framesift quantize` again."
        )
    names = set(digests)

    def put(port: Any, low: float, high: float) -> None:
        """Rounds what comes in at a port, before what only passes it on: then that passes on
        bytes."""
        source = port.get_source_output()
        node = source.get_node()
        kind = node.get_type_name()
        only_here = all(
            target.get_node().get_friendly_name() in names
            for target in source.get_target_inputs()
        )
        if kind in ("Concat", "MaxPool") and only_here:
            for entering in node.inputs() if kind == "Concat" else [node.input(0)]:
                put(entering, low, high)
        elif kind != "FakeQuantize":
            key = node.get_friendly_name(), source.get_index(), low, high
            if key not in rounded:
                span = np.float32(low), np.float32(high)
                rounded[key] = ops.fake_quantize(source, *span, *span, _LEVELS)
            port.replace_source_output(rounded[key].output(0))

    for nodes in by_source.values():
        spans = [ranges.of[digests[node.get_friendly_name()]] for node in nodes]
        low, high = _grid(min(s[0] for s in spans), max(s[1] for s in spans))
        for node in nodes:
            put(node.input(0), low, high)
    for node in convolutions:
        weights = _weights(node)
        axes = tuple(range(1 if node.get_type_name() == "Convolution" else 2, weights.ndim))
        most = np.maximum(np.abs(weights).max(axis=axes, keepdims=True), 1e-12)
        most = most.astype(np.float32)
        made = ops.fake_quantize(node.input_value(1), -most, most, -most, most, _WEIGHT_LEVELS)
        node.input(1).replace_source_output(made.output(0))
    model.validate_nodes_and_infer_types()
    return model


def _grid(low: float, high: float) -> tuple[float, float]:
    """Ends of 256 levels that hold both, and 0 exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = max(high - low, 1e-12) / (_LEVELS - 1)
    below = round(-low / step)
    return -below * step, (_LEVELS - 1 - below) * step


def _convolutions(model: Any) -> list[Any]:
    """Those whose weights are constants."""
    return [
        node
        for node in model.get_ordered_ops()
        if node.get_type_name() in _CONVOLUTIONS and _constant(node) is not None
    ]


def _constant(node: Any) -> Any | None:
    """What a convolution's weights come from, through conversions."""
    source = node.input_value(1).get_node()
    while source.get_type_name() == "Convert":
        source = source.input_value(0).get_node()
    return source if source.get_type_name() == "Constant" else None


def _weights(node: Any) -> NDArray[np.float32]:
    constant = _constant(node)
    assert constant is not None
    return np.asarray(constant.get_data(), np.float32)


def _digest(node: Any) -> str:
    """Of a convolution's weights."""
    weights = np.ascontiguousarray(_weights(node))
    digest = hashlib.sha256(repr(weights.shape).encode())
    digest.update(weights.tobytes())
    return digest.hexdigest()[:16]
