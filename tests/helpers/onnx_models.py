"""Tiny ONNX detectors with the true layouts of others' exports, made of averages of cells.

At each stride the picture's cells are averaged, and a 1×1 convolution with fixed random weights
makes predictions of them: local, deterministic, and quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)
OPSET = 17


class Graph:
    """Nodes one after the other; `add` gives the name of the new node's output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, op: str, *inputs: str, out: str | None = None, **attributes: Any) -> str:
        name = out or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name


def _level(graph: Graph, stride: int, channels: int, rng: np.random.Generator) -> str:
    """N×channels×h×w in logits, of the mean colours of stride×stride cells."""
    pooled = graph.add("AveragePool", "images", kernel_shape=[stride] * 2, strides=[stride] * 2)
    weights = graph.constant(rng.normal(0, 6, (channels, 3, 1, 1)))
    bias = graph.constant(rng.normal(-3, 1, channels))
    return graph.add("Conv", pooled, weights, bias)


def _places(graph: Graph, level: str, stride: int) -> tuple[str, str]:
    """N×1×h×w of x and y: the cells' middles, in pixels."""
    first = graph.add(
        "Slice",
        level,
        graph.constant([0], np.int64),
        graph.constant([1], np.int64),
        graph.constant([1], np.int64),
    )
    ones = graph.add("Add", graph.add("Mul", first, graph.constant(0.0)), graph.constant(1.0))
    found = []
    for axis in (3, 2):
        count = graph.add("CumSum", ones, graph.constant(axis, np.int64))
        middle = graph.add("Sub", count, graph.constant(0.5))
        found.append(graph.add("Mul", middle, graph.constant(float(stride))))
    return found[0], found[1]


def yolo(
    path: Path,
    *,
    objectness: bool,
    classes: Sequence[str] | int = ("pedestrian", "car"),
    size: tuple[int | None, int | None] = (None, None),
    batch: int | None = None,
    extra: int = 0,
    kind: int = TensorProto.FLOAT,
    metadata: dict[str, str] | None = None,
    seed: int = 0,
) -> Path:
    """Writes a YOLO: v5's N×A×(5+C) with `objectness` (three anchors a cell), else v8's
    N×(4+C)×A, with `extra` rows behind the classes. `classes`: a number leaves out names."""
    rng, graph = np.random.default_rng(seed), Graph()
    number = classes if isinstance(classes, int) else len(classes)
    anchors, head = (3, 1 + number) if objectness else (1, number + extra)
    if kind != TensorProto.FLOAT:
        cast = graph.add("Cast", "pictures", to=TensorProto.FLOAT)
        scale = 1 / 255 if kind == TensorProto.UINT8 else 1.0
        graph.add("Mul", cast, graph.constant(scale), out="images")
    parts = []
    for stride in STRIDES:
        boxes = []
        for anchor in range(anchors):
            level = _level(graph, stride, head, rng)
            x, y = _places(graph, level, stride)
            sides = [
                graph.add(
                    "Add",
                    graph.add("Mul", x, graph.constant(0.0)),
                    graph.constant(stride * (anchor + shape)),
                )
                for shape in (2, 4)
            ]
            joined = graph.add("Concat", x, y, *sides, graph.add("Sigmoid", level), axis=1)
            flat = graph.add("Reshape", joined, graph.constant([0, 4 + head, -1], np.int64))
            boxes.append(flat)
        parts += boxes
    last = graph.add("Concat", *parts, axis=2, out=None if objectness else "output0")
    if objectness:
        graph.add("Transpose", last, out="output0", perm=[0, 2, 1])
    meta = dict(metadata or {})
    if not isinstance(classes, int):
        meta.setdefault("names", repr(dict(enumerate(classes))))
    picture = "images" if kind == TensorProto.FLOAT else "pictures"
    return write(path, graph, {picture: (kind, [batch, 3, *size])}, {"output0": 3}, meta)


def end_to_end(
    path: Path,
    *,
    lists: bool,
    classes: Sequence[str] = ("pedestrian", "car"),
    size: tuple[int | None, int | None] = (None, None),
) -> Path:
    """Writes a model that gives two boxes, whose scores follow the picture's colours: one
    table N×2×6, or (`lists`) boxes, labels and scores of a single picture 3×H×W."""
    graph = Graph()
    picture = "images"
    if lists:
        picture = graph.add("Unsqueeze", "images", graph.constant([0], np.int64))
    mean = graph.add("ReduceMean", picture, axes=[2, 3], keepdims=0)
    weights = graph.constant(np.array([[8.0, -6.0], [-6.0, 3.0], [1.0, 2.0]]))
    scores = graph.add("Sigmoid", graph.add("MatMul", mean, weights))
    boxes = np.array([[[4, 6, 20, 60], [30, 8, 90, 70]]])
    nought = graph.add(
        "Unsqueeze",
        graph.add("Mul", scores, graph.constant(0.0)),
        graph.constant([2], np.int64),
    )
    place = graph.add("Add", nought, graph.constant(boxes))
    label = graph.add("Add", nought, graph.constant([[[0.0], [1.0]]]))
    if lists:
        first = graph.constant([0], np.int64)
        graph.add("Squeeze", place, first, out="boxes")
        flat = graph.add("Squeeze", label, graph.constant([0, 2], np.int64))
        graph.add("Cast", flat, out="labels", to=TensorProto.INT64)
        graph.add("Squeeze", scores, first, out="scores")
        outputs: dict[str, Any] = {"boxes": 2, "labels": (1, TensorProto.INT64), "scores": 1}
        shape: list[int | None] = [3, *size]
    else:
        column = graph.add("Unsqueeze", scores, graph.constant([2], np.int64))
        graph.add("Concat", place, column, label, out="output0", axis=2)
        outputs, shape = {"output0": 3}, [None, 3, *size]
    return write(
        path,
        graph,
        {"images": (TensorProto.FLOAT, shape)},
        outputs,
        {"names": repr(dict(enumerate(classes)))},
    )


def write(
    path: Path,
    graph: Graph,
    inputs: dict[str, Any],
    outputs: dict[str, Any],
    metadata: dict[str, str],
    domains: Sequence[tuple[str, int]] = (),
) -> Path:
    """Writes a graph. Inputs: (element type, shape); outputs: rank, or (rank, type)."""
    made_inputs = [
        helper.make_tensor_value_info(
            name, kind, [f"d{n}" if side is None else side for n, side in enumerate(shape)]
        )
        for name, (kind, shape) in inputs.items()
    ]
    made_outputs = []
    for name, about in outputs.items():
        rank, kind = about if isinstance(about, tuple) else (about, TensorProto.FLOAT)
        made_outputs.append(
            helper.make_tensor_value_info(name, kind, [f"{name}{n}" for n in range(rank)])
        )
    model = helper.make_model(
        helper.make_graph(graph.nodes, "tiny", made_inputs, made_outputs, graph.constants),
        opset_imports=[
            helper.make_opsetid("", OPSET),
            *(helper.make_opsetid(*one) for one in domains),
        ],
        ir_version=9,
    )
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save_model(model, str(path))
    return path
