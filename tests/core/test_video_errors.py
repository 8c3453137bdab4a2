"""What cannot be opened gets one sentence, and nothing else reaches the user's terminal."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from framesift.errors import InputError
from framesift.video import open_video

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))


def _refused(path: Path | str, words: str, **options: int) -> None:
    with pytest.raises(InputError, match=words) as caught:
        open_video(path, **options)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert "Errno" not in text


def test_files_that_hold_no_video(tmp_path: Path) -> None:
    files = {
        "empty.mp4": (b"", "empty"),
        "text.txt": (b"Hello there\n" * 40, "text"),
        "noise.avi": (bytes(range(1, 256)) * 40, "no known format"),
        "binary.mp4": (b"\0\1\2\3" * 4000, "no known format"),
        "playlist.m3u8": (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "text"),
        "concat.txt": (b"ffconcat version 1.0\nfile a.mp4\n", "text"),
        "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(60), "picture"),
    }
    for name, (data, words) in files.items():
        (tmp_path / name).write_bytes(data)
        _refused(tmp_path / name, words)


def test_cut_before_the_table_of_contents(tmp_path: Path) -> None:
    path = media.encode(tmp_path / "a.mp4", media.pictures(20))
    _refused(media.cut(path, 0.3), "table of contents")


def test_header_without_frames(tmp_path: Path) -> None:
    path = media.encode(tmp_path / "a.avi", media.pictures(8), codec="mpeg4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"movi") + 4])
    _refused(path, "no frame")


def test_sound_only(tmp_path: Path) -> None:
    import wave

    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000))
    _refused(path, "only sound")


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    _refused(tmp_path / "missing.mp4", "does not exist")
    _refused("", "No path")
    _refused("a\0b", "cannot be opened")
    _refused("http://example.invalid/a.mp4", "does not exist")
    (tmp_path / "nothing").mkdir()
    _refused(tmp_path / "nothing", "no pictures")
    link = tmp_path / "link.mp4"
    try:
        link.symlink_to(tmp_path / "missing.mp4")
    except OSError:
        return
    _refused(link, "points to a file that is gone")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_special_files_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    _refused(tmp_path / "pipe.mp4", "not a file")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything"
)
def test_no_permission(tmp_path: Path) -> None:
    path = media.encode(tmp_path / "a.mp4", media.pictures(4))
    path.chmod(0)
    _refused(path, "permissions")


def test_stream_that_does_not_exist(tmp_path: Path) -> None:
    path = media.encode(tmp_path / "a.mp4", media.pictures(4))
    _refused(path, "its video streams: 0", stream=7)
    _refused(tmp_path, "only files have streams", stream=0)


@pytest.mark.parametrize(
    "name",
    [
        "-dash.mp4",
        "two words.mp4",
        "日本語 видео.mp4",
        "http:a.mp4",
        "a%03d.mp4",
        "a|b.mp4",
        "#?.mp4",
    ],
)
def test_odd_names(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "nt" and set(name) & set(":|?"):
        pytest.skip("no such names on Windows")
    media.encode(tmp_path / "plain.mp4", media.pictures(4)).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    with open_video(name) as video:
        assert len(video) == 4
        assert video.name == name


def test_link_to_a_video(tmp_path: Path) -> None:
    media.encode(tmp_path / "a.mp4", media.pictures(4))
    try:
        (tmp_path / "link.mp4").symlink_to("a.mp4")
    except OSError:
        pytest.skip("no symbolic links here")
    with open_video(tmp_path / "link.mp4") as video:
        assert len(video) == 4


@pytest.mark.parametrize(
    "name",
    [
        "with-attached-pic.mp3",
        "ttharuka_output.avi",
        "sine_mono_s16.wav",
        "LICENSE.resources.txt",
    ],
)
def test_shared_files_without_video(name: str, shared_data: Path) -> None:
    words = {
        "with-attached-pic.mp3": "cover",
        "ttharuka_output.avi": "no frame",
        "sine_mono_s16.wav": "only sound",
        "LICENSE.resources.txt": "text",
    }
    _refused(shared_data / "decoder" / name, words[name])


def test_the_decoder_stays_quiet(tmp_path: Path) -> None:
    images = media.pictures(30)
    media.scratch(media.encode(tmp_path / "a.mp4", images, b_frames=2), [0.2, 0.4, 0.6])
    media.scratch(media.encode(tmp_path / "a.ts", images, b_frames=2), [0.2, 0.4, 0.6])
    media.cut(media.encode(tmp_path / "b.mp4", images), 0.5)
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 64)
    script = (
        "import sys, framesift\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        for frame in framesift.open_video(path).frames(): pass\n"
        "    except framesift.errors.InputError: pass\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *map(str, sorted(tmp_path.glob("*.*")))],
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert (ran.stdout, ran.stderr) == (b"", b"")
