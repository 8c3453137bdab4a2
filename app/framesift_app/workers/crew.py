"""All threads that work for the window: started together, rested and ended together."""

from __future__ import annotations

from framesift_app.workers.frame_loader import FrameLoader
from framesift_app.workers.inference import Inference
from framesift_app.workers.priority import LONG, LOOKED_AT, SOON
from framesift_app.workers.project_thread import ProjectThread
from framesift_app.workers.relay import Relay
from framesift_app.workers.threads import Worker


class Crew:
    """One thread for each kind of work, so that none waits for another kind."""

    def __init__(self, relay: Relay) -> None:
        self.project = ProjectThread(relay)
        self.inference = Inference(relay)
        self.frames = FrameLoader("frames", relay)
        self.thumbnails = FrameLoader("thumbnails", relay, SOON)
        self.selecting = Worker("selecting", relay, LOOKED_AT)
        self.files = Worker("files", relay, SOON)
        self.training = Worker("training", relay, LONG)

    def rest(self) -> None:
        """Closes the files of the project that are open for reading."""
        for thread in (self.frames, self.thumbnails, self.inference):
            thread.rest()

    def close(self) -> None:
        """Ends all of them; what the project was asked for is done then."""
        for worker in (
            self.inference,
            self.training,
            self.files,
            self.selecting,
            self.frames,
            self.thumbnails,
            self.project,
        ):
            worker.close()
