"""What the processes that torchrun started do beside the first: they learn their share."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.records import closing
from framesift.training.job import Record, TrainJob
from framesift.training.job_run import ends_with, trained
from framesift.training.ranks import Ranks


def followed() -> bool:
    """Takes part in a training as a process of torchrun's beside the first, to its end; False,
    and nothing is done, in the first one and without torchrun. Raises as `follow` does."""
    ranks = Ranks.of_environment()
    if ranks.first:
        return False
    for _ in follow(ranks):
        pass
    return True


def follow(ranks: Ranks) -> Iterator[Record]:
    """Takes part in the training that the first process tells of, and writes nothing. An
    interrupt or SIGTERM stops all of them after the step that they are at.

    Args:
        ranks: which of how many processes this one is.

    Yields:
        The records of the training, without measurements of its own.

    Raises:
        InputError: as `train`, and where this machine does not see the first one's files.
        EnvironmentProblem: as `train`, and where another process has ended.
    """
    # Only once all are there: until then a signal is to end it at once.
    with ranks.joined(), _stop_wished() as wished:
        job = _job(Path(ranks.told("")))
        with closing(trained(job, ranks)) as records:
            for record in records:
                yield record
                if ends_with(record, wished.is_set(), ranks):
                    return


def _job(path: Path) -> TrainJob:
    if not path.exists():
        raise InputError(
            f"This machine does not see {path}, where the first process keeps the training; "
            "put the project and its videos where all machines see them by the same path."
        )
    return TrainJob.load(path)


@contextlib.contextmanager
def _stop_wished() -> Iterator[threading.Event]:
    wished = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: wished.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield wished
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
