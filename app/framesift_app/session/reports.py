"""The page of a cycle's picks, and where the latest page lies."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from framesift.project import Project
from framesift_app.session.cycles import Cycles
from framesift_app.session.jobs import Jobs
from framesift_app.session.messages import Messages
from framesift_app.session.part import Part
from framesift_app.session.values import Stretch, ValuesWritten, writing
from framesift_app.strings import number
from framesift_app.workers.threads import Worker


class Reports(Part):
    """Pages for people who have no Framesift."""

    written = Signal()

    def __init__(self, cycles: Cycles, jobs: Jobs, files: Worker, messages: Messages) -> None:
        super().__init__()
        self._cycles, self._jobs, self._files = cycles, jobs, files
        self._messages = messages

    def write(self) -> None:
        """Writes report.html with the picks of the latest cycle, their pictures and why."""
        project, cycle = self._project, self._cycles.latest
        if project is None or cycle is None or self._jobs.active("report") is not None:
            return
        number = cycle.number

        def make() -> Iterator[Any]:
            with project.borrowed() as borrowed:
                yield from reporting(borrowed, number)

        self._jobs.start(
            "report",
            self.tr("Writing the report"),
            make,
            self._files,
            project=project,
            on_end=self._over,
        )

    def _over(self, result: Any) -> None:
        self.written.emit()
        with contextlib.suppress(AttributeError):
            self._messages.report(
                self.tr("The report is written: {0}").format(result.page),
                path=Path(result.page).parent,
            )

    def save_values(self, path: Path, stretches: Sequence[Stretch]) -> None:
        """Writes values of frames as CSV, in the background."""
        self._jobs.start(
            "values",
            self.tr("Saving values"),
            partial(writing, path, tuple(stretches)),
            self._files,
            project=self._project,
            on_end=self._saved,
        )

    def _saved(self, result: object) -> None:
        if isinstance(result, ValuesWritten):
            words = self.tr("Saved: {0}").format(result.path)
            lines = [self.tr("{0} frames with values").format(number(result.rows))]
            if result.empty:
                lines.append(
                    self.tr("{0} frames without any, left out").format(number(result.empty))
                )
            self._messages.report(words, lines, path=result.path.parent)

    def latest(self) -> Path | None:
        """The page of the latest measurement or cycle; None before any."""
        if self._project is None:
            return None
        for event in reversed(self._cycles.events):
            path = self._project.folder / str(event.data.get("path", ""))
            page = (
                path.with_name("report.html")
                if path.suffix == ".json"
                else path / "report.html"
            )
            if event.kind in ("evaluation", "report") and page.exists():
                return page
        return None


def reporting(project: Project, number: int) -> Iterator[Any]:
    """Makes a cycle's selection again, and writes its pictures, tables and page."""
    from framesift.loop import replay
    from framesift.report import SelectionReport, write_selection
    from framesift.video import Drive

    made = replay(project, number)
    inputs = project.ledger.replay_inputs(number)
    with contextlib.ExitStack() as stack:
        drives: list[Drive] = []
        maxima: dict[str, dict[int, Any]] = {}
        for stored in inputs.drives:
            clips = tuple(
                stack.enter_context(project.videos.open(clip.id)) for clip in stored.clips
            )
            drives.append(Drive(stored.key, clips))
            of_drive = maxima.setdefault(stored.key, {})
            for pick in made.choice.selection.of(stored.key):
                clip, frame = stored.locate(pick.frame)
                series = inputs.series_of(stored.clips[clip].id)
                if series is not None:
                    of_drive[pick.frame] = project.series.maxima(series, [frame]).get(frame, ())
        report = SelectionReport(
            drives,
            made.choice.selection,
            made.choice.raw,
            made.choice.smoothed,
            maxima,
            dict(made.cycle.settings),
            (),
            title=f"{project.name} · cycle {number}",
            by_score=made.choice.signal is not None,
        )
        out = project.reports / f"cycle-{number:03d}"
        yield from write_selection(report, out, overwrite=True)
    project.ledger.record("report", {"path": str(out)}, cycle=number)
