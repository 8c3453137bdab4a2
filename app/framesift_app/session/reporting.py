"""The page of a cycle's picks, and where the latest page lies."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framesift.project import Project
from framesift_app.session.work import Work


class Reporting(Work):
    """Pages for people who have no Framesift."""

    def write_report(self) -> None:
        """Writes report.html with the picks of the latest cycle, their pictures and why."""
        if not self.cycles or self.job("report") is not None:
            return
        number = self.cycles[-1].number

        def make() -> Iterator[Any]:
            with self._project.borrowed() as project:
                yield from reporting(project, number)

        self._start_job(
            "report", self.tr("Writing the report"), make, self._files, on_end=self._reported
        )

    def _reported(self, result: Any) -> None:
        self.reload_cycles()
        with contextlib.suppress(AttributeError):
            self.told.emit(self.tr("The report is written: {0}").format(result.page))

    def latest_report(self) -> Path | None:
        """The page of the latest measurement or cycle; None before any."""
        if self.folder is None:
            return None
        for event in reversed(self.events):
            path = self.folder / str(event.data.get("path", ""))
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
            found = maxima.setdefault(stored.key, {})
            for pick in made.choice.selection.of(stored.key):
                clip, frame = stored.locate(pick.frame)
                series = inputs.series.get(stored.clips[clip].id)
                if series is not None:
                    found[pick.frame] = project.series.maxima(series, [frame]).get(frame, ())
        report = SelectionReport(
            drives,
            made.choice.selection,
            made.choice.raw,
            made.choice.smoothed,
            maxima,
            dict(made.cycle.settings),
            (),
            title=f"{project.name} · cycle {number}",
        )
        out = project.reports / f"cycle-{number:03d}"
        yield from write_selection(report, out, overwrite=True)
    project.ledger.record("report", {"path": str(out)}, cycle=number)
