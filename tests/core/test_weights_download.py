"""Fetching weights from a server of our own on 127.0.0.1 that cuts, stalls and lies."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from framesift.detectors import weights
from framesift.detectors.weights import WeightsEntry
from framesift.detectors.weights.store import partial_path
from framesift.errors import EnvironmentProblem, InputError
from framesift.records import Notice, Progress

FILE = "tiny_coco-{}.pth"


def state_file() -> bytes:
    """A state dict as torch writes it."""
    content = io.BytesIO()
    torch.save({"layer.weight": torch.arange(40_000.0).reshape(100, 400)}, content)
    return content.getvalue()


class Server(ThreadingHTTPServer):
    """Serves `content`; the tests change how."""

    daemon_threads = False
    content = state_file()
    cut_after: int | None = None
    stall_after: int | None = None
    ranges = True
    status = 200
    spoil = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []
        self.stop_stalling = threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        asked = self.headers.get("Range")
        server.asked.append(asked)
        if server.status != 200:
            self.send_error(server.status)
            return
        data = bytes(len(server.content)) if server.spoil else server.content
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.ranges else 0
        if first >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if asked and server.ranges else 200)
        if asked and server.ranges:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        stop = server.cut_after or server.stall_after
        self.wfile.write(data[first : len(data) if stop is None else first + stop])
        if server.stall_after is not None:
            self.wfile.flush()
            server.stop_stalling.wait(10)
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with closing_server(Server()) as one:
        yield one


class closing_server:  # noqa: N801
    def __init__(self, server: Server) -> None:
        self.server = server
        self.thread = threading.Thread(target=server.serve_forever, args=(0.05,))

    def __enter__(self) -> Server:
        self.thread.start()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.server.stop_stalling.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def entry_at(server: Server) -> Callable[..., WeightsEntry]:
    def make(**changes: Any) -> WeightsEntry:
        digest = hashlib.sha256(server.content).hexdigest()[:8]
        url = f"http://127.0.0.1:{server.server_address[1]}/{FILE.format(digest)}"
        one = WeightsEntry("tiny:coco", "Tiny", "tiny", url, len(server.content), digest, 1.0)
        return replace(one, **changes)

    return make


Make = Callable[..., WeightsEntry]


def fetch(one: WeightsEntry, **options: Any) -> list[Any]:
    return list(weights.download(one, **options))


def test_it_comes_whole_with_progress(server: Server, entry_at: Make) -> None:
    one = entry_at()
    assert not weights.is_stored(one)
    records = fetch(one)
    assert weights.stored_path(one).read_bytes() == server.content
    downloading = [r for r in records if isinstance(r, Progress) and r.stage == "downloading"]
    assert downloading[0].done == 0
    assert downloading[-1].done == downloading[-1].total == len(server.content)
    assert not partial_path(one).exists()
    assert fetch(one) == []
    assert len(server.asked) == 1
    state = torch.load(weights.stored_path(one), weights_only=True)
    assert float(state["layer.weight"][99, 399]) == 39_999
    assert weights.remove(one) == len(server.content)
    assert not weights.is_stored(one)


def test_a_cut_connection_is_gone_on_with(server: Server, entry_at: Make) -> None:
    one = entry_at()
    server.cut_after = 70_000
    records = fetch(one)
    assert weights.stored_path(one).read_bytes() == server.content
    assert server.asked == [None, "bytes=70000-", "bytes=140000-"]
    assert sum(isinstance(r, Notice) for r in records) == 2


def test_what_came_is_kept_and_never_taken_for_whole(server: Server, entry_at: Make) -> None:
    one = entry_at()
    server.cut_after = 10_000
    with pytest.raises(EnvironmentProblem, match=r"broke off .*ask again"):
        fetch(one)
    assert not weights.is_stored(one)
    assert partial_path(one).stat().st_size == 30_000
    server.cut_after = None
    fetch(one)
    assert server.asked[-1] == "bytes=30000-"
    assert weights.stored_path(one).read_bytes() == server.content


def test_a_server_without_ranges_begins_anew(server: Server, entry_at: Make) -> None:
    one = entry_at()
    weights.folder().mkdir(parents=True)
    partial_path(one).write_bytes(server.content[:500])
    server.ranges = False
    fetch(one)
    assert server.asked == ["bytes=500-"]
    assert weights.stored_path(one).read_bytes() == server.content


def test_a_partial_file_that_is_whole_is_only_checked(server: Server, entry_at: Make) -> None:
    one = entry_at()
    weights.folder().mkdir(parents=True)
    partial_path(one).write_bytes(server.content)
    fetch(one)
    assert weights.is_stored(one)


def test_a_stalled_connection_times_out(server: Server, entry_at: Make) -> None:
    one = entry_at()
    server.stall_after = 50_000
    with pytest.raises(EnvironmentProblem, match="nothing came for a while"):
        fetch(one, stall_s=0.2)
    assert len(server.asked) == weights.download.__globals__["TRIES"]
    assert not weights.is_stored(one)


def test_progress_keeps_coming_while_nothing_does(server: Server, entry_at: Make) -> None:
    server.stall_after = 50_000
    with closing(weights.download(entry_at(), stall_s=5.0)) as records:
        seen = [next(records).done for _ in range(4)]
    assert seen[-1] == 50_000
    assert partial_path(entry_at()).stat().st_size == 50_000


def test_another_file_is_refused_and_deleted(server: Server, entry_at: Make) -> None:
    one = entry_at()
    server.spoil = True
    with pytest.raises(EnvironmentProblem, match="not the published file"):
        fetch(one)
    assert not weights.is_stored(one)
    assert not partial_path(one).exists()
    whole = hashlib.sha256(server.content).hexdigest()
    server.spoil = False
    fetch(entry_at(sha256=whole))
    assert weights.is_stored(one)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_server_that_refuses(server: Server, entry_at: Make, status: int) -> None:
    server.status = status
    with pytest.raises(EnvironmentProblem, match=f"refused .*{status}"):
        fetch(entry_at())
    assert len(server.asked) == 1


def test_no_network_is_one_sentence(entry_at: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(EnvironmentProblem, match=r"no connection to 127\.0\.0\.1") as caught:
        fetch(entry_at(url=f"http://127.0.0.1:{port}/{FILE.format('0' * 8)}"))
    assert "\n" not in str(caught.value)
    assert "weights import" in str(caught.value)


def test_a_proxy_of_the_environment_is_used(
    server: Server, entry_at: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    one = entry_at(url=f"http://weights.invalid/{FILE.format('0' * 8)}")
    fetch(one)
    assert weights.is_stored(one)


def test_a_file_brought_by_hand(
    server: Server, entry_at: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = entry_at()
    monkeypatch.setitem(weights.CATALOGUE, one.name, one)
    brought = tmp_path / "from a stick.bin"
    brought.write_bytes(server.content)
    assert weights.adopt_file(brought) == one
    assert weights.stored_path(one).read_bytes() == server.content
    brought.write_bytes(server.content[:-1])
    with pytest.raises(InputError, match="hash is unknown"):
        weights.adopt_file(brought)
    with pytest.raises(InputError, match="cannot be read"):
        weights.adopt_file(tmp_path / "nothing")
    with pytest.raises(InputError, match="no weights 'tyni'"):
        weights.entry("tyni")
    assert server.asked == []


def test_the_catalogue_says_what_torchvision_says() -> None:
    from torchvision.models import get_model_weights

    for one in weights.CATALOGUE.values():
        published = get_model_weights(one.architecture).COCO_V1
        assert one.url == published.url
        assert one.outputs == tuple(published.meta["categories"])
        assert one.precision == published.meta["_metrics"]["COCO-val2017"]["box_map"]
        assert one.size == pytest.approx(published.meta["_file_size"] * (1 << 20), rel=0.01)
        assert len(one.classes) == 80
        assert len(one.sha256) == 8


def test_what_is_larger_than_published_is_ended(server: Server, entry_at: Make) -> None:
    server.content = bytes(4 << 20)
    one = entry_at(size=1000)
    with pytest.raises(EnvironmentProblem, match="larger than the published"):
        fetch(one)
    assert not weights.is_stored(one)
    assert partial_path(one).stat().st_size < 2 << 20
