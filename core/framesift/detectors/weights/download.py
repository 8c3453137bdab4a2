"""Fetching weights: with progress, going on where a cut connection left off, and nothing is
taken for whole that was not checked against its hash.

Proxies come from the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), or from the system's
settings on Windows and macOS.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import select
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from framesift._version import __version__
from framesift.detectors.weights.catalogue import WeightsEntry
from framesift.detectors.weights.store import (
    folder,
    is_stored,
    partial_path,
    sha256_of,
    stored_path,
)
from framesift.errors import EnvironmentProblem
from framesift.files import cannot_write, flush_folder, make_folder
from framesift.records import Notice, Progress, RateMeter

STALL_S = 20.0
"""Seconds without a byte after which a connection counts as dead."""
TRIES = 3
"""Connections that are made before the download is given up (what came so far is kept)."""
_READ = 1 << 16
_SHOW_S = 0.2


def download(
    weights: WeightsEntry, *, stall_s: float | None = None
) -> Iterator[Progress | Notice]:
    """Fetches an entry's file into the cache folder; nothing happens when it is there.

    Yields Progress in bytes. Closing the generator stops and keeps what came, from which the
    next download goes on. `stall_s`: seconds without a byte that a connection may take.

    Raises EnvironmentProblem, one sentence, without a network, for a server that refuses,
    for a file whose hash is not the published one (it is deleted) and where the disk refuses.
    """
    if is_stored(weights):
        return
    make_folder(folder())
    part = partial_path(weights)
    patience = STALL_S if stall_s is None else stall_s
    for attempt in range(1, TRIES + 1):
        try:
            yield from _fetch(weights, part, patience)
            break
        except _Interrupted as error:
            if attempt == TRIES:
                raise EnvironmentProblem(
                    f"The download of {weights.file} broke off ({error}); what came is kept: "
                    "ask again to go on with it."
                ) from error
            yield Notice(f"The connection broke off ({error}); going on from there.")
    yield from _checked(weights, part)


class _Interrupted(Exception):
    """A connection that ended or stalled before everything was here."""


def _fetch(weights: WeightsEntry, part: Path, patience: float) -> Iterator[Progress]:
    have = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": f"framesift/{__version__}"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(weights.url, headers=headers)
    try:
        # An opener of its own: the shared one would keep the proxies of its first use.
        with urllib.request.build_opener().open(request, timeout=patience) as answer:
            if have and answer.status != 206:
                have = 0  # the server began anew
            if have and not _goes_on(answer.headers.get("Content-Range"), have):
                raise _Interrupted("the server sent another part than was asked for")
            length = answer.headers.get("Content-Length")
            total = have + int(length) if length and length.isdigit() else None
            yield from _received(answer, part, have, total, patience, _most(weights))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:
            return  # everything was here already: the hash will tell
        raise EnvironmentProblem(
            f"The server refused {weights.file} ({error.code} {error.reason}); try later, or "
            f"fetch {weights.url} by other means and give it to `framesift weights import`."
        ) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _Interrupted("nothing came for a while") from error
        if have and not isinstance(error.reason, socket.gaierror | ssl.SSLError):
            raise _Interrupted(_words(error.reason)) from error
        raise EnvironmentProblem(
            f"There is no connection to {_host(weights.url)} ({_words(error.reason)}); check "
            f"the network and its proxy, or fetch {weights.url} elsewhere and give it to "
            "`framesift weights import`."
        ) from error
    except TimeoutError as error:
        raise _Interrupted("nothing came for a while") from error
    except (ConnectionError, http.client.HTTPException, ssl.SSLError) as error:
        raise _Interrupted(_words(error)) from error


def _received(
    answer: http.client.HTTPResponse,
    part: Path,
    have: int,
    total: int | None,
    patience: float,
    most: int,
) -> Iterator[Progress]:
    meter = RateMeter(total, "bytes", "downloading", done=have)
    yield meter.progress()
    shown, waiting = time.monotonic(), 0
    try:
        file = part.open("ab" if have else "wb")
    except OSError as error:
        raise cannot_write(part, error) from error
    with file:
        while block := answer.read1(_READ):
            # A read of this size empties every buffer above the socket, so the socket knows.
            try:
                file.write(block)
            except OSError as error:
                raise cannot_write(part, error) from error
            waiting += len(block)
            if meter.done + waiting > most:
                raise EnvironmentProblem(
                    f"What comes as {part.stem} is larger than the published file, so the "
                    "download was ended; mind what stands between you and the server."
                )
            if time.monotonic() - shown >= _SHOW_S:
                file.flush()
                yield meter.advance(waiting)
                shown, waiting = time.monotonic(), 0
            if total is not None and meter.done + waiting < total:
                for _ in _quiet(answer, patience):
                    file.flush()
                    yield meter.advance(waiting)
                    waiting = 0
        yield meter.advance(waiting)
    if total is not None and meter.done < total:
        raise _Interrupted(f"{meter.done} of {total} bytes came")


def _most(weights: WeightsEntry) -> int:
    """Bytes that an entry's file may have: its size is known to about a hundredth."""
    return weights.size + weights.size // 20 + (1 << 20)


def _quiet(answer: http.client.HTTPResponse, patience: float) -> Iterator[None]:
    """Yields every moment while nothing comes; TimeoutError when that takes too long."""
    deadline = time.monotonic() + patience
    while not select.select([answer.fileno()], [], [], _SHOW_S)[0]:
        if time.monotonic() > deadline:
            raise TimeoutError
        yield


def _checked(weights: WeightsEntry, part: Path) -> Iterator[Progress]:
    yield Progress(part.stat().st_size, part.stat().st_size, "bytes", stage="checking")
    digest = sha256_of(part)
    if not digest.startswith(weights.sha256):
        with contextlib.suppress(OSError):
            part.unlink()
        raise EnvironmentProblem(
            f"What came as {weights.file} is not the published file (its hash is "
            f"{digest[: len(weights.sha256)]}…, not {weights.sha256}), so it was deleted; try "
            "again, and mind what stands between you and the server."
        )
    try:
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(stored_path(weights))
        flush_folder(folder())
    except OSError as error:
        raise cannot_write(stored_path(weights), error) from error


def _goes_on(content_range: str | None, have: int) -> bool:
    return content_range is not None and content_range.startswith(f"bytes {have}-")


def _words(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return text.strip().splitlines()[0][:120]


def _host(url: str) -> str:
    return urllib.request.Request(url).host or url
