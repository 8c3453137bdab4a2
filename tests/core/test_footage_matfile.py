"""MATLAB files: what SciPy writes comes back, and what nobody should have written is
refused."""

from __future__ import annotations

import contextlib
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.io import savemat

from framesift.datasets.matfile import DEEPEST, Cell, Struct, Value, read_mat
from framesift.errors import InputError

TYPES = [
    np.float64,
    np.float32,
    np.uint8,
    np.int8,
    np.uint16,
    np.int16,
    np.uint32,
    np.int32,
    np.bool_,
]
numbers = st.sampled_from(TYPES).flatmap(
    lambda kind: arrays(
        kind,
        array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=4),
        elements={"allow_nan": False} if np.issubdtype(kind, np.floating) else None,
    )
)
text = st.text(
    st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=12
).filter(lambda s: s.strip())
leaf = numbers | text


def cell(values: list[Any]) -> np.ndarray:
    array = np.empty((1, len(values)), object)
    for place, value in enumerate(values):
        array[0, place] = value
    return array


trees = st.recursive(
    leaf,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(cell)
        | st.dictionaries(
            st.sampled_from(["id", "pos", "occl", "a_long_name"]), inner, min_size=1, max_size=3
        )
    ),
    max_leaves=8,
)


def same(ours: Value, theirs: Any) -> bool:
    if isinstance(theirs, str):
        return ours == theirs
    if isinstance(theirs, dict):
        return (
            isinstance(ours, Struct)
            and len(ours.elements) == 1
            and ours.elements[0].keys() == theirs.keys()
            and all(same(ours.elements[0][key], value) for key, value in theirs.items())
        )
    if theirs.dtype == object:
        return (
            isinstance(ours, Cell)
            and len(ours.values) == theirs.size
            and all(map(same, ours.values, theirs.ravel(order="F")))
        )
    return (
        isinstance(ours, np.ndarray)
        and ours.shape == theirs.shape
        and np.array_equal(ours, theirs.astype(np.float64))
    )


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tree=trees, packed=st.booleans())
def test_what_scipy_writes_comes_back(tree: Any, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"A": tree, "other": 1.5}, do_compression=packed)
    found = read_mat(path)
    assert set(found) == {"A", "other"}
    assert same(found["A"], tree)


def test_struct_arrays(tmp_path: Path) -> None:
    array = np.zeros((1, 3), [("id", object), ("pos", object)])
    for place in range(3):
        array[0, place] = (float(place), np.array([[1.0, 2.0, 3.0, place]]))
    savemat(tmp_path / "a.mat", {"A": array})
    found = read_mat(tmp_path / "a.mat")["A"]
    assert isinstance(found, Struct)
    for place, element in enumerate(found.elements):
        assert element["id"] == place  # type: ignore[comparison-overlap]
        assert np.array_equal(element["pos"], [[1, 2, 3, place]])  # type: ignore[arg-type]


def test_what_label_files_do_not_hold_is_none(tmp_path: Path) -> None:
    from scipy.sparse import csc_matrix

    savemat(
        tmp_path / "a.mat",
        {
            "sparse": csc_matrix([[1.0, 0], [0, 2]]),
            "complex": np.array([[1 + 2j]]),
            "rows": np.array(["one", "two"]),
            "plain": 3.0,
        },
    )
    found = read_mat(tmp_path / "a.mat")
    assert [found[name] for name in ("sparse", "complex", "rows")] == [None] * 3
    assert found["plain"] == 3.0  # type: ignore[comparison-overlap]


# From here on files are written byte by byte.
HEAD = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"


def element(kind: int, data: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(
    own: int, shape: tuple[int, ...], body: bytes, name: bytes = b"", order: str = "<"
) -> bytes:
    return element(
        14,
        element(6, struct.pack(f"{order}II", own, 0), order)
        + element(5, struct.pack(f"{order}{len(shape)}i", *shape), order)
        + element(1, name, order)
        + body,
        order,
    )


ONE = matrix(6, (1, 1), element(9, struct.pack("<d", 1.0)))


def refused(tmp_path: Path, data: bytes, match: str) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(data)
    with pytest.raises(InputError, match=match) as caught:
        read_mat(path)
    assert str(path) in str(caught.value)


def test_the_other_byte_order(tmp_path: Path) -> None:
    numbers = matrix(6, (1, 2), element(3, struct.pack(">2h", 7, -300), ">"), b"A", ">")
    short = struct.pack(">HH", 2, 4) + "é".encode("utf-16-be") + bytes(2)
    path = tmp_path / "a.mat"
    path.write_bytes(
        HEAD[:124]
        + struct.pack(">H", 0x0100)
        + b"MI"
        + numbers
        + matrix(4, (1, 1), short, b"B", ">")
    )
    found = read_mat(path)
    assert np.array_equal(found["A"], [[7, -300]])  # type: ignore[arg-type]
    assert found["B"] == "é"


def test_nesting_is_bounded(tmp_path: Path) -> None:
    value = ONE
    for _ in range(DEEPEST):
        value = matrix(1, (1, 1), value)
    path = tmp_path / "a.mat"
    path.write_bytes(HEAD + value)
    assert list(read_mat(path)) == [""]
    refused(tmp_path, HEAD + matrix(1, (1, 1), value), "deep")
    # Sizes that lie: each cell claims to be as short as its own head.
    head = matrix(1, (1, 1), b"")
    refused(tmp_path, HEAD + element(14, (head * 20_000)[8:]), "damaged")


def test_packed_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framesift.datasets.matfile.LARGEST_CONTENT", 1 << 20)
    big = matrix(6, (1, 1 << 18), element(9, bytes(8 << 18)), b"A")
    refused(tmp_path, HEAD + element(15, zlib.compress(big)), "unpacks to more")
    monkeypatch.setattr("framesift.datasets.matfile.LARGEST_FILE", 100)
    refused(tmp_path, HEAD + ONE, "larger than any")


def test_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framesift.datasets.matfile.MOST_VALUES", 10)
    refused(tmp_path, HEAD + matrix(1, (1, 11), ONE * 11, b"A"), "more values")


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "no MATLAB file"),
        (b"PK" * 100, "no MATLAB file"),
        (b"MATLAB 7.3 MAT-file".ljust(600), "version 7.3"),
        (HEAD + ONE[:-9], "cut off"),
        (HEAD + element(15, b"not packed at all"), "does not unpack"),
        (HEAD + element(15, zlib.compress(b"")), "cut off"),
        (HEAD + matrix(6, (-1, 2), b""), "impossible size"),
        (HEAD + matrix(6, (1 << 20, 1 << 20), b""), "impossible size"),
        (HEAD + matrix(6, (2,), b""), "no size"),
        (HEAD + matrix(6, (2, 2), element(9, bytes(8))), "not as many numbers"),
        (HEAD + matrix(6, (1, 1), element(77, bytes(8))), "unknown type"),
        (HEAD + matrix(1, (1, 2), ONE), "cut off"),
        (HEAD + matrix(1, (1, 1), element(9, bytes(8))), "something else"),
        (HEAD + matrix(1, (1, 1), struct.pack("<II", 14, 1 << 30)), "beyond its end"),
        (
            HEAD + matrix(2, (1, 9), element(5, struct.pack("<i", 8)) + element(1, b"")),
            "no fields",
        ),
        (HEAD + matrix(2, (1, 1), element(5, struct.pack("<i", 0)) + element(1, b"a")), "cut"),
        (HEAD + element(14, element(6, b"")), "no flags"),
        (HEAD + matrix(6, (1, 1), struct.pack("<I", 9 | 8 << 16) + bytes(4)), "too long"),
    ],
)
def test_refused(data: bytes, match: str, tmp_path: Path) -> None:
    refused(tmp_path, data, match)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    places=st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6
    ),
    cut=st.integers(0, 400),
)
def test_any_damage_is_read_or_refused(
    places: list[tuple[int, int]], cut: int, tmp_path: Path
) -> None:
    good = HEAD + matrix(
        1,
        (1, 2),
        ONE + matrix(2, (1, 1), element(5, struct.pack("<i", 4)) + element(1, b"id\0\0") + ONE),
        b"A",
    )
    data = bytearray(good[: len(good) - cut] if cut < 100 else good)
    for at, value in places:
        if len(data) > 128:
            data[128 + at % (len(data) - 128)] = value
    path = tmp_path / "a.mat"
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        read_mat(path)
