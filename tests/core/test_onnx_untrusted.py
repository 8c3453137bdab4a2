"""ONNX files that must be refused with one sentence, and nothing of theirs run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_models
import pytest
from onnx import TensorProto, helper, numpy_helper

from framesift.detectors.files.checkpoint import load_checkpoint, load_detector
from framesift.detectors.onnx import runtime, trial, untrusted
from framesift.errors import EnvironmentProblem, FramesiftError, InputError
from framesift.product.processes import command_for

FLOAT = TensorProto.FLOAT


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path: Path = onnx_models.yolo(tmp_path / "good.onnx", objectness=False)
    return path


def refused(
    path: Path, words: str, kind: type[FramesiftError] = InputError, **options: Any
) -> None:
    for load in (
        lambda: load_detector(path, "cpu", **options),
        lambda: (
            load_checkpoint(path) if not options else load_detector(str(path), "cpu", **options)
        ),
    ):
        with pytest.raises(kind, match=words) as caught:
            load()
        sentence = str(caught.value)
        assert "\n" not in sentence
        assert sentence.endswith(".")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_cut_files(good: Path, share: float) -> None:
    data = good.read_bytes()
    good.write_bytes(data[: int(len(data) * share)])
    refused(good, "no readable ONNX model|no model that onnxruntime can run")


@pytest.mark.parametrize("content", [b"hello", b"\xff" * 100, b"\0" * 64, b"\x80\x04."])
def test_files_of_another_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    refused(path, "no readable ONNX model")
    refused(tmp_path / "none.onnx", "There is no file")
    (tmp_path / "folder.onnx").mkdir()
    refused(tmp_path / "folder.onnx", "There is no file")


def test_too_large_files(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrusted, "MOST_BYTES", 1000)
    refused(good, "larger than")


def custom(path: Path, *, inside: bool = False) -> Path:
    graph = onnx_models.Graph()
    if inside:
        branch = onnx_models.Graph()
        branch.add("Wild", "images", out="o1", domain="evil.ops")
        value = helper.make_tensor_value_info("o1", FLOAT, None)
        body = helper.make_graph(branch.nodes, "body", [], [value])
        graph.add(
            "If",
            graph.constant(True, np.bool_),
            out="output0",
            then_branch=body,
            else_branch=body,
        )
    else:
        graph.add("Wild", "images", out="output0", domain="evil.ops")
    found: Path = onnx_models.write(
        path, graph, {"images": (FLOAT, [1, 3, 96, 160])}, {"output0": 3}, {}, [("evil.ops", 1)]
    )
    return found


@pytest.mark.parametrize("inside", [False, True])
def test_operations_of_its_own(tmp_path: Path, inside: bool) -> None:
    refused(custom(tmp_path / "wild.onnx", inside=inside), r"evil\.ops\.Wild")


def test_weights_outside_its_folder(good: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    outside = tmp_path / "outside.bin"
    model = onnx.load(str(good))
    largest = max(model.graph.initializer, key=lambda one: len(one.raw_data))
    outside.write_bytes(largest.raw_data)
    (inner / "link.bin").symlink_to(outside)
    (inner / "beside.bin").write_bytes(largest.raw_data)
    (inner / "short.bin").write_bytes(largest.raw_data[:-4])
    length = len(largest.raw_data)
    plain = load_detector(good, "cpu")

    def pointed(location: str) -> Path:
        changed = onnx.load(str(good))
        one = next(i for i in changed.graph.initializer if i.name == largest.name)
        one.ClearField("raw_data")
        one.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", "0"), ("length", str(length))):
            entry = one.external_data.add()
            entry.key, entry.value = key, value
        path = inner / "model.onnx"
        path.write_bytes(changed.SerializeToString())
        return path

    for location in ("../outside.bin", str(outside), "link.bin", "/etc/passwd"):
        refused(pointed(location), "from outside its folder")
    refused(pointed("missing.bin"), "not beside it")
    refused(pointed("short.bin"), "do not fit it|no readable|cannot|can run")
    found = load_detector(pointed("beside.bin"), "cpu")
    frames = np.random.default_rng(0).integers(0, 255, (1, 64, 96, 3), np.uint8)
    assert np.array_equal(found.maps(frames), plain.maps(frames))
    before = found.identity()
    (inner / "beside.bin").write_bytes(bytes(length))
    assert load_detector(inner / "model.onnx", "cpu").identity() != before


def made(
    path: Path,
    shape: list[int | None],
    out: tuple[int, ...],
    *,
    kind: int = FLOAT,
    inputs: int = 1,
    value: float = 0.0,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A model that gives a constant."""
    graph = onnx_models.Graph()
    graph.add("Identity", graph.constant(np.full(out, value)), out="output0")
    found: Path = onnx_models.write(
        path,
        graph,
        {f"in{n}": (kind, shape) for n in range(inputs)},
        {"output0": len(out)},
        metadata or {},
    )
    return found


@pytest.mark.parametrize(
    ("shape", "out", "options", "words"),
    [
        ([1, 3, 96, 160], (1, 10), {}, "are none that can be read"),
        ([1, 3, 96, 160], (1, 84, 999), {}, "are none that can be read"),
        ([1, 3, 96, 160], (1, 7, 315), {"inputs": 2}, "has 2 inputs"),
        ([1, 4, 96, 160], (1, 7, 315), {}, "takes pictures N×3"),
        ([1, 96, 160, 3], (1, 7, 315), {}, "takes pictures N×3"),
        ([3], (1, 7, 315), {}, "takes pictures N×3"),
        ([1, 3, 96, 160], (1, 7, 315), {"kind": TensorProto.INT64}, "takes pictures N×3"),
        ([1, 3, 96, 100_000], (1, 7, 315), {}, "a size that no video has"),
        ([100_000, 3, 96, 160], (1, 7, 315), {}, "a size that no video has"),
        ([1, 3, 96, 160], (1, 7, 315), {"value": float("nan")}, "numbers that are none"),
        ([1, 3, 96, 160], (1, 7, 315), {"metadata": {"task": "obb"}}, "upright boxes"),
        (
            [1, 3, 96, 160],
            (1, 7, 315),
            {"metadata": {"names": "{0: 'a', 1: 'b', 2: 'c', 3: 'd'}"}},
            "are none that can be read",
        ),
    ],
)
def test_wrong_inputs_and_outputs(
    tmp_path: Path,
    shape: list[int | None],
    out: tuple[int, ...],
    options: dict[str, Any],
    words: str,
) -> None:
    refused(made(tmp_path / "m.onnx", shape, out, **options), words)


def test_a_graph_that_contradicts_itself(tmp_path: Path) -> None:
    graph = onnx_models.Graph()
    graph.add("MatMul", "images", graph.constant(np.zeros((7, 7))), out="output0")
    path = onnx_models.write(
        tmp_path / "m.onnx", graph, {"images": (FLOAT, [1, 3, 96, 160])}, {"output0": 4}, {}
    )
    refused(path, "can run|does not take pictures")
    graph = onnx_models.Graph()
    graph.add("Relu", "nowhere", out="output0")
    path = onnx_models.write(
        tmp_path / "n.onnx", graph, {"images": (FLOAT, [1, 3, 96, 160])}, {"output0": 4}, {}
    )
    refused(path, "no readable ONNX model|can run")


@pytest.mark.parametrize(
    "about",
    [
        "",
        "{",
        "[]",
        "5",
        "[" * 100_000,
        '{"version": 1}',
        '{"version": 9, "architecture": "paper", "classes": ["a"], "settings": {}, "name": "", '
        '"lineage": {}}',
        '{"version": 1, "architecture": "os.system", "classes": ["a"], '
        '"settings": {}, "name": "", '
        '"lineage": {}}',
        '{"version": 1, "architecture": "paper", "classes": ["a", "a"], "settings": {}, '
        '"name": "", "lineage": {}}',
        '{"version": 1, "architecture": "paper", "classes": ["a"], "settings": {"width": 1e9}, '
        '"name": "", "lineage": {}}',
        '{"version": 1, "architecture": "paper", "classes": ["a"], "settings": '
        '{"width": 0.125}, '
        '"name": "", "lineage": {}}',
    ],
)
def test_metadata_of_ours_that_lies(tmp_path: Path, about: str) -> None:
    refused(
        made(tmp_path / "m.onnx", [1, 3, 96, 160], (1, 7, 315), metadata={"framesift": about}),
        "rightly|newer|lacks|cannot be used|are not those",
    )


@pytest.mark.timeout(600)
def test_exported_files_with_other_heads(exported_paper: Path, tmp_path: Path) -> None:
    model = onnx.load(str(exported_paper))
    for entry in model.metadata_props:
        if entry.key == "framesift":
            entry.value = entry.value.replace('"pedestrian", "car"', '"pedestrian"')
    path = tmp_path / "other.onnx"
    path.write_bytes(model.SerializeToString())
    refused(path, "are not those of the 'paper' detector")
    model = onnx.load(str(exported_paper))
    model.graph.initializer.append(numpy_helper.from_array(np.zeros((1, 1), np.float32), "x"))
    del model.graph.output[3:]
    path.write_bytes(model.SerializeToString())
    refused(path, "are not those of the 'paper' detector")


def test_devices_and_precisions(good: Path) -> None:
    for precision in ("bfloat16", "float16"):
        with pytest.raises(InputError, match="precision that it was exported in"):
            load_detector(good, "cpu", precision=precision)
    with pytest.raises(EnvironmentProblem, match="choose --device cpu"):
        load_detector(good, "mps")
    assert load_detector(good, "auto").precision == "float32"


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
def test_without_onnxruntime_there_is_a_sentence(
    good: Path,
    missing: str,
    monkeypatch: pytest.MonkeyPatch,
    small_drive: Path,
    command: Callable[..., str],
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    runtime.why_no_onnx.cache_clear()
    try:
        with pytest.raises(EnvironmentProblem, match=r"pip install .framesift\[onnx\]"):
            load_detector(good, "cpu")
        said = command("select", small_drive, "--detector", good, status=3)
        assert f"{missing} is not installed" in said
    finally:
        runtime.why_no_onnx.cache_clear()


def test_an_onnxruntime_that_is_broken_is_a_sentence(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    monkeypatch.delattr(onnxruntime, "InferenceSession")
    runtime.why_no_onnx.cache_clear()
    try:
        with pytest.raises(EnvironmentProblem, match="cannot be imported"):
            load_detector(good, "cpu")
    finally:
        runtime.why_no_onnx.cache_clear()


def without_end(path: Path) -> Path:
    """A loop of 2⁶² rounds."""
    body = helper.make_graph(
        [helper.make_node("Identity", [n], [f"{n}2"]) for n in ("go", "x")],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go2", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x2", FLOAT, None),
        ],
    )
    graph = onnx_models.Graph()
    rounds, go = graph.constant(2**62, np.int64), graph.constant(True, np.bool_)
    graph.add("Loop", rounds, go, "images", out="output0", body=body)
    inputs = {"images": (FLOAT, [1, 3, 96, 160])}
    found: Path = onnx_models.write(path, graph, inputs, {"output0": 4}, {})
    return found


def gigabytes(path: Path) -> Path:
    """Forty of them, out of a few hundred bytes."""
    graph = onnx_models.Graph()
    graph.add("ConstantOfShape", graph.constant([100_000, 100_000], np.int64), out="output0")
    inputs = {"images": (FLOAT, [1, 3, 96, 160])}
    found: Path = onnx_models.write(path, graph, inputs, {"output0": 2}, {})
    return found


def test_what_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SECONDS", 1.0)
    refused(without_end(tmp_path / "loop.onnx"), "does not end with a picture")


def test_gigabytes_out_of_nothing(tmp_path: Path) -> None:
    refused(gigabytes(tmp_path / "large.onnx"), "wants more than 768 MB of memory")


def test_a_model_is_tried_once(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(subcommand: str) -> list[str]:
        calls.append(subcommand)
        return command_for(subcommand)

    monkeypatch.setattr(trial, "command_for", counted)
    monkeypatch.setattr(trial, "_known", set())
    model = onnx.load(str(good))
    model.doc_string = "never seen before"
    onnx.save(model, str(good))
    for _ in range(2):
        load_detector(good, "cpu")
        trial._known.clear()
    assert calls == ["try-onnx"]


def test_names_that_are_no_text(good: Path) -> None:
    model = onnx.load(str(good))
    model.doc_string = "a" * 40
    entry = model.metadata_props.add()
    entry.key, entry.value = "key", "b" * 40
    data = model.SerializeToString()
    good.write_bytes(data.replace(b"b" * 40, b"b" * 39 + b"\xa7"))
    refused(good, "names that are no text|no readable ONNX model")
