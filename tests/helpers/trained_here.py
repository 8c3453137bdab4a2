"""A project's training in the process that asks for it, for tests of what is learnt from and
what becomes of it: to start a process takes seconds, which `test_training_worker` and
`test_loop_end_to_end` spend to try it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from framesift.files import make_folder
from framesift.records import closing
from framesift.training import TrainWorker, outcome
from framesift.training.job import Record, TrainJob
from framesift.training.job_run import trained
from framesift.training.ranks import ALONE
from framesift.training.records import Finished


class TrainedHere(TrainWorker):
    """In the place of framesift.loop.training.TrainWorker; it cannot be asked to stop by
    another thread."""

    def records(self) -> Iterator[Record]:
        out = make_folder(Path(self.job.out))
        self.job.save(out / "job.json")
        # Of the file, as the process reads it.
        with closing(trained(TrainJob.load(out / "job.json"), ALONE)) as records:
            for record in records:
                if not isinstance(record, Finished):
                    yield record
        left = outcome(self.job.out)
        if left is not None:
            yield left
