"""The detector's look at the next frames while these are scored, on a processor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from framesift.scores.batches import Halving, Look, Part, looked_at

if TYPE_CHECKING:
    from framesift.scores.unchanged import Group

Looked = tuple["Group", dict[int, Look]]


def looks(run: Halving, groups: Iterable[Group]) -> Iterator[Looked]:
    """Each group of frames, in order, with what the detector's look at them gave. Numbers are
    the same ahead or not. While one is held by who asked, the detector rests."""
    if run.can_infer_ahead:
        yield from _ahead(run, iter(groups))
        return
    for group in groups:
        yield group, looked_at(run, group.looked_at)


def _ahead(run: Halving, groups: Iterator[Group]) -> Iterator[Looked]:
    import torch

    with (
        ThreadPoolExecutor(1, "framesift-infer") as thread,
        ThreadPoolExecutor(torch.get_num_threads(), "framesift-score") as threads,
    ):
        begun: tuple[Group, Future[list[Part]]] | None = None
        while True:
            try:
                group = next(groups, None)
            except Exception:
                # What was looked at before is good.
                if begun is not None:
                    yield _scored(run, threads, *begun)
                raise
            before, begun = begun, None
            if group is not None:
                images = [frame.image for frame in group.looked_at]
                begun = group, thread.submit(run.inferred, images)
            if before is not None:
                yield _scored(run, threads, *before, begun[1] if begun else None)
            if begun is None:
                return


def _scored(
    run: Halving,
    threads: Executor,
    group: Group,
    inferred: Future[list[Part]],
    running: Future[list[Part]] | None = None,
) -> Looked:
    """A group's look, once nothing is `running` any more."""
    import torch

    scores: list[Sequence[Any]] | None
    try:
        scores = run.scored(inferred.result(), threads)
    except torch.OutOfMemoryError:
        scores = None
    finally:
        if running is not None:
            wait([running])
    # Outside the handler, so that the traceback no longer holds the tensors.
    return group, looked_at(run, group.looked_at, scores)
