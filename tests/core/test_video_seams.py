"""Transport streams joined byte by byte: what is intact at the seam is called intact, and what
lacks a part is not."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from framesift.video import FileVideo, open_video

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
PACKET, FRAMES = 188, 30
CODECS = ["libx264", "libx265", "mpeg2video"]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Of each codec two streams of 30 frames."""
    folder = tmp_path_factory.mktemp("parts")
    return {
        codec: [
            media.encode(
                folder / f"{codec}-{number}.ts",
                media.pictures(FRAMES, 160, 120, seed=number),
                codec=codec,
                b_frames=2,
            )
            for number in range(2)
        ]
        for codec in CODECS
    }


def joined(path: Path, *streams: bytes) -> Path:
    path.write_bytes(b"".join(streams))
    return path


def pixels(path: Path) -> list[np.ndarray]:
    with open_video(path) as video:
        return list(video)


def of_pictures(data: bytes) -> list[int]:
    """Where the packets of the video begin."""
    return [
        at
        for at in range(0, len(data), PACKET)
        if ((data[at + 1] & 0x1F) << 8 | data[at + 2]) == 0x100
    ]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0), (0, 1, 0)])
def test_a_seam_is_no_damage(
    parts: dict[str, list[Path]], tmp_path: Path, codec: str, order: tuple[int, ...]
) -> None:
    files = parts[codec]
    single = [pixels(path) for path in files]
    path = joined(tmp_path / "joined.ts", *(files[n].read_bytes() for n in order))
    with open_video(path) as video:
        assert isinstance(video, FileVideo)
        right = [image for n in order for image in single[n]]
        assert len(video) == len(right)
        assert not video.table.damaged
        for frame, image in zip(video.frames(), right, strict=True):
            assert not frame.corrupt, frame.number
            assert np.array_equal(frame.image, image), frame.number
        assert not any("amaged" in text for text in video.warnings)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("lost", [-1, -2])
def test_what_is_lost_before_a_seam_is_said(tmp_path: Path, codec: str, lost: int) -> None:
    """The last or the last but one packet of the last picture before it is gone."""
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (120, 160, 3), np.uint8) for _ in range(FRAMES)]
    first, second = (
        media.encode(tmp_path / name, noise, codec=codec, b_frames=2).read_bytes()
        for name in ("a.ts", "b.ts")
    )
    at = of_pictures(first)[lost]
    path = joined(tmp_path / "joined.ts", first[:at], first[at + PACKET :], second)
    with open_video(path) as video:
        assert isinstance(video, FileVideo)
        assert video.table.damaged
        assert all(number >= FRAMES - 3 for number in video.table.damaged)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("share", [0.1, 0.55, 0.9, 0.999])
def test_every_picture_that_lacks_something_is_marked(
    parts: dict[str, list[Path]], tmp_path: Path, codec: str, share: float
) -> None:
    """A packet is lost inside of the first stream, up to its very last picture."""
    first, second = (path.read_bytes() for path in parts[codec])
    right = [image for path in parts[codec] for image in pixels(path)]
    lost = of_pictures(first)
    at = lost[int(len(lost) * share)]
    path = joined(tmp_path / "joined.ts", first[:at], first[at + PACKET :], second)
    with open_video(path) as video:
        frames = list(video.frames())
    if len(frames) == len(right):
        pairs = zip(frames, right, strict=True)
        wrong = {f.number for f, image in pairs if not np.array_equal(f.image, image)}
        assert wrong <= {frame.number for frame in frames if frame.corrupt}
    # The second stream begins anew.
    assert not any(frame.corrupt for frame in frames[-FRAMES:])
