"""What every part of an experiment works with: its store, its footage, and where it runs."""

from __future__ import annotations

import functools
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.records import RateMeter, closing
from framesift.scores.embedding import EMBEDDING
from framesift.scores.strategies import strategy_named
from framesift.selection import DESCRIPTORS
from framesift.selection.frame_rules import LOOKS_BY
from framesift.simulate.pool import StagedDataset, frames, open_staged
from framesift.simulate.pool_scores import Record, Series, embeddings, scores_of
from framesift.simulate.resampling import resampled
from framesift.simulate.settings import Experiment
from framesift.simulate.store import Row, Store
from framesift.simulate.variants import Variant

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.evaluation import Evaluation


def _loaded(path: Path, device: str) -> Detector:
    from framesift.detectors.files.checkpoint import load_detector

    return load_detector(path, device=device, precision="float32", backend="torch")


@functools.lru_cache(maxsize=1)
def _kept(path: Path, changed: int, size: int, device: str) -> Detector:
    """A file that changed is read again."""
    return _loaded(path, device)


def forget_detector() -> None:
    """Lets go of the detector that tasks shared."""
    _kept.cache_clear()


@dataclass(eq=False)
class Stage:
    """An experiment's footage, opened, and its store. Use `opened` to make one; close it."""

    experiment: Experiment
    store: Store
    device: str
    pool: StagedDataset
    evaluation: StagedDataset

    def close(self) -> None:
        self.pool.footage.close()
        self.evaluation.footage.close()

    def detector(self, variant: Variant, seed: int, cycle: int) -> Detector:
        """The detector of a run after a cycle, to be trained."""
        return _loaded(self.store.checkpoint(variant, seed, cycle), self.device)

    def scoring_detector(self, variant: Variant, seed: int, cycle: int) -> Detector:
        """The same, for who leaves it as it is: tasks that follow one another share it."""
        path = self.store.checkpoint(variant, seed, cycle)
        about = path.stat()
        return _kept(path.absolute(), about.st_mtime_ns, about.st_size, self.device)

    def scored_by(
        self, variant: Variant, detector: Detector
    ) -> Generator[Record, None, tuple[dict[str, Series], float]]:
        """The values of every signal of a variant's strategy, and the seconds they took."""
        return (
            yield from scores_of(
                self.pool,
                self.store,
                detector,
                self.experiment.scorers_of(variant),
                embed=EMBEDDING in strategy_named(variant.strategy).prefers,
            )
        )

    def embedded(
        self, detector: Detector, name: str = EMBEDDING
    ) -> Mapping[str, NDArray[Any]] | None:
        """The embeddings that a detector makes of the candidates, or of their objects, by
        drive, as scoring kept them; None where it hands out no features."""
        return embeddings(self.pool, self.store, detector, name)

    def described(self, name: str) -> Generator[Record, None, Mapping[str, NDArray[Any]]]:
        """A descriptor of the candidates, by drive; made once."""
        descriptor = DESCRIPTORS[name]
        key = f"{'look' if name == LOOKS_BY else name}-{self.pool.identity[:40]}"
        names = [str(i) for i in range(len(self.pool.drives))]
        kept = self.store.read_scores(key)
        if kept is None:
            rows = {
                drive: np.zeros((len(of), descriptor.size), descriptor.dtype)
                for drive, of in self.pool.drives.items()
            }
            meter = RateMeter(len(self.pool.places), stage="comparing frames")
            with closing(frames(self.pool, self.pool.places)) as read:
                for (drive, number), image in read:
                    rows[drive][number] = descriptor.describe(image)
                    yield meter.advance()
            kept = dict(zip(names, rows.values(), strict=True))
            self.store.write_scores(key, kept)
        return dict(zip(self.pool.drives, (kept[n] for n in names), strict=True))

    def measured(
        self,
        detector: Detector,
        pool: StagedDataset,
    ) -> Generator[Record, None, Evaluation]:
        """The detector measured on all frames of a pool."""
        from framesift.evaluation import Evaluation, evaluate

        def items() -> Iterator[Any]:
            with closing(frames(pool, pool.places)) as read:
                for place, image in read:
                    yield place, image, pool.boxes(place)

        for record in evaluate(
            detector, items(), self.experiment.measuring, total=len(pool.places)
        ):
            if isinstance(record, Evaluation):
                return record
            yield record
        raise AssertionError("an evaluation ends with its result")

    def positive_iou(self, detector: Detector) -> Generator[Record, None, float | None]:
        """How well a second stage places what is proposed, over the evaluation footage; None
        where the experiment does not look at how boxes lie, and of other detectors."""
        from framesift.detectors.faster_rcnn import FasterRcnnDetector

        if not isinstance(detector, FasterRcnnDetector) or not self.experiment.measuring.coco:
            return None
        ious: list[NDArray[np.float64]] = []
        meter = RateMeter(len(self.evaluation.places), stage="measuring proposals")
        with closing(frames(self.evaluation, self.evaluation.places)) as read:
            for place, image in read:
                ious += detector.positive_ious(image[None], [self.evaluation.boxes(place)])
                yield meter.advance()
        every = np.concatenate(ious)
        return float(every.mean()) if len(every) else None


def opened(experiment: Experiment, store: Store, device: str) -> Iterator[Record | Stage]:
    """Opens the footage (drawing it first where it is drawn); the Stage comes last."""
    pools: list[StagedDataset] = []
    for spec in (experiment.pool, experiment.evaluation):
        for record in open_staged(spec, experiment.classes, store.footage):
            if isinstance(record, StagedDataset):
                pools.append(record)
            else:
                yield record
    yield Stage(experiment, store, device, *pools)


def row_of(evaluation: Evaluation, rates: Mapping[str, float], **values: Any) -> Row:
    """The row that an evaluation gives. rates: frames a second of the drives measured on."""
    result = evaluation.result()
    ious = evaluation.settings.ious
    curve = result.curve
    near = (curve.fppi >= 1e-3) & (curve.fppi <= 30)
    points = list(zip(curve.fppi[near].tolist(), curve.miss_rate[near].tolist(), strict=True))
    again, blocks = resampled(evaluation, rates)
    thin = points[:: max(1, len(points) // 120)]
    return Row(
        headline=evaluation.headline,
        miss_rate={f"{iou:g}": _plain(evaluation.miss_rate(iou)) for iou in ious},
        log_average={f"{iou:g}": _plain(evaluation.log_average_miss_rate(iou)) for iou in ious},
        ap50=_plain(evaluation.coco.ap50) if evaluation.coco else None,
        map=_plain(evaluation.coco.map) if evaluation.coco else None,
        matched_iou=_matched(evaluation),
        reachable=result.reachable,
        curve=tuple(thin),
        resampled=again,
        blocks=blocks,
        **values,
    )


def _matched(evaluation: Evaluation) -> float | None:
    each = [result.matched_iou for result in evaluation.at(evaluation.headline)]
    known = [value for value in each if np.isfinite(value)]
    return float(np.mean(known)) if known else None


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
