"""Whether a file is still what it was while somebody read it."""

from __future__ import annotations

from framesift.errors import EnvironmentProblem
from framesift.video import Video, file_state


class Unchanged:
    """Remembers what a video's file is now; to be asked later whether it still is. Folders are
    not looked through: a picture that changes or goes is seen when it is read."""

    def __init__(self, video: Video) -> None:
        self._path, self._kind = video.path, video.kind
        self._state = file_state(video.path) if video.kind == "file" else None

    def check(self) -> None:
        """EnvironmentProblem where the file was changed, cut off or taken away meanwhile."""
        if self._state is None:
            return
        try:
            same = file_state(self._path) == self._state
        except OSError:
            same = False
        if not same:
            raise EnvironmentProblem(
                f"{self._path} was changed while it was scored; what was scored since the last "
                "look at it is not kept. Run it again once nothing writes to the file."
            )
