"""Every frame of every awkward file: as many as decode, the same in any order."""

from __future__ import annotations

import random
import runpy
import zlib
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate, islice
from pathlib import Path
from types import SimpleNamespace

import av
import av.error
import numpy as np
import pytest

from framesift.video import FileVideo, Verified, build, open_video, verify

_HERE = Path(__file__).parents[1]
media = SimpleNamespace(**runpy.run_path(str(_HERE / "media.py")))
fields = SimpleNamespace(**runpy.run_path(str(_HERE / "fields.py")))

IMAGES = media.pictures(36)
ODD = media.pictures(16, 61, 45)
OPEN_GOP = {"x264-params": "open-gop=1:keyint=8:min-keyint=8:bframes=3:b-adapt=0"}
OPEN_HEVC = {"x265-params": "open-gop=1:keyint=8:min-keyint=8:bframes=3:b-adapt=0"}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))


def _shift(by: int) -> Callable[[list[av.Packet]], None]:
    def change(packets: list[av.Packet]) -> None:
        for packet in packets:
            packet.pts -= by
            packet.dts -= by

    return change


def _drop(count: int) -> Callable[[list[av.Packet]], None]:
    return lambda packets: packets.__delitem__(slice(count))


def _repeat_times(packets: list[av.Packet]) -> None:
    for place in range(6, len(packets), 9):
        packets[place].pts = packets[place].dts = packets[place - 1].pts


def _rewritten(packet: av.Packet, data: bytes) -> av.Packet:
    new = av.Packet(data)
    new.pts, new.dts, new.time_base = packet.pts, packet.dts, packet.time_base
    new.is_keyframe = packet.is_keyframe
    return new


def _hide(packets: list[av.Packet]) -> None:
    """Clears VP8's show_frame bit in every fifth packet, as of alternate references."""
    for place in range(3, len(packets), 5):
        data = bytearray(bytes(packets[place]))
        data[0] &= ~0x10
        packets[place] = _rewritten(packets[place], bytes(data))


def _pack(packets: list[av.Packet]) -> None:
    """Puts each B picture into the packet of the P picture before it, as DivX did."""
    out: list[av.Packet] = []
    waiting = list(packets)
    while waiting:
        one = waiting.pop(0)
        data = bytes(one)
        if one.is_keyframe:
            at = data.index(b"\0\0\1\xb6")
            data = data[:at] + b"\0\0\1\xb2DivX503b1393p" + data[at:]
        if waiting and not waiting[0].is_keyframe and waiting[0].pts < one.pts:
            out.append(_rewritten(one, data + bytes(waiting[0])))
            data = b"\0\0\1\xb6\x50\0"
            one = waiting.pop(0)
        out.append(_rewritten(one, data))
    for place, packet in enumerate(out):
        packet.pts = packet.dts = place
    packets[:] = out


def _middle_of_stream(path: Path) -> Path:
    whole = media.encode(path, IMAGES, b_frames=2)
    data = whole.read_bytes()
    path.write_bytes(data[188 * int(len(data) // 188 * 0.4) :])
    return path


def _joined(folder: Path, name: str, size: tuple[int, int]) -> Path:
    one = media.encode(folder / "one.ts", IMAGES, b_frames=2)
    two = media.encode(folder / "two.ts", media.pictures(20, *size, seed=1), b_frames=2)
    path = folder / name
    path.write_bytes(one.read_bytes() + two.read_bytes())
    return path


VFR = list(accumulate([0] + [1 + (i * 7) % 5 * 11 for i in range(len(IMAGES) - 1)]))
E = media.encode
FASTSTART, FRAGMENTS = {"movflags": "faststart"}, {"movflags": "frag_keyframe+empty_moov"}
MADE: dict[str, tuple[int | None, Callable[[Path], Path]]] = {
    # name: (frames, None where only the decoder knows; how to make it)
    "plain": (36, lambda d: E(d / "a.mp4", IMAGES)),
    "b-frames": (36, lambda d: E(d / "a.mp4", IMAGES, b_frames=3)),
    "variable rate": (
        36,
        lambda d: E(d / "a.mp4", IMAGES, pts=VFR, b_frames=2, time_base=Fraction(1, 1000)),
    ),
    "transport stream": (36, lambda d: E(d / "a.ts", IMAGES, b_frames=2)),
    "avi with b-frames": (36, lambda d: E(d / "a.avi", IMAGES, codec="mpeg4", b_frames=2)),
    "packed avi": (
        36,
        lambda d: E(
            d / "a.avi",
            IMAGES,
            codec="mpeg4",
            b_frames=1,
            options={"b_strategy": "0"},
            change=_pack,
        ),
    ),
    "h264 in avi": (36, lambda d: E(d / "a.avi", IMAGES, b_frames=2)),
    "open gop mp4": (36, lambda d: E(d / "a.mp4", IMAGES, b_frames=3, options=OPEN_GOP)),
    "open gop mkv": (36, lambda d: E(d / "a.mkv", IMAGES, b_frames=3, options=OPEN_GOP)),
    "open gop ts": (36, lambda d: E(d / "a.ts", IMAGES, b_frames=3, options=OPEN_GOP)),
    "open gop hevc": (36, lambda d: E(d / "a.mp4", IMAGES, codec="libx265", options=OPEN_HEVC)),
    "intra refresh": (
        36,
        lambda d: E(
            d / "a.mp4", IMAGES, options={"x264-params": "intra-refresh=1:keyint=10:bframes=0"}
        ),
    ),
    "edit list": (
        29,
        lambda d: E(
            d / "a.mp4",
            IMAGES,
            b_frames=2,
            change=_shift(7),
            muxer={"avoid_negative_ts": "disabled"},
        ),
    ),
    "late start": (36, lambda d: E(d / "a.mp4", IMAGES, b_frames=2, pts=range(100, 136))),
    "late start mkv": (36, lambda d: E(d / "a.mkv", IMAGES, pts=range(100, 136))),
    "odd size": (16, lambda d: E(d / "a.mp4", ODD, codec="mpeg4")),
    "odd size ffv1": (16, lambda d: E(d / "a.mkv", ODD, codec="ffv1", pix_fmt="yuv444p")),
    "odd size vp9": (16, lambda d: E(d / "a.webm", ODD, codec="libvpx-vp9")),
    "rotated 90": (36, lambda d: media.rotate(E(d / "a.mp4", IMAGES), 90)),
    "rotated 180": (36, lambda d: media.rotate(E(d / "a.mp4", IMAGES), 180)),
    "rotated 270": (36, lambda d: media.rotate(E(d / "a.mp4", IMAGES), 270)),
    "fragmented": (36, lambda d: E(d / "a.mp4", IMAGES, b_frames=2, muxer=FRAGMENTS)),
    "cut fragmented": (
        None,
        lambda d: media.cut(E(d / "a.mp4", IMAGES, b_frames=2, muxer=FRAGMENTS), 0.7),
    ),
    "cut mp4": (
        None,
        lambda d: media.cut(E(d / "a.mp4", IMAGES, b_frames=2, muxer=FASTSTART), 0.7),
    ),
    "cut mkv": (None, lambda d: media.cut(E(d / "a.mkv", IMAGES, b_frames=2), 0.7)),
    "cut ts": (None, lambda d: media.cut(E(d / "a.ts", IMAGES, b_frames=2), 0.7)),
    "cut avi": (
        None,
        lambda d: media.cut(E(d / "a.avi", IMAGES, codec="mpeg4", b_frames=2), 0.7),
    ),
    "begins in the middle": (None, lambda d: _middle_of_stream(d / "a.ts")),
    "no key at the start": (
        None,
        lambda d: media.remux(E(d / "a.mp4", IMAGES, b_frames=2), d / "b.mkv", change=_drop(5)),
    ),
    "scratched mp4": (
        None,
        lambda d: media.scratch(E(d / "a.mp4", IMAGES, b_frames=2), [0.3, 0.6]),
    ),
    "scratched ts": (
        None,
        lambda d: media.scratch(E(d / "a.ts", IMAGES, b_frames=2), [0.3, 0.6]),
    ),
    "scratched avi": (
        None,
        lambda d: media.scratch(E(d / "a.avi", IMAGES, codec="mpeg4", b_frames=2), [0.3, 0.6]),
    ),
    "fields together": (
        30,
        lambda d: fields.write_fields(d / "a.mkv", fields.field_pairs(30), apart=False),
    ),
    "fields apart": (
        30,
        lambda d: fields.write_fields(d / "a.mkv", fields.field_pairs(30), apart=True),
    ),
    "fields in ts": (
        30,
        lambda d: fields.write_fields(d / "a.ts", fields.field_pairs(30), apart=True),
    ),
    "vp8 with hidden frames": (
        29,
        lambda d: E(
            d / "a.webm", IMAGES, codec="libvpx", options={"deadline": "realtime"}, change=_hide
        ),
    ),
    "vp9": (
        36,
        lambda d: E(
            d / "a.webm",
            IMAGES,
            codec="libvpx-vp9",
            options={"auto-alt-ref": "1", "lag-in-frames": "16", "cpu-used": "8"},
        ),
    ),
    "repeated timestamps": (36, lambda d: E(d / "a.mkv", IMAGES, change=_repeat_times)),
    "no timestamps": (36, lambda d: E(d / "a.h264", IMAGES, b_frames=2)),
    "two streams in a row": (56, lambda d: _joined(d, "a.ts", (64, 48))),
    "motion jpeg": (36, lambda d: E(d / "a.avi", IMAGES, codec="mjpeg", pix_fmt="yuvj420p")),
    "rgb": (16, lambda d: E(d / "a.mov", ODD, codec="png", pix_fmt="rgb24")),
    "10 bit": (16, lambda d: E(d / "a.mkv", IMAGES[:16], pix_fmt="yuv420p10le")),
    "interlaced": (
        36,
        lambda d: E(
            d / "a.ts", IMAGES, b_frames=2, options={"x264-params": "interlaced=1:tff=1"}
        ),
    ),
}


def _sum(image: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(image).tobytes())


def _plainly(path: Path) -> list[int]:
    """Sums of all pictures, by PyAV alone, in order, past what does not decode."""
    sums = []
    with av.open(f"file:{path}") as container:
        chosen = container.streams.best("video")
        chosen.codec_context.thread_count = 1
        for packet in container.demux(chosen):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in frames:
                picture = frame.to_ndarray(format="rgb24")
                sums.append(_sum(np.rot90(picture, frame.rotation // 90)))
    return sums


def _check(video: FileVideo, plain: list[int], order: list[int]) -> None:
    assert len(video) == len(plain)
    assert [_sum(video[i]) for i in order] == [plain[i] for i in order]
    for step in (2, 3, 7):
        some = [_sum(frame.image) for frame in video.read(range(0, len(plain), step))]
        assert some == plain[::step]
    for number in order[:8]:
        way = [
            (passing.number, _sum(passing.frame().image)) for passing in video.towards(number)
        ]
        assert way == [(at, plain[at]) for at, _ in way]
        assert [at for at, _ in way] == sorted({at for at, _ in way})
        assert way[-1][0] == number
        # Somebody turns back, and asks for a frame that decoding may just have passed over.
        beyond = islice(video.towards(len(plain) - 1), 5)
        for near in {min(passing.number + 2, len(plain) - 1) for passing in beyond}:
            assert _sum(video.frame(near).image) == plain[near]


@pytest.mark.parametrize("name", MADE)
def test_made(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count, make = MADE[name]
    path = make(tmp_path)
    plain = _plainly(path)
    assert plain
    assert count is None or len(plain) == count
    order = list(range(len(plain)))
    random.Random(name).shuffle(order)
    with open_video(path) as video:
        _check(video, plain, order)
        assert [_sum(frame.image) for frame in video.frames()] == plain
        stamps = [video.index.timestamp(i) for i in range(len(video))]
        assert stamps == sorted(set(stamps))
    # The way of long files, which are not decoded completely before their first use.
    monkeypatch.setattr(build, "DECODED_COMPLETELY", 0)
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "another"))
    with open_video(path) as video:
        _check(video, plain, order)


def test_stored_rgb_comes_out_as_it_went_in(tmp_path: Path) -> None:
    with open_video(MADE["rgb"][1](tmp_path)) as video:
        assert all(np.array_equal(video[i], image) for i, image in enumerate(ODD))
        video[3][:] = 0
        assert np.array_equal(video[3], ODD[3])
        assert np.array_equal(video[2], ODD[2])
        assert np.array_equal(video[3], ODD[3])


def test_size_that_changes_on_the_way(tmp_path: Path) -> None:
    path = _joined(tmp_path, "a.ts", (80, 64))
    with open_video(path) as video:
        assert {frame.image.shape for frame in video.frames()} == {(48, 64, 3)}
        assert len(video) == 56
        assert any("size" in text for text in video.warnings)


def test_damage_is_flagged(tmp_path: Path) -> None:
    path = media.scratch(E(tmp_path / "a.mp4", IMAGES, b_frames=2), [0.3, 0.6])
    with open_video(path) as video:
        flagged = [frame.number for frame in video.frames() if frame.corrupt]
        assert flagged
        assert len(flagged) < len(video)
        assert any("amaged" in text for text in video.warnings)


def test_rotation_turns_the_picture_upright(tmp_path: Path) -> None:
    with open_video(E(tmp_path / "a.mp4", IMAGES)) as video:
        upright = video[20]
    for degrees in (90, 180, 270):
        path = media.rotate(E(tmp_path / f"{degrees}.mp4", IMAGES), degrees)
        with open_video(path) as video:
            assert (video.height, video.width) == video[20].shape[:2]
            assert np.array_equal(video[20], np.rot90(upright, -degrees // 90))


def test_edit_list_hides_what_it_cuts(tmp_path: Path) -> None:
    with open_video(MADE["edit list"][1](tmp_path)) as video:
        errors = [np.abs(video[0].astype(int) - image).mean() for image in IMAGES]
        assert int(np.argmin(errors)) == 7
        assert video.index.seconds(0) == 0.0


def test_variable_rate_keeps_its_times(tmp_path: Path) -> None:
    with open_video(MADE["variable rate"][1](tmp_path)) as video:
        seconds = [video.index.seconds(i) for i in range(len(video))]
        assert seconds == pytest.approx([t / 1000 for t in VFR], abs=1e-4)


def test_verify_mends_a_wrong_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hole that no sample hits is found by decoding everything, and remembered."""
    monkeypatch.setattr(build, "DECODED_COMPLETELY", 0)
    images = media.pictures(240, 32, 32)

    def blank(packets: list[av.Packet]) -> None:
        packets[110] = _rewritten(packets[110], b"\0\0\1\xb6\x50\0")

    path = E(tmp_path / "a.avi", images, codec="mpeg4", change=blank)
    with open_video(path) as video:
        assert len(video) == 240
        in_order = list(video.frames(100, 120))
        assert [frame.number for frame in in_order if frame.corrupt] == [110]
        assert np.array_equal(in_order[10].image, in_order[9].image)
        assert np.array_equal(video[110], video[109])
        last = list(verify(video))[-1]
        assert isinstance(last, Verified)
        assert (last.frames, last.changed) == (239, True)
    with open_video(path) as video:
        assert len(video) == 239 == len(_plainly(path))


DECODER = {
    "-video-with-dash-.mp4": 5,
    "av1_video.mkv": 125,
    "bigbuckbunny.mp4": 132,
    "bikes.mp4": 250,
    "bt709_full_range.mp4": 30,
    "carphone_distorted.mp4": 120,
    "carphone_pristine.mp4": 120,
    "counter.mp4": 30,
    "datumaro_video.avi": 8,
    "delayed_start.mp4": 24,
    "flipping_a_pancake.mkv": 310,
    "h264_10bits.mp4": 30,
    "h265_10bits.mp4": 30,
    "h265_video.mp4": 10,
    "nasa_13013.mp4": 390,
    "realshort.mp4": 36,
    "sleap_small_robot.mp4": 166,
    "unordered.mov": 4,
    "video_180.mov": 3,
    "video_90.mov": 3,
}


def _pictures(path: Path, wanted: set[int]) -> tuple[int, dict[int, int]]:
    """The count of frames and the sums of some pictures, by PyAV alone, in order."""
    sums, count = {}, 0
    with av.open(f"file:{path}") as container:
        stream = container.streams.best("video")
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            if count in wanted:
                picture = frame.to_ndarray(format="rgb24")
                sums[count] = _sum(np.rot90(picture, frame.rotation // 90))
            count += 1
    return count, sums


@pytest.mark.parametrize(
    "name",
    [f"decoder/{name}" for name in DECODER] + ["camvid/0016E5c_15hz.mp4", "video/crossing.mp4"],
)
def test_shared_file(name: str, shared_data: Path) -> None:
    path = shared_data / name
    with open_video(path) as video:
        assert len(video) == DECODER.get(path.name, len(video))
        some = 12 if len(video) < 200 else 5
        order = random.Random(name).sample(range(len(video)), min(some, len(video)))
        count, sums = _pictures(path, set(order))
        assert count == len(video)
        assert {i: _sum(video[i]) for i in order} == sums


def test_counter_shows_its_number(shared_data: Path) -> None:
    from PIL import Image

    folder = shared_data / "decoder" / "counter_frames"
    with open_video(shared_data / "decoder" / "counter.mp4") as video:
        for number in (28, 3, 17):
            errors = {}
            for other in (number - 1, number, number + 1):
                with Image.open(folder / f"frame{other + 1:03d}.png") as told:
                    picture = np.asarray(told.convert("RGB"))[::3, ::3].astype(int)
                errors[other] = np.abs(video[number][::3, ::3] - picture).mean()
            assert min(errors, key=errors.__getitem__) == number


@pytest.mark.parametrize("stream", [0, 3])
def test_nasa_timestamps(stream: int, shared_data: Path) -> None:
    import json

    path = shared_data / "decoder" / "nasa_13013.mp4"
    told = json.loads(
        (path.parent / f"{path.name}.stream{stream}.all_frames_info.json").read_text()
    )
    with open_video(path, stream=stream) as video:
        assert len(video) == len(told)
        base = video.index.time_base
        assert base is not None
        for number, frame in enumerate(told):
            stamp = video.index.timestamp(number)
            assert stamp is not None
            assert float(stamp * base) == pytest.approx(float(frame["pts_time"]), abs=1e-5)
