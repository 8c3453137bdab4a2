"""Opening ONNX files that anybody may have made.

A file is parsed and looked through before anything runs it: its size, the operations it wants
(those of ONNX and onnxruntime alone, never a library of its own), and where its weights lie
(in itself, or in files of its own folder).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framesift.detectors.onnx.runtime import loads
from framesift.detectors.onnx.trial import try_out
from framesift.errors import InputError

MOST_BYTES = 2_000_000_000
"""A model in one piece cannot be larger (protobuf), weights beside it included."""
DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"})
"""Sets of operations that onnxruntime itself brings."""
DEEPEST = 20


def read_model(path: Path) -> bytes:
    """The bytes of a checked model, weights included, fit for onnxruntime.

    Raises InputError, one sentence, for a file that is missing, too large, damaged, no model,
    wants operations of its own, or weights outside its folder.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}; give an ONNX detector.")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(
            f"The file {path.name} is larger than {MOST_BYTES // 10**9} GB, more "
            "than a model in one piece can be; export a smaller one."
        )
    import onnx

    damaged = InputError(
        f"The file {path.name} is no readable ONNX model: it is damaged, cut "
        "short or of another kind; get it again."
    )
    try:
        content = path.read_bytes()
        model = onnx.load_model_from_string(content)
    except OSError as error:
        raise InputError(
            f"The file {path} cannot be read ({error.strerror}); check its permissions."
        ) from error
    except Exception as error:  # whatever a damaged file makes protobuf raise
        raise damaged from error
    if not model.graph.node or not model.graph.output:
        raise damaged
    _check_operations(path, model)
    if _take_in_weights(path, model):
        content = model.SerializeToString()
    try_out(path.name, content)
    try:
        onnx.checker.check_model(content)
    except Exception as error:  # the checker's own errors, and protobuf's
        # It refuses some files in half precision that onnxruntime runs well.
        if not loads(content):
            raise damaged from error
    return content


def _graphs(graph: Any, depth: int = 0) -> Iterator[Any]:
    """A graph and those inside its nodes (of If, Loop, Scan)."""
    if depth > DEEPEST:
        raise InputError("The model's graphs lie too deep in one another; export it again.")
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _graphs(attribute.g, depth + 1)
            for inner in attribute.graphs:
                yield from _graphs(inner, depth + 1)


def _check_operations(path: Path, model: Any) -> None:
    defined = {(function.domain, function.name) for function in model.functions}
    bodies = [
        *_graphs(model.graph),
        *(g for function in model.functions for g in _graphs(function)),
    ]
    for body in bodies:
        for node in body.node:
            if node.domain not in DOMAINS and (node.domain, node.op_type) not in defined:
                raise InputError(
                    f"The model {path.name} wants an operation of its own "
                    f"({node.domain[:40]}.{node.op_type[:40]}), which only a foreign library "
                    "could run; export it without custom operations."
                )


def _tensors(model: Any) -> Iterator[Any]:
    bodies = [
        *_graphs(model.graph),
        *(g for function in model.functions for g in _graphs(function)),
    ]
    for body in bodies:
        yield from getattr(body, "initializer", ())
        for sparse in getattr(body, "sparse_initializer", ()):
            yield from (sparse.values, sparse.indices)
        for node in body.node:
            for attribute in node.attribute:
                yield from (attribute.t, *attribute.tensors)


def _take_in_weights(path: Path, model: Any) -> bool:
    """Reads weights that lie in files beside the model into it; whether there were any."""
    import onnx
    from onnx import TensorProto

    external = [
        tensor for tensor in _tensors(model) if tensor.data_location == TensorProto.EXTERNAL
    ]
    if not external:
        return False
    folder = path.parent.resolve()
    total = path.stat().st_size
    for name in {
        entry.value
        for tensor in external
        for entry in tensor.external_data
        if entry.key == "location"
    }:
        place = folder / name
        if (
            Path(name).is_absolute()
            or place.is_symlink()
            or not place.resolve().is_relative_to(folder)
        ):
            raise InputError(
                f"The model {path.name} wants weights from outside its folder "
                f"({name[:80]!r}), which is not allowed; put them beside it."
            )
        if not place.is_file():
            raise InputError(
                f"The model {path.name} wants its weights from {name[:80]!r}, "
                "which is not beside it; copy both files."
            )
        total += place.stat().st_size
    if total > MOST_BYTES:
        raise InputError(
            f"The model {path.name} and its weights are larger than "
            f"{MOST_BYTES // 10**9} GB; export a smaller one."
        )
    try:
        onnx.load_external_data_for_model(model, str(folder))
    except Exception as error:  # sizes and offsets that lie
        raise InputError(
            f"The weights beside {path.name} do not fit it; they are damaged or "
            "cut short, so get both again."
        ) from error
    return True
