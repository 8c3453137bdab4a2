"""What a terminal shows: one progress bar with rate and time left, notices, tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from framesift.files.printable import printable
from framesift.records import Notice, Progress, closing

# Every command imports this module for its --help, which draws neither tables nor bars.
if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

Record = TypeVar("Record")

_SLOW = 3600.0


def err() -> Console:
    """The console for progress and notices: stderr, so that stdout stays the answer."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """One line of the answer, to stdout, as it is."""
    sys.stdout.write(printable(text) + "\n")


def warn(text: str) -> None:
    """A notice, to stderr."""
    sys.stderr.write(f"note: {printable(text)}\n")


def left(seconds: float | None) -> str:
    """A duration in the coarsest words that still help: `40 s`, `3 min`, `2 h 10 min`."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < _SLOW:
        return f"{round(seconds / 60)} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A plain table on stdout."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in headers:
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(*["" if cell is None else printable(str(cell)) for cell in row])
    Console(highlight=False, markup=False).print(drawn)


class Shown:
    """Drains generators of records: draws Progress as a bar, prints each Notice once and
    passes everything else on."""

    def __init__(self) -> None:
        self.notices: list[str] = []
        self._bar = _bar(err())
        self._task: TaskID | None = None

    def __enter__(self) -> Shown:
        self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._bar.stop()

    def drain(self, records: Iterable[Record], label: str = "") -> Iterator[Record]:
        """Yields the records that are neither Progress nor Notice."""
        try:
            with closing(iter(records)) as drained:
                for record in drained:
                    if isinstance(record, Progress):
                        self._draw(record, label)
                    elif isinstance(record, Notice):
                        self.notice(record.text)
                    else:
                        yield record
        finally:
            if self._task is not None:
                self._bar.remove_task(self._task)
                self._task = None

    def _draw(self, record: Progress, label: str) -> None:
        fields: dict[str, Any] = {
            "rate": f"{record.rate:.3g} {record.unit}/s" if record.rate else "",
            "left": f"{left(record.remaining_s)} left" if record.remaining_s else "",
        }
        stage = record.stage[:1].upper() + record.stage[1:]
        text = printable(" ".join(part for part in (stage, label) if part))
        if self._task is None:
            self._task = self._bar.add_task(text, total=record.total, **fields)
        self._bar.update(
            self._task, description=text, completed=record.done, total=record.total, **fields
        )

    def notice(self, text: str) -> None:
        """Prints a sentence, if it was not printed before, and keeps it."""
        if text not in self.notices:
            self.notices.append(text)
            self.line(f"note: {text}")

    def line(self, text: str) -> None:
        """Prints a line above the bar."""
        self._bar.console.print(printable(text), markup=False)


def _bar(console: Console) -> Bar:
    """What is done of how much, how fast, how long still; nothing where nobody looks."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
