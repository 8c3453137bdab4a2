"""What is shown again of what the initial detector learnt from, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, setting


@dataclass(frozen=True, slots=True)
class Replay:
    """Frames of the initial detector's own kind beside the labelled ones, so that new labels
    do not make it forget; the table says what each setting does."""

    share: float = setting(
        0.0,
        title="Replayed",
        help="share of each step's frames that are of the initial detector's own kind of data, "
        "so that it does not forget",
        low=0.0,
        high=0.9,
        option="replay",
        metavar="SHARE",
    )
    source: str = setting(
        "drawn",
        title="Replayed from",
        help="drawn: street scenes as the bundled detector learnt from; or a labelled data set "
        "as KIND:PATH, e.g. coco:old.json",
        option="replay-from",
        metavar="SOURCE",
    )
    frames: int = setting(
        300,
        title="Replayed frames",
        help="how many are drawn, once, and kept; of a data set, how many are read at most",
        low=1,
        high=100_000,
        option="replay-frames",
        metavar="N",
    )

    tone: str = setting(
        "own",
        title="Tone of replayed frames",
        help="whether replayed frames keep their light and colours, or take on those of "
        "labelled frames drawn at random",
        choices={"own": "Their own", "labelled": "That of labelled frames"},
        option="replay-tone",
    )

    def __post_init__(self) -> None:
        check(self, "replay")

    def of(self, batch: int) -> int:
        """How many frames of a batch are replayed; one at least is labelled."""
        return min(round(self.share * batch), batch - 1)
