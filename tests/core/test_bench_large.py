"""The bench's rows about large projects, with a small one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from framesift.bench.large_rows import FRAMES, Amount, large_rows
from framesift.project import Project


def test_each_row_is_of_a_project_that_holds_what_it_says(tmp_path: Path) -> None:
    rows = list(large_rows(tmp_path, Amount(videos=2, labels=6, pictures=5)))
    assert [row.name.removeprefix("large: ") for row in rows] == [
        *("open", "status", "labels", "load", "smooth", "select", "select again", "folder")
    ]
    assert all(row.value > 0 and row.cpu_ratio is not None for row in rows)
    assert rows[0].against.startswith("10,000 scored frames, 6 labels, 2 videos")
    with Project.open(tmp_path / "project", readonly=True) as project:
        status = project.status()
        assert (status.videos, status.frames, status.scored) == (2, 2 * FRAMES, 2 * FRAMES)
        assert status.states == {"nothing": 6}
        assert all(not np.isnan(project.series.values(s)).any() for s in project.series.all())
