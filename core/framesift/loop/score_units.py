"""What a unit of scoring is: a span of one video's frames under one recipe, and its result as a
file of arrays."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.cluster import Made
from framesift.errors import EnvironmentProblem, InputError
from framesift.loop.eight_bits import in_eight_bits
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.series import recipe_identity

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.video import Video

KIND = "score"
MAXIMA = 5


@dataclass(frozen=True, slots=True)
class Scored:
    """The result of a unit: frame numbers int64 N, scores float32 N, maxima float32 N×5×3 (x,
    y, value; NaN where there are fewer), whether each frame is damaged, the frame whose score
    each took over (int64 N; itself for most), descriptors N×T by name (uint8; the features that
    the writer makes embeddings of float16); `picture`: the digest of the first frame's pixels
    ("" without frames)."""

    frames: NDArray[np.int64]
    scores: NDArray[np.float32]
    maxima: NDArray[np.float32]
    damaged: NDArray[np.bool_]
    sources: NDArray[np.int64]
    descriptors: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    picture: str = ""

    def to_bytes(self) -> bytes:
        """The file's content; equal results give equal bytes."""
        arrays: dict[str, Any] = {
            "frames": self.frames,
            "scores": self.scores,
            "maxima": self.maxima,
            "damaged": self.damaged,
            "sources": self.sources,
            "picture": np.frombuffer(self.picture.encode(), np.uint8),
            **{f"descriptor {name}": rows for name, rows in self.descriptors.items()},
        }
        out = io.BytesIO()
        np.savez(out, **arrays)
        return out.getvalue()

    @staticmethod
    def of_bytes(content: bytes) -> Scored:
        """Reads a file's content. Raises ValueError for what is none."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                start = "descriptor "
                return Scored(
                    arrays["frames"],
                    arrays["scores"],
                    arrays["maxima"],
                    arrays["damaged"],
                    arrays["sources"],
                    {n.removeprefix(start): arrays[n] for n in arrays if n.startswith(start)},
                    arrays["picture"].tobytes().decode(),
                )
        except (KeyError, OSError, zipfile.BadZipFile, EOFError) as error:
            raise ValueError("no result of a unit") from error


def packed(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """A mask (bool H×W) as JSON can hold it."""
    bits = zlib.compress(np.packbits(mask).tobytes())
    return {"shape": list(mask.shape), "bits": b64encode(bits).decode()}


def unpacked(mask: Mapping[str, Any]) -> NDArray[np.bool_]:
    """What `packed` packed."""
    height, width = mask["shape"]
    bits = np.frombuffer(zlib.decompress(b64decode(mask["bits"])), np.uint8)
    return np.unpackbits(bits, count=height * width).reshape(height, width).astype(np.bool_)


def picture_digest(video: Video, number: int) -> str:
    """Of a frame's pixels: what machines that decode otherwise differ in."""
    return hashlib.sha256(video.frame(number).image.tobytes()).hexdigest()[:32]


class ScoreUnits:
    """The handler of scoring: keeps the detector from unit to unit.

    footage: folders to look for videos in that do not lie where the coordinator saw them.
    """

    def __init__(self, footage: tuple[Path, ...] = ()) -> None:
        self._footage = footage
        self._ready: tuple[Any, Detector] | None = None

    def __call__(
        self, shared: Mapping[str, Any], task: Mapping[str, Any]
    ) -> Iterator[Made | Progress | Notice]:
        """Scores a unit. Raises InputError for a video that is not here or is another one, and
        for a machine that would compute otherwise."""
        from framesift.scores import FrameScorer, pipeline

        numbers = range(*task["frames"])
        if not len(numbers):
            yield Made(_arrays([], "").to_bytes())
            return
        detector = self._detector(shared)
        mask = None if task["mask"] is None else unpacked(task["mask"])
        # A recipe holds what the files of other detectors hold, not where they lie.
        others = {"ensemble": shared["others"]} if shared.get("others") else {}
        scorer = FrameScorer.from_recipe({**shared["score"], **others}, mask=mask)
        scored: list[pipeline.ScoredFrame] = []
        with self._opened(task) as video:
            batch, unchanged = shared["batch"], shared["unchanged"]
            recipe = pipeline.make_recipe(video, detector, scorer, batch, unchanged)
            _check_recipe(recipe.settings, task["recipe"])
            meter = RateMeter(len(numbers), "frames", "scoring")
            records = pipeline.score_numbers(
                video,
                detector,
                [scorer],
                numbers,
                batch,
                meter,
                features=shared["features"],
                unchanged=unchanged,
            )
            with closing(records):
                for record in records:
                    if isinstance(record, pipeline.ScoredFrame):
                        scored.append(record)
                    elif isinstance(record, Progress | Notice):
                        yield record
            picture = picture_digest(video, numbers[0])
        yield Made(_arrays(scored, picture).to_bytes())

    def _detector(self, shared: Mapping[str, Any]) -> Detector:
        from framesift.detectors.files.checkpoint import load_detector
        from framesift.detectors.tiled import tiled
        from framesift.scores.pipeline import use_threads

        about = {name: shared[name] for name in ("detector", "identity", "run")}
        if self._ready is None or self._ready[0] != about:
            run = shared["run"]
            use_threads(run["threads"])
            detector = tiled(
                load_detector(
                    shared["detector"],
                    run["device"],
                    precision=run["precision"],
                    backend=run["backend"],
                ),
                run["tiles"],
            )
            detector = in_eight_bits(detector, run.get("eight_bits"))
            if detector.identity() != shared["identity"]:
                raise InputError(
                    f"The detector {shared['detector']} is another one on this machine; have "
                    "all machines see the same file."
                )
            self._ready = (about, detector)
        return self._ready[1]

    def _opened(self, task: Mapping[str, Any]) -> Video:
        from framesift.video import open_stills, open_video

        places = [Path(task["path"]), *(f / Path(task["path"]).name for f in self._footage)]
        for place in places:
            if not place.exists():
                continue
            video = (
                open_stills(place)
                if task["kind"] == "stills"
                else open_video(place, stream=task["stream"], fps=task["fps"])
            )
            if video.fingerprint == task["fingerprint"]:
                return video
            video.close()
        raise InputError(
            f"The video {task['path']} is not here, or is another one; mount it where the "
            "project has it, or name its folder with --footage."
        )


def _check_recipe(here: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    if recipe_identity(here) == recipe_identity(there):
        return
    names = sorted({*here, *there})
    other = next((n for n in names if here.get(n) != there.get(n)), "")
    raise EnvironmentProblem(
        f"This machine would score otherwise than the coordinator's: {other} is "
        f"{here.get(other)!r} here and {there.get(other)!r} there."
    )


def _arrays(scored: list[Any], picture: str) -> Scored:
    maxima = np.full((len(scored), MAXIMA, 3), np.nan, np.float32)
    for row, frame in zip(maxima, scored, strict=True):
        for at, place in enumerate(frame.maxima[:MAXIMA]):
            row[at] = place
    names = scored[0].descriptors if scored else ()
    return Scored(
        np.array([frame.frame for frame in scored], np.int64),
        np.array([frame.score for frame in scored], np.float32),
        maxima,
        np.array([frame.damaged for frame in scored], np.bool_),
        np.array(
            [frame.frame if frame.source is None else frame.source for frame in scored],
            np.int64,
        ),
        {name: np.stack([frame.descriptors[name] for frame in scored]) for name in names},
        picture,
    )


def borders(video: Any, length: int, least: int) -> list[tuple[int, int]]:
    """Spans of a video, each of `least` frames or a little more: they begin where decoding can
    begin, so that no worker decodes what another one needs."""
    from framesift.video import FileVideo

    starts = (
        [entry.rank for entry in video.table.entries]
        if isinstance(video, FileVideo)
        else list(range(0, length, least))
    )
    cuts = [0]
    for start in starts:
        if start - cuts[-1] >= least:
            cuts.append(start)
    return list(zip(cuts, [*cuts[1:], length], strict=True))
