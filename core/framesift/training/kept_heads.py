"""What becomes of heads in fine-tuning: the features change, so they learn anew."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.detectors.files.checkpoint import lineage_of, load_checkpoint, save_checkpoint
from framesift.errors import InputError
from framesift.records import Notice, Progress
from framesift.training.heads import TRAINERS, HeadTrained, train_heads

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.training.data import Source
    from framesift.training.settings import TrainSettings


@dataclass(frozen=True, slots=True, eq=False)
class KeptHeads:
    """The heads that a training ends with. names: of TRAINERS; previous: the detector as it was
    before, which has not learnt from the labelled frames (None without names)."""

    names: tuple[str, ...]
    previous: Detector | None

    @staticmethod
    def of(detector: Detector, settings: TrainSettings) -> KeptHeads:
        """Those of a detector that is about to be trained; it has none from here on."""
        known = {"kept": [*detector.heads], "all": [*TRAINERS], "dropped": []}[settings.heads]
        names = tuple(name for name in TRAINERS if name in known)
        detector.heads = {}
        detector.forget()
        return KeptHeads(names, copy.deepcopy(detector) if names else None)

    def trained(
        self,
        detector: Detector,
        source: Source,
        validation: Source | None,
        path: Path,
        seed: int,
    ) -> Iterator[Progress | Notice]:
        """Trains them for the detector that came out and puts them into its checkpoint `path`;
        those that lie there already are taken. What prevents it is a Notice."""
        if not self.names:
            return
        there = load_checkpoint(path).heads
        if {*self.names} <= {*there}:
            detector.heads = {name: head.to(detector.device) for name, head in there.items()}
            return
        records = train_heads(
            detector,
            source,
            validation,
            names=self.names,
            previous=self.previous,
            seed=seed,
        )
        told: dict[str, object] = {}
        try:
            for record in records:
                if isinstance(record, HeadTrained):
                    told[record.name] = asdict(record)
                    yield Notice(f"Trained the head {record}.")
                else:
                    yield record
        except InputError as error:
            lost = [name for name in self.names if name not in told]
            yield Notice(f"Left behind: {', '.join(lost)}. {error}")
            if not told:
                return
        lineage = lineage_of(path)
        lineage["trained"] = {**lineage.get("trained", {}), "heads": told}
        save_checkpoint(path, detector, lineage)
