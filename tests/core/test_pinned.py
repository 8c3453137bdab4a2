"""What the public doors give stays what it was: the values of tests/pinned/expected.json.

Floats may be off by a ten-thousandth (other processors round otherwise); picks, ranks and
counts may not. A change that means to change them writes them anew and says why:

    python tests/pinned/renew.py

Whether two commits agree to the last bit on one machine: `python tests/pinned/compare.py`.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from doors import DOORS, Stage, make_stage

FILE = Path(__file__).resolve().parents[1] / "pinned" / "expected.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return make_stage(tmp_path_factory.mktemp("pinned") / "stage")


def test_every_door_has_its_values() -> None:
    assert list(EXPECTED) == list(DOORS)


@pytest.mark.parametrize("door", DOORS)
def test_what_a_door_gives_is_what_it_gave(door: str, stage: Stage) -> None:
    made = json.loads(json.dumps(DOORS[door](stage).pinned))
    assert not (off := differences(EXPECTED[door], made)), off[:10]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ({"z": 1.0}, {"z": 1.00005}, 0),
        ({"z": 1.0}, {"z": 1.0005}, 1),
        ({"frame": 4}, {"frame": 5}, 1),
        ({"frame": 4}, {"frame": 4, "more": None}, 1),
        ([1, 2], [1], 1),
        ({"z": 0.0}, {"z": None}, 1),
        ([True], [1], 1),
    ],
)
def test_differences_are_seen(before: Any, after: Any, count: int) -> None:
    assert len(differences(before, after)) == count


def test_a_row_of_a_benchmark_keeps_its_keys() -> None:
    from framesift.bench import Row

    row = Row("select", 12.5, "ms", "200 series", 0.5, 0.4, "sorting")
    assert row.document() == {
        "name": "select",
        "value": 12.5,
        "unit": "ms",
        "against": "200 series",
        "ratio": 0.5,
        "cpu_ratio": 0.4,
        "bounded_by": "sorting",
        "peer": "",
    }


def differences(before: Any, after: Any, place: str = "") -> list[str]:
    """Where two JSON values differ by more than the tolerance of floats."""
    if type(before) is type(after) is dict and before.keys() == after.keys():
        parts = [differences(before[key], after[key], f"{place}/{key}") for key in before]
    elif type(before) is type(after) is list and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        parts = [differences(*pair, f"{place}/{at}") for at, pair in pairs]
    elif type(before) is type(after) is float:
        near = math.isclose(before, after, rel_tol=TOLERANCE, abs_tol=1e-12)
        parts = [] if near else [[f"{place} was {before}, is {after}"]]
    else:
        same = type(before) is type(after) and before == after
        parts = [] if same else [[f"{place} was {before!r}, is {after!r}"]]
    return [one for part in parts for one in part]
