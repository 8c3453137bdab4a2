"""The detector's look at the next frames while these are scored: on a processor the network
fills all threads, and a score one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from framesift.scores.batches import Halving, Look, Part, looked_at

if TYPE_CHECKING:
    from framesift.scores.unchanged import Group

Groups = Iterator[tuple["Group", dict[int, Look]]]


def looks(run: Halving, groups: Iterable[Group]) -> Groups:
    """Each group of frames, in order, with what the detector's look at them gave. Numbers are
    the same ahead or not."""
    if run.can_infer_ahead:
        yield from _ahead(run, groups)
        return
    for group in groups:
        yield group, looked_at(run, group.looked_at)


def _ahead(run: Halving, groups: Iterable[Group]) -> Groups:
    thread = ThreadPoolExecutor(1, "framesift-infer")
    before: tuple[Group, Future[list[Part]]] | None = None
    try:
        for group in groups:
            begun = thread.submit(run.inferred, [frame.image for frame in group.looked_at])
            if before is not None:
                yield _scored(run, *before)
            before = group, begun
        if before is not None:
            yield _scored(run, *before)
    finally:
        thread.shutdown(cancel_futures=True)


def _scored(
    run: Halving, group: Group, begun: Future[list[Part]]
) -> tuple[Group, dict[int, Look]]:
    return group, looked_at(run, group.looked_at, begun.result())
