"""One worker: takes unit after unit until none is left."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Mapping

from framesift.cluster.board import Board
from framesift.cluster.heartbeat import Heartbeat
from framesift.cluster.units import Handler, Made, Unit
from framesift.errors import EnvironmentProblem, InputError
from framesift.records import Notice, Progress, RateMeter, closing


def name_of_this() -> str:
    """This process, as its claims name it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def handler_of(board: Board, handlers: Mapping[str, Handler]) -> Handler:
    """What makes the results of a run. Raises InputError for a kind that is not known here."""
    if board.kind not in handlers:
        raise InputError(
            f"The run in {board.folder} is of a kind ({board.kind[:40]!r}) that this Framesift "
            "does not know; have all machines run the same version."
        )
    return handlers[board.kind]


def work(
    board: Board, handlers: Mapping[str, Handler], owner: str | None = None
) -> Iterator[Progress | Notice]:
    """Works at the units of a run that nobody else works at, until there are none.

    Args:
        board: the run: its folder and its units.
        handlers: by kind of unit, what works at one.
        owner: this worker's name in claims; None: made of host and process.

    Yields:
        Progress over the run's units, and Notices of units that failed.

    Raises:
        InputError: nothing here works at units of the board's kind.

    Example:
        >>> from pathlib import Path
        >>> from framesift.cluster import Board, Made, Unit, Where
        >>> def upper(shared, task):
        ...     yield Made(task["text"].upper().encode())
        >>> unit = Unit.of({"text": "a"}, {})
        >>> board = Board.create(Path("run-1"), "upper", {}, [unit])
        >>> _ = list(work(board, {"upper": upper}))
        >>> board.result(unit.key)
        b'A'
    """
    handler, mine = handler_of(board, handlers), owner or name_of_this()
    meter = RateMeter(len(board.units), "units", "working")
    yield meter.progress()
    tried = set[str]()
    while True:
        # One that failed here, and could not even be noted (a full disk), is left to others.
        left = (unit for unit in board.left() if unit.key not in tried)
        unit = next((unit for unit in left if board.claim(unit, mine)), None)
        if unit is None:
            return
        tried.add(unit.key)
        yield from _one(board, handler, unit, mine)
        yield meter.advance()


def _one(board: Board, handler: Handler, unit: Unit, owner: str) -> Iterator[Progress | Notice]:
    try:
        with (
            Heartbeat(board, unit.key) as heart,
            closing(handler(board.shared, unit.task)) as records,
        ):
            for record in records:
                heart.alive()
                if isinstance(record, Made):
                    board.put(unit.key, record.content)
                else:
                    yield record
    except (InputError, EnvironmentProblem) as error:
        # A full disk refuses this, too: then the claim is all that goes.
        with contextlib.suppress(EnvironmentProblem):
            board.fail(unit.key, str(error))
        yield Notice(str(error))
    finally:
        board.release(unit.key, owner)
