"""One file gives one answer, also where bits are wrong: whatever was read before, by however
many threads, a damaged frame comes out the same."""

from __future__ import annotations

import random
import runpy
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from framesift.errors import InputError
from framesift.video import open_video

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


def _flipped(path: Path, data: bytes, rng: random.Random) -> Path:
    """The file with one bit of its pictures turned round."""
    changed = bytearray(data)
    at = rng.randrange(data.index(b"mdat") + 200, int(len(data) * 0.93))
    changed[at] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(changed))
    return path


@pytest.mark.parametrize("codec", ["libx265", "libx264"])
def test_a_flipped_bit_gives_one_answer(tmp_path: Path, codec: str) -> None:
    whole = media.encode(
        tmp_path / "a.mp4", media.pictures(40, 160, 120), codec=codec, b_frames=2
    ).read_bytes()
    rng = random.Random(2)
    for _ in range(10):
        path = _flipped(tmp_path / "b.mp4", whole, rng)
        try:
            video = open_video(path)
        except InputError:
            continue
        with video:
            order = list(range(len(video)))
            once = {f.number: zlib.crc32(f.image.tobytes()) for f in video.frames()}
            again = {f.number: zlib.crc32(f.image.tobytes()) for f in video.frames()}
            rng.shuffle(order)
            anyhow = {n: zlib.crc32(video.frame(n).image.tobytes()) for n in order}
            assert once == again == anyhow
