"""Where and how a detector runs."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.errors import InputError
from framesift.records.settings import check, setting

BACKEND_NAMES = ("auto", "torch", "openvino", "openvino-gpu")
MOST_TILES = 16
FASTEST = "an experiment runs as `framesift simulate --device` says, in the fastest format"


def parse_tiles(text: str) -> tuple[int, int]:
    """(columns, rows) of "COLUMNSxROWS"; InputError for anything else."""
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(p.isdecimal() and 1 <= int(p) <= MOST_TILES for p in parts):
        raise InputError(
            f"{text!r} is no number of tiles; write columns and rows as 2x2, at "
            f"most {MOST_TILES}x{MOST_TILES} (1x1: none)."
        )
    return int(parts[0]), int(parts[1])


def tiles(value: object) -> str:
    """A number of tiles as it is written. Raises InputError, ValueError for what is no text."""
    if not isinstance(value, str):
        raise ValueError
    columns, rows = parse_tiles(value)
    return f"{columns}x{rows}"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where and how a detector runs; the table says what each setting does."""

    device: str = setting(
        "auto",
        title="Compute on",
        help="where detectors run; auto is the fastest there is",
        choices={
            "auto": "Automatic",
            "cuda": "NVIDIA GPU (CUDA)",
            "mps": "Apple GPU (Metal)",
            "cpu": "Processor (CPU)",
        },
        in_recipe=False,
        absent={"simulate": FASTEST},
    )
    precision: str = setting(
        "auto",
        title="Number format",
        help="number format of the network; auto is float32 on processors",
        choices=("auto", "float32", "bfloat16", "float16"),
        absent={"window": "float32 on processors", "simulate": FASTEST},
    )
    backend: str | None = setting(
        None,
        title="Backend",
        help="what runs the network on a processor; auto tries which is faster, in float32",
        choices=BACKEND_NAMES,
        empty="as the project keeps it, else auto",
        absent={
            "window": "a project keeps what its first scores were made with",
            "simulate": "experiments run in torch",
        },
    )
    tiles: str | None = setting(
        None,
        title="Tiles",
        help="see a frame in overlapping tiles, e.g. 2x2, so that memory goes by the tile",
        parse=tiles,
        empty="1x1, or as the project keeps it",
        metavar="COLUMNSxROWS",
        absent={
            "window": "a project keeps what the command line said",
            "simulate": "experiments see frames whole",
        },
    )
    threads: int | None = setting(
        None,
        title="Processor threads",
        help="processor threads for the network",
        low=1,
        empty="all cores",
        metavar="N",
        in_recipe=False,
        absent={
            "window": "it takes all cores",
            "simulate": "`threads` of the experiment says it",
        },
    )

    def __post_init__(self) -> None:
        check(self, "detector")
