"""What a label file's MATLAB values have to be. A BadValueError says what is wrong with one;
whoever reads the file adds file and place (`formats.checks.at`)."""

from __future__ import annotations

import numpy as np

from framesift.datasets.matfile import Cell, Numbers, Struct, Value
from framesift.formats.checks import LIMIT, BadValueError


def cells(value: Value) -> tuple[Value, ...]:
    """The values of a cell array; an empty matrix has none."""
    if isinstance(value, np.ndarray) and not value.size:
        return ()
    if not isinstance(value, Cell):
        raise BadValueError("something else stands where a cell array is due")
    return value.values


def structs(value: Value, *fields: str) -> tuple[dict[str, Value], ...]:
    """The elements of a struct array, which have these fields; an empty matrix has none."""
    if isinstance(value, np.ndarray) and not value.size:
        return ()
    if not isinstance(value, Struct):
        raise BadValueError("something else stands where a struct is due")
    for element in value.elements:
        for name in fields:
            if name not in element:
                raise BadValueError(f"a struct has no field “{name}”")
    return value.elements


def one_struct(value: Value, *fields: str) -> dict[str, Value]:
    """The only element of a struct."""
    elements = structs(value, *fields)
    if len(elements) != 1:
        raise BadValueError(f"{len(elements)} structs stand where one is due")
    return elements[0]


def table(value: Value, columns: int) -> Numbers:
    """float64 N×columns, finite and no larger than a coordinate may be; an empty matrix has no
    row."""
    if not isinstance(value, np.ndarray):
        raise BadValueError("something else stands where numbers are due")
    if not value.size:
        return np.zeros((0, columns))
    if value.ndim != 2 or value.shape[1] != columns:
        raise BadValueError(f"there are {value.shape[-1]} columns where {columns} are due")
    if not (np.abs(value) <= LIMIT).all():  # NaN fails this as well
        raise BadValueError("a number is out of range")
    return value


def row(value: Value, count: int) -> list[float]:
    """`count` numbers in a row."""
    numbers = table(value, count)
    if len(numbers) != 1:
        raise BadValueError(f"{len(numbers)} rows of numbers stand where one is due")
    return [float(number) for number in numbers[0]]


def whole(value: Value, low: int, high: int) -> int:
    """A whole number in [low, high]."""
    (number,) = row(value, 1)
    if number != int(number) or not low <= number <= high:
        raise BadValueError(
            f"{number:g} stands where a whole number from {low} to {high} is due"
        )
    return int(number)


def string(value: Value) -> str:
    """Text."""
    if not isinstance(value, str):
        raise BadValueError("something else stands where text is due")
    return value
