"""What labels leave a project, and how they come in."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, like, setting

OUT, INTO = "export", "import"
"""What the tables are called."""
NO_LABELS = {"simulate": "an experiment brings no labels in and takes none out"}


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """What an export holds; the table says what each setting does."""

    part: str = setting(
        "both",
        title="Frames",
        help="the frames that may train, those of the measuring set, or both",
        choices={
            "training": "What may train, without the measuring set",
            "measuring": "The measuring set alone",
            "both": "Both, as one",
        },
        in_recipe=False,
        absent=NO_LABELS,
    )
    pictures: bool = setting(
        False,
        title="The frames go along, as pictures",
        help="the frames go along",
        in_recipe=False,
        absent=NO_LABELS,
    )
    to_label: bool = setting(
        False,
        title="Picks without labels go along, to be labelled elsewhere",
        help="the latest cycle's unlabelled picks go along, to be labelled elsewhere (with "
        "their pictures)",
        in_recipe=False,
        absent=NO_LABELS,
    )
    derived: bool = setting(
        False,
        title="Boxes between key boxes go along in every format",
        help="boxes between the key boxes of tracks go along also where the format cannot tell "
        "them from a person's",
        in_recipe=False,
        absent=NO_LABELS,
    )
    square_pixels: bool = setting(
        False,
        title="Count square pixels",
        help="boxes and pictures of videos whose pixels are not square count pixels as players "
        "show them, for tools that do",
        in_recipe=False,
        absent=NO_LABELS,
    )
    overwrite: bool = setting(
        False,
        title="Replace what is in the folder",
        help="replace an earlier export",
        in_recipe=False,
        absent=NO_LABELS,
    )

    def __post_init__(self) -> None:
        check(self, OUT)


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How a file's entries become labels; the table says what each setting does."""

    by_order: bool = setting(
        False,
        title="The n-th picture of the file is frame n",
        help="the n-th picture of the file is frame n",
        in_recipe=False,
        absent=NO_LABELS,
    )
    count_from: int | None = setting(
        None,
        title="Numbers in names count from",
        help="what the numbers in pictures' names count from",
        low=0,
        high=1,
        empty="0, or 1 where they run up to exactly the number of frames",
        metavar="0|1",
        in_recipe=False,
        absent=NO_LABELS,
    )
    square_pixels: bool = like(
        ExportSettings,
        "square_pixels",
        help="the file counts pixels of videos whose pixels are not square as players show "
        "them",
    )
    outlines: bool = setting(
        False,
        title="Outlines become boxes",
        help="polygons, masks, ellipses and turned boxes become the upright boxes around them",
        in_recipe=False,
        absent=NO_LABELS,
    )
    add_classes: bool = setting(
        False,
        title="Add classes that the project lacks",
        help="classes that the project lacks are added",
        in_recipe=False,
        absent=NO_LABELS,
    )
    confirm: bool = setting(
        False,
        title="Boxes between keyframes are labels",
        help="boxes between the keyframes of the file's tracks are labels, as if each had been "
        "looked at; else they are derived boxes, which somebody has yet to confirm",
        in_recipe=False,
        absent=NO_LABELS,
    )
    keep: bool = setting(
        False,
        title="Frames that have labels keep them",
        help="frames that have labels keep them",
        in_recipe=False,
        absent=NO_LABELS,
    )

    def __post_init__(self) -> None:
        check(self, INTO)
