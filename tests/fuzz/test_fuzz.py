"""A short campaign over each kind; `python -m tests.fuzz` makes long ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz.campaign import campaign
from tests.fuzz.samples import NAMES, STRUCTURAL

FORGIVING = {"transport-stream", "mot", "labels-csv"}
"""Formats of which a damaged part costs that part alone."""


@pytest.mark.parametrize("kind", NAMES)
def test_mutated_files(kind: str, tmp_path: Path) -> None:
    found = campaign(kind, tmp_path, 20)
    assert not found.failures, "\n".join(found.failures)
    assert sum(found.outcomes.values()) == 20 + len(STRUCTURAL[kind])
    assert found.outcomes["refused"] > len(STRUCTURAL[kind]) - (kind in FORGIVING)
