"""Running a generator of records to its result, with a bar for whoever waits."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, overload

from framesift.records import Notice, Progress, closing

Record = TypeVar("Record")
Result = TypeVar("Result")


def drain(records: Iterable[Record], *, progress: bool = False) -> Iterator[Record]:
    """What a generator of records yields besides Progress and Notices.

    Args:
        records: a generator of records, e.g. `framesift.score(video, detector)`; it is closed
            at the end, however that comes.
        progress: whether Progress is shown as a bar, in a terminal or a notebook.

    Returns:
        An iterator over the other records. A Notice becomes a UserWarning.

    Example:
        >>> from framesift.records import Notice, Progress
        >>> list(framesift.drain([Progress(1, 2), "a result"]))
        ['a result']
    """
    bar = _Bar()
    try:
        with closing(iter(records)) as drained:
            for record in drained:
                if isinstance(record, Progress):
                    if progress:
                        bar.show(record)
                elif isinstance(record, Notice):
                    warnings.warn(record.text, UserWarning, stacklevel=2)
                else:
                    yield record
    finally:
        bar.close()


@overload
def last(
    records: Iterable[object], kind: type[Result], *, progress: bool = False
) -> Result: ...


@overload
def last(records: Iterable[object], kind: None = None, *, progress: bool = False) -> Any: ...


def last(
    records: Iterable[object], kind: type[Any] | None = None, *, progress: bool = False
) -> Any:
    """Runs a generator of records to its end and gives its result.

    Args:
        records: as for `drain`.
        kind: the class of the result, e.g. `framesift.evaluation.Evaluation`; without one the
            last record counts, whatever it is.
        progress: whether Progress is shown as a bar, in a terminal or a notebook.

    Returns:
        The last record of that class; None where no class is given and there is no record.

    Raises:
        ValueError: the generator ended without a record of that class.

    Example:
        >>> from framesift.records import Progress
        >>> framesift.last([Progress(1, 2), "first", "second"], str)
        'second'
    """
    result, complete = None, kind is None
    for record in drain(records, progress=progress):
        if kind is None or isinstance(record, kind):
            result, complete = record, True
    if not complete:
        raise ValueError(f"the work ended without a {kind and kind.__name__}")
    return result


class _Bar:
    """One bar at a time: another stage begins a bar of its own."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = ""

    def show(self, record: Progress) -> None:
        if self._bar is None or record.stage != self._stage:
            self.close()
            self._bar, self._stage = _new_bar(record), record.stage
        self._bar.total = record.total
        self._bar.n = record.done
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _new_bar(record: Progress) -> Any:
    from tqdm.auto import tqdm

    # Without tqdm's thread that watches for bars that stand still.
    quiet = type("Bar", (tqdm,), {"monitor_interval": 0})
    return quiet(
        total=record.total, desc=record.stage or None, unit=f" {record.unit}", leave=False
    )
